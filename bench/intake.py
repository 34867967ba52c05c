"""Status intake in batches of 500, durable and cached: against a raw upsert of the same rows and a pipelined HSET."""

import gc
import json
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import structlog
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy.engine import make_url

from accounts.clients import ClientAccess
from app import create_app
from bench.filling import say
from bench.made_up import SOURCE, made_up_reports, made_up_stations
from finder.catalogue import StationCatalogue
from finder.live_status import LiveStatus
from finder.said import Said
from kernel import schema
from kernel.database import Database
from kernel.settings import read_settings
from tests.postgres import postgres
from tests.servers import cache

STATIONS = 3_500
SEED = 20_261_120
BATCH = 500
BATCHES = 12  # of each kind in a round
ROUNDS = 5
UPSERT = """
INSERT INTO plain_intake VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (port_id) DO UPDATE SET
  technical_status = excluded.technical_status, error_code = excluded.error_code,
  reported_at = excluded.reported_at, sequence = excluded.sequence, received_at = excluded.received_at
"""
PLAIN = """
CREATE TABLE plain_intake (
  port_id bigint PRIMARY KEY, technical_status varchar(20) NOT NULL, error_code varchar(60),
  reported_at timestamptz NOT NULL, sequence bigint NOT NULL, received_at timestamptz NOT NULL
)
"""
WORDS = ("available", "charging")
Batch = Sequence[Said]
Taker = Callable[[Batch], None]


def run() -> None:
    """Every round each taker is given the same batches in turn, so that all see the same machine; figures to stdout."""
    with ExitStack() as stack:
        var = stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-"))
        database_url, redis_url = stack.enter_context(postgres()).url, stack.enter_context(cache()).url
        settings = {"PORTSIDE_VAR": var, "PORTSIDE_DATABASE_URL": database_url, "PORTSIDE_REDIS_URL": redis_url}
        app = create_app(read_settings(settings))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        shelf: dict[type, Any] = app.extensions["portside"]
        database: Database = stack.enter_context(closing(shelf[Database]))
        schema.upgrade(database)
        say(f"making up {STATIONS:,} stations")
        stations = list(made_up_stations(STATIONS, seed=SEED))
        shelf[StationCatalogue].merge(stations, source=SOURCE, complete=True, force=True)
        key = shelf[ClientAccess].create("bench", requests_per_min=1_000_000, operator=True)
        plain = stack.enter_context(_Plain(database_url, redis_url, database))
        live: LiveStatus = shelf[LiveStatus]
        takers: dict[str, Taker] = {
            "plain": plain.take,
            "use_case": lambda batch: _taken(live, batch),
            "http": _Caller(app.test_client(), key).take,
        }
        said = list(made_up_reports(stations, datetime.now(UTC) - timedelta(hours=1), seed=SEED))
        moments = _moments()
        gc.freeze()  # as the web server does with a worker's application
        for kind in ("heartbeats", "changes"):
            _print(kind, _rounds(takers, said, moments, changing=kind == "changes"))


class _Plain:
    """The floor: the rows as they are, their keys known, written by `executemany` and one pipeline."""

    def __init__(self, database_url: str, redis_url: str, database: Database) -> None:
        query = "SELECT station_id, port_number, ports.id FROM ports JOIN stations ON stations.id = station_pk"
        with database.engine.connect() as connection:
            rows = connection.exec_driver_sql(query).all()
        self._keys = {(row[0], row[1]): row[2] for row in rows}
        url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(url)
        self._connection.execute(PLAIN)
        self._connection.commit()
        self._redis = Redis.from_url(redis_url)

    def __enter__(self) -> "_Plain":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._redis.close()

    def take(self, batch: Batch) -> None:
        now = datetime.now(UTC)
        rows = [
            (
                self._keys[one.station_id, one.port_number],
                one.technical_status,
                one.error_code,
                one.reported_at,
                one.sequence,
                now,
            )
            for one in batch
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(UPSERT, rows)
        self._connection.commit()
        pipeline = self._redis.pipeline(transaction=False)
        for row in rows:
            pipeline.hset(f"plain:{row[0]}", "status", f"{row[1]} {row[2]} {row[3].timestamp()} {row[4]}")
        pipeline.execute()


class _Caller:
    """The same over HTTP, in process: the body is read and checked, the caller known, the answer written."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self._client = client
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def take(self, batch: Batch) -> None:
        reports = [
            {
                "station_id": one.station_id,
                "port_number": one.port_number,
                "technical_status": one.technical_status,
                "reported_at": one.reported_at,
                "error_code": one.error_code,
            }
            for one in batch
        ]
        answer = self._client.post("/v1/status-reports", data=orjson.dumps({"reports": reports}), headers=self._headers)
        assert answer.status_code == 200, answer.text
        outcomes = [row["outcome"] for row in orjson.loads(answer.data)["data"]]
        assert outcomes == ["accepted"] * len(batch), outcomes


def _taken(live: LiveStatus, batch: Batch) -> None:
    verdicts = live.take(batch)
    assert all(verdict.outcome == "accepted" for verdict in verdicts)


def _rounds(
    takers: dict[str, Taker], said: Sequence[Said], moments: Iterator[datetime], *, changing: bool
) -> dict[str, list[float]]:
    """Reports a second of each taker, round by round; the first round is for warming up."""
    found: dict[str, list[float]] = {name: [] for name in takers}
    for number in range(ROUNDS + 1):
        for name, take in takers.items():
            batches = [
                [
                    _later(one, moment, word=WORDS[number % 2] if changing else None)
                    for one in said[start : start + BATCH]
                ]
                for start, moment in ((BATCH * count, next(moments)) for count in range(BATCHES))
            ]
            began = time.perf_counter()
            for batch in batches:
                take(batch)
            per_s = BATCH * BATCHES / (time.perf_counter() - began)
            say(f"{f'round {number}' if number else 'warm-up'}: {name} {per_s:,.0f}/s")
            if number:
                found[name].append(per_s)
    return found


def _moments() -> Iterator[datetime]:
    """Moments of the last minutes, each later than the one before, so that every report is the newest."""
    moment = datetime.now(UTC) - timedelta(minutes=10)
    while True:
        moment += timedelta(milliseconds=100)
        yield moment


def _later(said: Said, moment: datetime, *, word: str | None) -> Said:
    """The same port a little later: with the same word, or with this one, which changes what is told."""
    return replace(said, technical_status=word or said.technical_status, reported_at=moment)


def _print(kind: str, rounds: dict[str, list[float]]) -> None:
    """Ratios are medians of each round's own ratio."""
    for name, per_s in rounds.items():
        ratios = [one / floor for one, floor in zip(per_s, rounds["plain"], strict=True)]
        figures = {
            "name": f"intake.{kind}.{name}",
            "ratio_to_plain": float(f"{statistics.median(ratios):.3g}"),
            "per_s": round(statistics.median(per_s)),
            "batch": BATCH,
            "rounds": len(per_s),
            "stations": STATIONS,
            "seed": SEED,
            "cores": os.cpu_count(),
        }
        print(json.dumps(figures), flush=True)
