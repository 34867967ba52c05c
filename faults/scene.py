"""The scene of a loss: a running server with 500 stations that have all said what they are, and who asks it what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from faults.asking import Question, Reply, asked_for, get, reply_to
from faults.ground import Ground
from faults.sites import Racer, Site, add_drivers
from finder.catalogue import StationCatalogue
from finder.domain.station import Network, Port, Station
from kernel.clock import SystemClock

STATIONS, PORTS = 500, 2
_NETWORK = 8
_A_ROW = 25
_PATIENCE_S = 30.0
_EACH_WORKER = 10  # times for each of four clients: every worker is asked by then
CLIENT: Mapping[str, str] = {"X-API-Key": "demo"}
OPERATOR: Mapping[str, str] = {"X-API-Key": "demo-operator"}
STRANGER: Mapping[str, str] = {"X-API-Key": "ck_nobody.knows"}


@dataclass(frozen=True, slots=True)
class Scene:
    """A server, a driver of its own, what is asked of it and what it answers when all is well."""

    site: Site
    driver: Racer
    questions: Sequence[Question]
    healthy: Mapping[str, Any]

    @property
    def token(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.driver.token}"}

    def is_well(self, reply: Reply) -> bool:
        """Whether the answer is what it was, and nothing was missing."""
        return reply.told == self.healthy[reply.name] and not reply.degraded

    def writes(self, days: int) -> list[Reply]:
        """A login, a report, and a hold that is confirmed where it is granted."""
        ask = partial(reply_to, self.site.port)
        person = {"username": "demo", "password": "demo"}
        moment = _text(datetime.now(UTC) + timedelta(days=days))
        wish = {"station_id": "1:900001", "start": moment, "duration_min": 30, "card": self.driver.card}
        hold = ask(Question("hold", "/v1/reservations", self.token, "POST", wish))
        found = [
            hold,
            ask(Question("login", "/v1/login", CLIENT, "POST", person)),
            ask(report(range(STATIONS - 1, STATIONS))),
        ]
        if hold.status == 201:
            handle = hold.json["handle"]
            found += [
                ask(Question(deed, f"/v1/reservations/{handle}/{deed}", self.token, "POST"))
                for deed in ("confirm", "cancel")
            ]
        return found


def scene(ground: Ground, dialect: str, *, fault: str | None = None, **settings: str) -> Scene:
    """The server of this kind that the ground has, with the stations put in if it is new."""
    running = ground.site(dialect, fault=fault, **settings)
    catalogue = StationCatalogue(running.database, SystemClock())
    if not catalogue.knows(_id(0)):
        _let_everything_through(running)
        catalogue.add_networks([Network(_NETWORK, "EIGHT")])
        catalogue.merge(map(_station, range(STATIONS)), source="scene", complete=False, force=False)
        for first in range(0, STATIONS, 250):
            assert reply_to(running.port, report(range(first, first + 250))).status == 200
    (driver,) = add_drivers(running.database, 1)
    token = {"Authorization": f"Bearer {driver.token}"}
    questions = [
        get("search", "/v1/stations", CLIENT, lat=10, lon=20, radius=500, limit=50),
        get("search of a driver", "/v1/stations", token, bbox=_box(0, 4), limit=100),
        get("free ones", "/v1/stations", CLIENT, bbox=_box(0, 4), available="true"),
        get("detail", f"/v1/stations/{_id(1)}", CLIENT),
        get("status", f"/v1/stations/{_id(2)}/status", CLIENT),
        get("bulk status", "/v1/status", CLIENT, station_id=[_id(number) for number in range(100)]),
    ]
    found = Scene(running, driver, questions, _healthy(running, questions))
    asked_for(running.port, questions[1:2] * _EACH_WORKER, 0)  # who is asked for the first time has to be looked up
    return found


def _let_everything_through(running: Site) -> None:
    """What a run asks in a minute is more than the demo's keys may."""
    with running.database.writing() as session:
        session.execute(text("UPDATE clients SET requests_per_min = 1000000"))


def _healthy(running: Site, questions: Sequence[Question]) -> dict[str, Any]:
    """What is answered once every worker has seen the stations: the same, ten times in a row."""
    began, rows = datetime.now(UTC), list[dict[str, Any]]()
    while len(rows) < 10 or any(row != rows[-1] for row in rows[-10:]):
        replies = [reply_to(running.port, question) for question in questions]
        rows.append({reply.name: reply.told for reply in replies})
        if (datetime.now(UTC) - began).total_seconds() > _PATIENCE_S or None in rows[-1].values():
            del rows[:-1]
        assert (datetime.now(UTC) - began).total_seconds() < 2 * _PATIENCE_S, "the stations do not come"
    assert len(rows[-1]["bulk status"]) == 100
    return rows[-1]


def strip(number: int) -> tuple[Question, list[str]]:
    """A search in a strip of the map that nothing else asks for, and the stations that are in it."""
    first = (5 + number) * _A_ROW
    question = get(f"strip {number}", "/v1/stations", CLIENT, bbox=_box(5 + number, 6 + number))
    return question, sorted(_id(place) for place in range(first, first + _A_ROW))


def report(numbers: range) -> Question:
    """What the ports of these stations are."""
    now = _text(datetime.now(UTC))
    rows = [
        {"station_id": _id(number), "port_number": port, "technical_status": status, "reported_at": now}
        for number in numbers
        for port, status in ((1, "available"), (2, "charging"))
    ]
    return Question("report", "/v1/status-reports", OPERATOR, "POST", {"reports": rows})


def everything() -> list[Question]:
    """The statuses of all of them, in three questions."""
    rows = (range(first, min(first + 200, STATIONS)) for first in range(0, STATIONS, 200))
    return [get("all", "/v1/status", CLIENT, station_id=[_id(number) for number in some]) for some in rows]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _id(number: int) -> str:
    return f"{_NETWORK}:{number}"


def _box(first: int, last: int) -> str:
    """Rows of the map from the first to before the last, as west, south, east, north."""
    return f"19.9,{10 + first * 0.01 - 0.001:.3f},20.9,{10 + last * 0.01 - 0.009:.3f}"


def _station(number: int) -> Station:
    return Station(
        station_id=_id(number),
        network_id=_NETWORK,
        name=f"Scene {number}",
        lat=10 + number // _A_ROW * 0.01,
        lon=20 + number % _A_ROW * 0.01,
        time_zone="UTC",
        ports=tuple(Port(port_number=port) for port in range(1, PORTS + 1)),
    )
