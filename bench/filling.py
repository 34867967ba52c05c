"""A filled installation for benches: made-up stations and reports, taken in by the product's own use cases."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis
from sqlalchemy import text

from accounts.clients import ClientAccess
from app import create_app
from bench.made_up import SOURCE, made_up_reports, made_up_stations
from bench.plain_stack import prepare as prepare_plain_stack
from finder.catalogue import StationCatalogue
from finder.domain.station import Station
from finder.live_status import LiveStatus
from finder.said import Said
from finder.status_cache import StatusCache
from kernel import schema
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.installation import Installation
from kernel.settings import read_settings

REQUESTS_PER_MIN = 1_000_000
_HEARD = timedelta(minutes=3)  # before now: past what the background worker tells the cache again, and still fresh
_REPORTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put in, the API key of a client that no limit stops, and how many a second were taken in."""

    stations: Sequence[Station]
    key: str
    stations_per_s: float
    reports_per_s: float
    plain_select_s: float


def fill(*, var: Path, database_url: str, redis_url: str, stations: int, seed: int) -> Filled:
    """Bring the schema up to date and take everything in: the statuses for the plain stack too."""
    settings = {"PORTSIDE_VAR": str(var), "PORTSIDE_DATABASE_URL": database_url, "PORTSIDE_REDIS_URL": redis_url}
    shelf = create_app(read_settings(settings)).extensions["portside"]
    database: Database = shelf[Database]
    schema.upgrade(database)
    say(f"making up {stations:,} stations")
    made = list(made_up_stations(stations, seed=seed))
    stations_per_s = _merged(shelf[StationCatalogue], made)
    moment = datetime.now(UTC) - _HEARD
    reports = list(made_up_reports(made, moment, seed=seed))
    cache = Cache(redis_url)
    live_status = LiveStatus(database, StatusCache(cache, Installation(database)), FixedClock(moment))
    reports_per_s = _taken(live_status, reports)
    say("preparing the plain stack")
    redis = Redis.from_url(redis_url)
    prepare_plain_stack(database.engine, redis, zip(_port_ids(database), reports, strict=True))
    redis.close()
    cache.close()
    key = shelf[ClientAccess].create("bench", requests_per_min=REQUESTS_PER_MIN)
    plain_select_s = _plain_select_s(database)
    database.close()
    return Filled(made, key, stations_per_s, reports_per_s, plain_select_s)


def say(progress: str) -> None:
    """Progress, on stderr."""
    print(f"bench: {progress}", file=sys.stderr, flush=True)


def _merged(catalogue: StationCatalogue, stations: Sequence[Station]) -> float:
    say("taking them in")
    began = time.perf_counter()
    catalogue.merge(stations, source=SOURCE, complete=True, force=True)
    return len(stations) / (time.perf_counter() - began)


def _taken(live_status: LiveStatus, reports: Sequence[Said]) -> float:
    say(f"taking in {len(reports):,} status reports")
    began = time.perf_counter()
    for start in range(0, len(reports), _REPORTS_AT_ONCE):
        live_status.take(reports[start : start + _REPORTS_AT_ONCE])
    return len(reports) / (time.perf_counter() - began)


def _port_ids(database: Database) -> list[int]:
    """Keys of all ports in the order in which they were made up, which is the order of their reports."""
    with database.reading() as session:
        return list(session.execute(text("SELECT id FROM ports ORDER BY station_pk, port_number")).scalars())


def _plain_select_s(database: Database) -> float:
    """What reading the rows takes that an index is made from, with nothing made of them."""
    began = time.perf_counter()
    with database.engine.connect() as connection:
        for table in ("stations", "ports"):
            connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - two names of our own
    return time.perf_counter() - began
