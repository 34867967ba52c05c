"""A running server as it is shipped, on each database; shared by the tests that ask it many things at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from faults.sites import Site, site
from tests.servers import CacheServer


@pytest.fixture(scope="session")
def shipped(templates: Any, cache_server: CacheServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made, _, guide = templates
    with made.copy(guide) as url, site(tmp_path_factory.mktemp("site") / "var", url, cache_server.url) as running:
        yield running
