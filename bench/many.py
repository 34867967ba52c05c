"""A very large catalogue for benches, written straight into the tables: places and statuses only, no details."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, insert

from accounts.clients import ClientAccess
from app import create_app
from bench.filling import REQUESTS_PER_MIN, say
from bench.made_up import centres, moved
from finder.tables import NetworkRow, PortRow, PortStatusRow, StationRow
from kernel import schema
from kernel.database import Database
from kernel.settings import read_settings

NETWORK = 9
_AT_ONCE = 20_000
_HEARD = timedelta(minutes=3)
_WORDS = ("available", "available", "charging", "charging", "faulted", "offline")
_NEVER = 0.1  # of the ports were never heard of


def fill_many(*, var: Path, database_url: str, stations: int, seed: int) -> str:
    """The key of a client that no limit stops."""
    shelf = create_app(read_settings({"PORTSIDE_VAR": str(var), "PORTSIDE_DATABASE_URL": database_url})).extensions[
        "portside"
    ]
    database: Database = shelf[Database]
    schema.upgrade(database)
    say(f"writing {stations:,} stations")
    now = datetime.now(UTC) - _HEARD
    with database.engine.begin() as connection:
        connection.execute(insert(NetworkRow), [{"network_id": NETWORK, "name": "Bench", "description": ""}])
        _write(connection, StationRow, _stations(stations, now, seed))
        _write(connection, PortRow, _ports(stations))
        _write(connection, PortStatusRow, _statuses(stations, now, seed))
    key = str(shelf[ClientAccess].create("bench", requests_per_min=REQUESTS_PER_MIN))
    database.close()
    return key


def _write(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(table), some)


def _stations(count: int, now: datetime, seed: int) -> Iterator[dict[str, Any]]:
    chance = Random(seed)
    towns = centres(chance)
    weights = [1 / rank**0.55 for rank in range(1, len(towns) + 1)]
    for number, town in enumerate(chance.choices(towns, weights, k=count), 1):
        away_km = chance.uniform(15, 120) if chance.random() < 0.12 else chance.expovariate(1 / town.reach_km)
        lat, lon = moved(town.lat, town.lon, chance.uniform(0, 360), away_km)
        yield {
            "id": number,
            "station_id": f"{NETWORK}:{number}",
            "network_id": NETWORK,
            "name": f"Station {number}",
            "lat": lat,
            "lon": lon,
            "time_zone": town.time_zone,
            "access": "PUBLIC",
            "reservable": False,
            "source": "bench",
            "record_digest": "",
            "updated_at": now,
        }


def _ports(stations: int) -> Iterator[dict[str, Any]]:
    for number in range(1, 2 * stations + 1):
        yield {
            "id": number,
            "station_pk": (number + 1) // 2,
            "port_number": 1 + (number + 1) % 2,
            "level": "L2",
            "power_kw": 11.0,
            "reservable": False,
            "connectors": ["TYPE_2"],
        }


def _statuses(stations: int, now: datetime, seed: int) -> Iterator[dict[str, Any]]:
    chance = Random(seed)
    for number in range(1, 2 * stations + 1):
        if chance.random() >= _NEVER:
            at = now - timedelta(seconds=chance.randrange(600))
            yield {
                "port_id": number,
                "technical_status": chance.choice(_WORDS),
                "reported_at": at,
                "received_at": at,
                "status_changed_at": at,
                "sequence": 0,
                "weight": 0,
                "clamped": False,
                "reports": 1,
                "told_status": "UNKNOWN",
                "told_freshness": "FRESH",
            }
