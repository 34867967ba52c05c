"""Fixtures: the same tests on SQLite and on PostgreSQL, with a real cache server, on a clock that stands still."""

import gc
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accounts.demo_accounts import DemoAccounts
from accounts.drivers import DriverAccess
from app import create_app
from demo.guide_stations import guide_stations
from demo.network import demo_networks
from finder.catalogue import StationCatalogue
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.settings import Settings, read_settings
from tests.cheap_passwords import cheapen_passwords
from tests.conversation import Conversation
from tests.databases import PostgresTemplates, SqliteTemplates
from tests.in_memory import in_memory
from tests.live import serving
from tests.postgres import NoPostgres, postgres
from tests.rules.conftest import pytest_configure
from tests.servers import CacheServer, cache

__all__ = ["pytest_configure"]  # the profiles of the rules are those of all tests

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DIALECTS = ("sqlite", "postgresql")
LONG = ("tests/faults/test_runs.py", "tests/model/", "tests/api/test_schemathesis.py")
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, or at the end one process works and the other waits."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """What is there now stays to the end: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def cache_server() -> Iterator[CacheServer]:
    with cache() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    try:
        with postgres(in_memory()) as server:
            yield server.url
    except NoPostgres as reason:
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {reason}")


@pytest.fixture(scope="session", params=DIALECTS)
def templates(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Migrated databases of one kind, to be copied: `empty`, and `guide` with the guide's stations and demo keys."""
    if request.param == "sqlite":
        with tempfile.TemporaryDirectory(prefix="portside-sqlite-", dir=in_memory()) as directory:
            made: Any = SqliteTemplates(Path(directory))
            yield made, made.make("empty", lambda _: None), made.make("guide", fill_with_guide)
        return
    made = PostgresTemplates(request.getfixturevalue("postgres_url"), _WORKER)
    yield made, made.make("empty", lambda _: None), made.make("guide", fill_with_guide)
    made.close()


def fill_with_guide(database: Database) -> None:
    """The guide's example stations, the demo keys, the demo driver and its cards."""
    clock = FixedClock(NOW)
    catalogue = StationCatalogue(database, clock)
    with pytest.MonkeyPatch.context() as patch:
        cheapen_passwords(patch)
        DemoAccounts(database, clock, DriverAccess(database, clock)).load()
    catalogue.add_networks(demo_networks(), demo=True)
    catalogue.merge(guide_stations(), source="demo", complete=False, force=False)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def empty_url(templates: Any) -> Iterator[str]:
    made, empty, _ = templates
    with made.copy(empty) as url:
        yield url


@pytest.fixture
def guide_url(templates: Any) -> Iterator[str]:
    made, _, guide = templates
    with made.copy(guide) as url:
        yield url


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    """An empty migrated database."""
    opened = Database(empty_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(guide_url: str, cache_server: CacheServer, tmp_path: Path) -> Settings:
    environ = {
        "PORTSIDE_DATABASE_URL": guide_url,
        "PORTSIDE_REDIS_URL": cache_server.url,
        "PORTSIDE_VAR": str(tmp_path),
    }
    return read_settings(environ)


@pytest.fixture
def app(settings: Settings, clock: FixedClock) -> Iterator[Flask]:
    """The app on the guide's stations; the clock is `clock`."""
    made = create_app(settings, clock=clock)
    made.config["TESTING"] = True
    yield made
    close(made)


def close(app: Flask) -> None:
    """Close what an app opened, and empty the cache for the next test."""
    shelf = app.extensions["portside"]
    for kind in shelf:
        if kind.__name__ == "Cache":
            shelf[kind].attempt(lambda client: client.flushall())
            shelf[kind].close()
    shelf[Database].close()


@pytest.fixture
def api(app: Flask) -> Conversation:
    """A conversation as the demo client."""
    return Conversation(app)


@pytest.fixture(scope="session")
def live_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with the demo network, whose statuses stand still."""
    var = tmp_path_factory.mktemp("live") / "var"
    with serving(var, PORTSIDE_DEMO_MOVES="off") as base:
        yield base
