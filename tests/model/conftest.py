"""How far the machine goes: `suite` by default, `soak` with `pytest tests/model -n 2 --hypothesis-profile=soak`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.services import of
from kernel.settings import read_settings
from tests.model.ground import BEGINNING, Ground
from tests.servers import CacheServer, cache


@pytest.fixture
def own_cache() -> Iterator[CacheServer]:
    """A cache that the machine may lose."""
    with cache() as server:
        yield server


@pytest.fixture
def ground(guide_url: str, own_cache: CacheServer, tmp_path: Path) -> Iterator[Ground]:
    environ = {"DATABASE_URL": guide_url, "REDIS_URL": own_cache.url, "VAR": str(tmp_path)}
    clock = FixedClock(BEGINNING)
    app = create_app(read_settings({f"PORTSIDE_{name}": value for name, value in environ.items()}), clock=clock)
    yield Ground(app, clock)
    of(app, Cache).close()
    of(app, Database).close()
