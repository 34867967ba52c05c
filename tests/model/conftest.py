"""The machine's ground on each database."""

import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from tests.model.ground import Ground, standing
from tests.servers import CacheServer


@pytest.fixture
def ground(guide_url: str, cache_server: CacheServer) -> Iterator[Ground]:
    with standing(guide_url, cache_server.url) as made:
        yield made


@pytest.fixture
def progress(request: pytest.FixtureRequest) -> Callable[[int], None]:
    """Writes to stderr, past pytest's capture, after each hundred examples of a soak; the suite's parts are short."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    name, is_soak = request.node.name, settings.get_current_profile_name() == "soak"

    def say(done: int) -> None:
        if is_soak and done % 100 == 0:
            with capture.global_and_fixture_disabled():
                sys.stderr.write(f"{name}: {done} examples\n")

    return say
