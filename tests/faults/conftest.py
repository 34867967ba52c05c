"""A running server as it is shipped, on each database; shared by the tests that ask it many things at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faults.sites import Site
from faults.sites import site as running_site
from tests.faults.small_site import Serve
from tests.servers import CacheServer


@pytest.fixture(scope="session")
def shipped(templates: Any, cache_server: CacheServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made, _, guide = templates
    with (
        made.copy(guide) as url,
        running_site(tmp_path_factory.mktemp("site") / "var", url, cache_server.url) as running,
    ):
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Serve]:
    """The smallest application, not started yet."""
    made = Serve(tmp_path / "var")
    yield made
    made.end()
