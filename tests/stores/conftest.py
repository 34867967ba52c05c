"""What the tests of statuses stand on: the cache, emptied for the next test, and a station with ports."""

from collections.abc import Iterator

import pytest

from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from tests.servers import CacheServer
from tests.stores.status_words import Ports


@pytest.fixture
def cache(cache_server: CacheServer) -> Iterator[Cache]:
    opened = Cache(cache_server.url)
    yield opened
    opened.attempt(lambda client: client.flushall())
    opened.close()


@pytest.fixture
def ports(database: Database, cache: Cache, clock: FixedClock) -> Ports:
    return Ports(database, cache, clock)
