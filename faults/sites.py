"""Running servers for races and kills: started on a database of their own, asked by many at once."""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.domain import secrets
from accounts.tables import CardRow, ClientRow, DriverRow, TokenRow
from kernel.database import Database
from tests.live import ROOT, _wait_until_ready, free_port

T = TypeVar("T")
STATION = "1:41613"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        return self.json.get("code") if self.status >= 400 else None


@dataclass(frozen=True, slots=True)
class Site:
    """A server on a port of this machine, its database, its first process and where it writes what it has to say."""

    port: int
    database: Database
    pid: int
    log: Path

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        token: str,
        key: str | None = None,
        ready: Callable[[], Any] = lambda: None,
    ) -> Answer:
        """A driver's POST; `ready` is called when the connection stands, just before the request is sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        connection.connect()
        try:
            ready()
            connection.request("POST", path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def held_by(self, *drivers: "Racer") -> int:
        """How many live holds these drivers have."""
        query = text("SELECT driver_id FROM reservations WHERE state = 'HELD'")
        with self.database.reading() as session:
            held = session.execute(query).scalars().all()
        return sum(driver_id in {driver.driver_id for driver in drivers} for driver_id in held)


@dataclass(frozen=True, slots=True)
class Racer:
    """A driver with one card, who is logged in already; no password was hashed for it."""

    driver_id: int
    card: str
    token: str


def add_drivers(database: Database, number: int) -> list[Racer]:
    """New drivers, clients of the demo app."""
    now = datetime.now(UTC)
    names = [secrets.new_secret() for _ in range(number)]
    with database.writing() as session:
        client = session.execute(select(ClientRow.id).where(ClientRow.key_id == "demo")).scalar_one()
        rows = [
            DriverRow(username=name, password_hash="", account_handle=name, demo=True, created_at=now) for name in names
        ]
        session.add_all(rows)
        session.flush()
        return [_with_card_and_token(session, row, client, now) for row in rows]


def _with_card_and_token(session: Session, row: DriverRow, client_id: int, now: datetime) -> Racer:
    name, token, until = row.username, secrets.new_secret(), now + timedelta(hours=12)
    session.add(CardRow(serial_number=name, driver_id=row.id, nickname=""))
    session.add(TokenRow(token_hash=secrets.digest(token), driver_id=row.id, client_id=client_id, expires_at=until))
    return Racer(row.id, name, token)


def a_wish(driver: Racer, *, days: int = 1, port: int = 1) -> dict[str, Any]:
    """A hold of an hour, so many days ahead."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=days, hours=1)
    moment = start.isoformat().replace("+00:00", "Z")
    return {"station_id": STATION, "port_number": port, "start": moment, "duration_min": 60, "card": driver.card}


def at_once(calls: Sequence[Callable[[Callable[[], Any]], T]]) -> list[T]:
    """Make all the calls in threads; each gets a `ready` that waits until all the others are ready too."""
    barrier = threading.Barrier(len(calls), timeout=60)
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call, barrier.wait) for call in calls]]


@contextmanager
def site(var: Path, database_url: str, cache_url: str, *, fault: str | None = None, **more: str) -> Iterator[Site]:
    """A server with two web workers, as it is shipped or with faults of `faults.doctored`."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTSIDE_")}
    own = {
        "PORTSIDE_VAR": str(var),
        "PORTSIDE_PORT": str(port),
        "PORTSIDE_DATABASE_URL": database_url,
        "PORTSIDE_REDIS_URL": cache_url,
        "PORTSIDE_DEMO": "off",
        "PORTSIDE_DEMO_MOVES": "off",
        "WEB_CONCURRENCY": "2",
        "PYTHONPATH": str(ROOT),
        "FAULT": fault or "",
    }
    command = [sys.executable, "-m", "faults.doctored"] if fault else [sys.executable, str(ROOT / "app.py"), "serve"]
    log = var.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=kept | own | more, stdout=output, stderr=output)
        database = Database(database_url)
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process, log)
            yield Site(port, database, process.pid, log)
        finally:
            database.close()
            process.kill()  # all that it started goes with it, and sooner than in good order
            process.wait(60)
