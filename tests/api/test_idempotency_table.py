"""The table of idempotency keys: what is answered in each case to each POST of a driver, and how often it is done."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from accounts.domain.caller import Card
from accounts.drivers import DriverAccess
from accounts.tables import ClientRow
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.idempotency import IdempotencyRow
from kernel.outbox import OutboxRow
from kernel.services import of
from tests.conftest import NOW
from tests.connection_fault import ConnectionFault
from tests.conversation import Conversation

HOLDS = "/v1/reservations"
TOPICS = {"hold": "held", "confirm": "confirmed", "cancel": "cancelled", "release": "released"}
ABSENT = "rsv_" + 32 * "a"

# The last answer of each case, and how often the deed was done in all.
TABLE = {
    "the key is missing and it is sent twice": {
        "hold": "409 port_taken, 1",
        "confirm": "200, 1",
        "cancel": "409 already_cancelled, 1",
        "release": "200, 1",
    },
    "the key is bad": dict.fromkeys(TOPICS, "400 invalid_idempotency_key, 0"),
    "the key has 256 characters": dict.fromkeys(TOPICS, "400 invalid_idempotency_key, 0"),
    "the key has 255 characters and comes twice": {
        "hold": "201 replayed, 1",
        "confirm": "200 replayed, 1",
        "cancel": "200 replayed, 1",
        "release": "200 replayed, 1",
    },
    "the key comes twice": {
        "hold": "201 replayed, 1",
        "confirm": "200 replayed, 1",
        "cancel": "200 replayed, 1",
        "release": "200 replayed, 1",
    },
    "the key comes with another body": dict.fromkeys(TOPICS, "422 idempotency_key_reused, 1"),
    "the first is still in flight": dict.fromkeys(TOPICS, "409 request_in_flight, 0"),
    "the key comes again after 24 hours": {
        "hold": "201, 2",
        "confirm": "200, 1",
        "cancel": "409 already_cancelled, 1",
        "release": "200, 1",
    },
    "another driver has the same key": {
        "hold": "409 port_taken, 1",
        "confirm": "404 handle_unknown, 1",
        "cancel": "404 handle_unknown, 1",
        "release": "404 handle_unknown, 1",
    },
    "another route has the same key": {"hold": "201, 1", "confirm": "200, 1", "cancel": "200, 1", "release": "200, 1"},
    "what was said was refused first": {"hold": "201, 1", "confirm": "200, 1", "cancel": "200, 1", "release": "200, 1"},
    "too many was the answer first": {"hold": "201, 1", "confirm": "200, 1", "cancel": "200, 1", "release": "200, 1"},
    "the database was away first": {"hold": "201, 1", "confirm": "200, 1", "cancel": "200, 1", "release": "200, 1"},
    "the worker was ended first": {"hold": "201, 1", "confirm": "200, 1", "cancel": "200, 1", "release": "200, 1"},
    "a conflict was the answer first": {
        "hold": "409 port_taken replayed, 0",
        "confirm": "409 hold_expired replayed, 0",
        "cancel": "409 wrong_state replayed, 0",
        "release": "409 hold_expired replayed, 0",
    },
}


@dataclass
class Scene:
    """Two drivers, and for each deed something that it can be done to."""

    app: Flask
    clock: FixedClock
    windows: int = 0
    done_before: int = 0
    key: str = ""
    callers: dict[str, Conversation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fault = ConnectionFault(of(self.app, Database))
        self.log_in()

    def log_in(self) -> None:
        api = Conversation(self.app)
        self.callers = {"demo": api.as_driver(), "eve": api.as_driver("eve", "secret of hers")}

    def wish(self) -> dict[str, Any]:
        """A window that nobody has asked for."""
        self.windows += 1
        start = NOW + timedelta(days=3, hours=self.windows)
        return {
            "station_id": "1:41613",
            "port_number": 1,
            "start": start.isoformat(),
            "duration_min": 60,
            "card": "111973",
        }

    def ready(self, deed: str) -> tuple[str, Any]:
        """Where the deed is sent, and its body."""
        wish = self.wish()
        if deed == "hold":
            return HOLDS, wish
        path = f"{HOLDS}/{self.callers['demo'].post(HOLDS, wish).json['handle']}"
        if deed == "cancel":
            assert self.callers["demo"].post(f"{path}/confirm").status_code == 200
        return f"{path}/{deed}", None

    def send(self, to: tuple[str, Any], *, by: str = "demo", headers: dict[str, str] | None = None) -> TestResponse:
        path, body = to
        return self.callers[by].post(path, body, {"Idempotency-Key": self.key} if headers is None else headers)

    def done(self, deed: str) -> int:
        """How often it has been done, by the events."""
        count = select(func.count()).where(OutboxRow.topic == f"reservation.{TOPICS[deed]}")
        with of(self.app, Database).reading() as session:
            return int(session.execute(count).scalar_one())

    @contextmanager
    def broken(self, error: type[BaseException] = OperationalError) -> Iterator[None]:
        """The fault is at the commit, when all but that is done."""
        self.fault.after, self.fault.error = 1000, error
        with self.fault.at_hand():
            yield
        assert self.fault.struck


@pytest.fixture
def scene(app: Flask, clock: FixedClock) -> Scene:
    of(app, DriverAccess).create("eve", "secret of hers", cards=(Card("555", "spare"),))
    return Scene(app, clock)


CASES: dict[str, Callable[[Scene, str, tuple[str, Any]], TestResponse]] = {}


def case(told: str) -> Callable[[Callable[..., TestResponse]], None]:
    return lambda played: CASES.update({told: played})


@case("the key is missing and it is sent twice")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    scene.send(to, headers={})
    return scene.send(to, headers={})


@case("the key is bad")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    assert scene.send(to, headers={"Idempotency-Key": ""}).status_code == 400
    return scene.send(to, headers={"Idempotency-Key": "a\tkey"})


@case("the key has 256 characters")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    return scene.send(to, headers={"Idempotency-Key": 256 * "k"})


@case("the key has 255 characters and comes twice")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    return twice(scene, to, {"Idempotency-Key": 255 * "k"})


@case("the key comes twice")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    return twice(scene, to)


def twice(scene: Scene, to: tuple[str, Any], headers: dict[str, str] | None = None) -> TestResponse:
    first, again = scene.send(to, headers=headers), scene.send(to, headers=headers)
    assert (again.data, again.content_type, again.location) == (first.data, first.content_type, first.location)
    return again


@case("the key comes with another body")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    path, body = to
    scene.send(to)
    return scene.send((path, {**(body or {}), "duration_min": 30}))


@case("the first is still in flight")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    claim(scene, to)
    answer = scene.send(to)
    assert answer.headers["Retry-After"] == "1"
    return answer


def claim(scene: Scene, to: tuple[str, Any]) -> None:
    """The row of a key whose first request has not been answered."""
    path, body = to
    caller = of(scene.app, DriverAccess).caller_of(
        scene.callers["demo"].headers["Authorization"].removeprefix("Bearer ")
    )
    assert caller is not None
    raw = orjson.dumps(body, option=orjson.OPT_SORT_KEYS) if body else b""
    row = {
        "scope": hashlib.sha256(orjson.dumps([caller.principal, "POST", path, scene.key])).hexdigest(),
        "fingerprint": hashlib.sha256(raw).hexdigest(),
        "created_at": scene.clock.now(),
    }
    with of(scene.app, Database).writing() as session:
        session.execute(insert(IdempotencyRow).values(row))


@case("the key comes again after 24 hours")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    scene.send(to)
    scene.clock.advance(hours=24, seconds=1)
    scene.log_in()
    return scene.send(to)


@case("another driver has the same key")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    path, body = to
    scene.send(to)
    return scene.send((path, body and {**body, "card": "555"}), by="eve")


@case("another route has the same key")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    assert scene.send(("/v1/quotes", scene.wish())).status_code == 201
    return scene.send(to)


@case("what was said was refused first")
def _(scene: Scene, deed: str, to: tuple[str, Any]) -> TestResponse:
    """A wish that is none; or a handle that is none, which is another route then."""
    path, body = to
    other = (path, {**body, "duration_min": 1}) if body else (f"{HOLDS}/{ABSENT}/{deed}", None)
    assert [scene.send(other).status_code for _ in range(2)] == ([422, 422] if body else [404, 404])
    return scene.send(to)


@case("too many was the answer first")
def _(scene: Scene, deed: str, to: tuple[str, Any]) -> TestResponse:
    """Too many holds; of what else can be asked too often only the requests themselves are counted."""
    if deed != "hold":
        limit(scene.app, 0)
        assert scene.send(to).status_code == 429
        limit(scene.app, 600)
        return scene.send(to)
    handles = [scene.callers["demo"].post(HOLDS, scene.wish()).json["handle"] for _ in range(3)]
    assert scene.send(to).json["code"] == "too_many_holds"
    for handle in handles:
        scene.callers["demo"].post(f"{HOLDS}/{handle}/release")
    scene.done_before = scene.done(deed)
    return scene.send(to)


def limit(app: Flask, requests_per_min: int) -> None:
    with of(app, Database).writing() as session:
        session.execute(update(ClientRow).values(requests_per_min=requests_per_min))


@case("the database was away first")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    with scene.broken():
        assert scene.send(to).status_code == 503
    return scene.send(to)


@case("the worker was ended first")
def _(scene: Scene, _: str, to: tuple[str, Any]) -> TestResponse:
    """As the web server ends one that takes too long: by SystemExit. `tests/faults` kills one outright."""
    with scene.broken(SystemExit), pytest.raises(SystemExit):
        scene.send(to)
    return scene.send(to)


@case("a conflict was the answer first")
def _(scene: Scene, deed: str, to: tuple[str, Any]) -> TestResponse:
    """And is to be so still when its cause is gone."""
    if deed == "hold":
        in_the_way = scene.callers["demo"].post(*to).json["handle"]
        scene.done_before = scene.done(deed)
        assert scene.send(to).json["code"] == "port_taken"
        scene.callers["demo"].post(f"{HOLDS}/{in_the_way}/release")
    else:
        moment = scene.clock.moment
        scene.clock.advance(**({"days": 4} if deed == "cancel" else {"minutes": 5}))
        scene.log_in()
        assert scene.send(to).status_code == 409
        scene.clock.moment = moment
    return scene.send(to)


@pytest.mark.parametrize("told", TABLE)
def test_each_cell_is_answered_as_the_table_says(scene, told) -> None:
    found = {deed: outcome(scene, deed, CASES[told]) for deed in TOPICS}

    assert found == TABLE[told]


def outcome(scene: Scene, deed: str, played: Callable[[Scene, str, tuple[str, Any]], TestResponse]) -> str:
    to, scene.key = scene.ready(deed), f"key of the {deed}"
    scene.done_before = scene.done(deed)
    answer = played(scene, deed, to)
    words = [str(answer.status_code)]
    words += [answer.json["code"]] if answer.status_code >= 400 else []
    words += ["replayed"] if answer.headers.get("Idempotency-Replayed") == "true" else []
    return f"{' '.join(words)}, {scene.done(deed) - scene.done_before}"


def test_the_table_has_a_cell_for_each_case_and_deed() -> None:
    assert CASES.keys() == TABLE.keys()
    assert all(row.keys() == TOPICS.keys() for row in TABLE.values())
    assert sum(map(len, TABLE.values())) == 60
