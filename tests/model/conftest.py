"""The machine's ground on each database."""

from collections.abc import Iterator

import pytest

from tests.model.ground import Ground, standing
from tests.servers import CacheServer


@pytest.fixture
def ground(guide_url: str, cache_server: CacheServer) -> Iterator[Ground]:
    with standing(guide_url, cache_server.url) as made:
        yield made
