"""Stations that are free in a window (guide 7.2): what the search says is what the openings say."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest

from finder.domain.opening_hours import OpeningHours, Regular
from finder.domain.tariff import free
from finder.index import StationIndex
from kernel.database import Database
from kernel.fields import moment_text
from kernel.window import Window
from reservations.free_ports import FreePorts
from tests.api.finder_words import a_report, ids, report
from tests.api.problem_words import faults, problem
from tests.api.test_openings import Announced, reservable
from tests.builders import a_port, add_stations
from tests.statements import counted

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)  # two days before the clocks go forward in Utrecht
MINUTE = timedelta(minutes=1)
UTRECHT = {"lat": 52.09, "lon": 5.12}
WISH = {"duration_min": 60, "card": "111973"}
DAYS = tuple(Regular(day, time(8), time(18, 30)) for day in range(1, 8))
NIGHTS = tuple(Regular(day, time(20), time(3, 30)) for day in range(1, 8))


@pytest.fixture
def clock(clock):
    clock.moment = NOON
    return clock


@pytest.fixture
def stations(app) -> list[str]:
    """Stations of every kind: by day, by night, always, limited, with one port of two, and with none to reserve."""
    two = (a_port(1, reservable=True), a_port(2, reservable=False))
    made = [
        reservable("7:1"),
        reservable("7:2", opening_hours=OpeningHours(regular=DAYS)),
        reservable("7:3", opening_hours=OpeningHours(regular=NIGHTS), ports=(a_port(1, reservable=True), a_port(2))),
        reservable("7:4", tariff=replace(free("EUR"), session_limit_min=90)),
        reservable("7:5", ports=two, opening_hours=OpeningHours(text="dawn to dusk")),
        reservable("7:6", reservable=False),
        reservable("7:7", ports=(a_port(1),)),
        reservable("7:8", ports=()),
    ]
    add_stations(app, *made)
    return [station.station_id for station in made]


def window(start: datetime, minutes: int) -> dict[str, str]:
    return {"free_from": moment_text(start), "free_until": moment_text(start + minutes * MINUTE)}


def hold(driver, station_id: str, start: datetime, minutes: int = 60) -> None:
    wish = {**WISH, "station_id": station_id, "start": moment_text(start), "duration_min": minutes}
    held = driver.post("/v1/reservations", wish)
    assert driver.post(f"/v1/reservations/{held.json['handle']}/confirm").status_code == 200, held.text


def told_by_openings(api, stations, start: datetime, minutes: int) -> set[str]:
    """The stations with an opening that holds the whole window."""
    span = {"start": moment_text(start), "end": moment_text(start + minutes * MINUTE), "min_duration_min": minutes}
    found = api.get("/v1/openings", station_id=stations, **span)
    assert found.status_code == 200, found.text
    return {one["station_id"] for one in found.json["data"] if one["openings"]}


def test_a_station_is_found_exactly_if_an_opening_holds_the_whole_window(api, stations) -> None:
    random, driver = Random(7), api.as_driver()
    hold(driver, "7:1", datetime(2026, 3, 28, 12, tzinfo=UTC))
    hold(driver, "7:2", datetime(2026, 3, 28, 12, tzinfo=UTC), 120)
    hold(driver, "7:3", datetime(2026, 3, 28, 23, tzinfo=UTC))
    seen = set()
    for _ in range(30):
        start = NOON + random.randrange(0, 34 * 60, 30) * MINUTE + random.choice((0, 0, 29)) * timedelta(days=1)
        minutes = random.choice((10, 15, 60, 90, 91, 480, 1440))

        found = ids(api.get("/v1/stations", **UTRECHT, **window(start, minutes)))

        assert set(found) == told_by_openings(api, stations, start, minutes), (start, minutes)
        seen.add(frozenset(found))
    assert len(seen) >= 5


def test_what_is_held_is_not_found_and_what_touches_it_is(api, stations) -> None:
    hold(api.as_driver(), "7:1", NOON + 60 * MINUTE)
    ask = {"station_id": "7:1"}

    found = [ids(api.get("/v1/stations", **ask, **window(NOON + at * MINUTE, 60))) for at in (0, 1, 60, 119, 120)]

    assert found == [["7:1"], [], [], [], ["7:1"]]


def test_a_hold_that_has_run_out_is_free_again(api, stations, clock) -> None:
    ask = {"station_id": "7:1", **window(NOON + 60 * MINUTE, 60)}
    api.as_driver().post("/v1/reservations", WISH | {"station_id": "7:1", "start": ask["free_from"]})
    held = ids(api.get("/v1/stations", **ask))

    clock.advance(minutes=5)

    assert (held, ids(api.get("/v1/stations", **ask))) == ([], ["7:1"])


def test_it_goes_together_with_pages_and_every_other_filter(api, app, stations) -> None:
    report = {"technical_status": "available", "reported_at": moment_text(NOON), "port_number": 1}
    api.as_operator().post("/v1/status-reports", {"reports": [{**report, "station_id": "7:4"}]})
    night = {**UTRECHT, **window(datetime(2026, 3, 28, 1, tzinfo=UTC), 60)}

    first = api.get("/v1/stations", **night, limit=2)
    second = api.get("/v1/stations", **night, limit=2, cursor=first.json["next_cursor"])

    assert ids(first) + ids(second) == ["7:1", "7:3", "7:4", "7:5"]
    assert (first.json["total"], second.json["next_cursor"]) == (4, None)
    assert ids(api.get("/v1/stations", **night, available="true")) == ["7:4"]
    assert ids(api.get("/v1/stations", **night, connector="CCS2")) == []
    assert [one["station_id"] for one in api.get("/v1/status", **night).json["data"]] == ["7:1", "7:3", "7:4", "7:5"]
    problem(api.get("/v1/stations", **UTRECHT, limit=2, cursor=first.json["next_cursor"]), 400, "invalid_cursor")


@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        ({"free_from": "2026-03-28T12:00:00Z"}, "free_until"),
        ({"free_until": "2026-03-28T12:00:00Z"}, "free_from"),
        ({"free_from": "2026-03-28T12:00:00Z", "free_until": "2026-03-28T12:00:00Z"}, "free_until"),
        ({"free_from": "2026-03-28T13:00:00Z", "free_until": "2026-03-28T12:00:00Z"}, "free_until"),
        ({"free_from": "2026-03-27T11:59:59Z", "free_until": "2026-03-27T12:59:59Z"}, "free_from"),
        ({"free_from": "2026-03-28T12:00:00.5Z", "free_until": "2026-03-28T13:00:00.5Z"}, "free_from"),
        ({"free_from": "2026-03-28T12:00:00Z", "free_until": "2026-03-28T13:00:01Z"}, "free_until"),
        ({"free_from": "2026-03-28T12:00:00", "free_until": "2026-03-28T13:00:00Z"}, "free_from"),
        ({"free_from": "noon", "free_until": "2026-03-28T13:00:00Z"}, "free_from"),
    ],
)
def test_half_a_window_and_one_that_cannot_be_are_refused(api, clock, ask, fault) -> None:
    for path in ("/v1/stations", "/v1/status"):
        answer = api.get(path, **UTRECHT, **ask)

        problem(answer, 400, "invalid_request")
        assert faults(answer) == {fault}


def test_a_window_at_the_end_of_all_calendars_finds_nothing(api, stations) -> None:
    ask = {"free_from": "9999-12-30T22:00:00Z", "free_until": "9999-12-30T23:00:00Z"}

    assert ids(api.get("/v1/stations", **UTRECHT, **ask)) == []


def test_the_free_port_is_one_with_the_plug_that_is_asked_for(api, app) -> None:
    plugs = [a_port(number, reservable=True, connectors=(name,)) for number, name in ((1, "CCS2"), (2, "TYPE_2"))]
    add_stations(app, reservable("7:1", ports=tuple(plugs)))
    hold(api.as_driver(), "7:1", NOON + 60 * MINUTE)  # port 1
    ask = {"station_id": "7:1", **window(NOON + 60 * MINUTE, 60)}

    found = [ids(api.get("/v1/stations", **ask, connector=name)) for name in ("CCS2", "TYPE_2")]

    assert found == [[], ["7:1"]]


def test_in_an_announced_closure_a_station_is_not_free(app, clock, stations) -> None:
    shelf, hour = app.extensions["portside"], Window.lasting(NOON + 60 * MINUTE, 60 * MINUTE)
    closed, other = (shelf[StationIndex].snapshot().named(one) for one in ("7:1", "7:4"))
    free = FreePorts(shelf[Database], clock, closed=Announced("7:1", hour))

    assert free.free_among([other, closed], hour) == set(other.port_ids)


def test_twenty_five_free_stations_take_as_many_statements_as_one(app, api) -> None:
    add_stations(app, *(reservable(f"8:{number}", lat=10.0, lon=10.0) for number in range(25)))
    api.get("/v1/stations", lat=10, lon=10)
    numbers = []
    for limit in (1, 25):
        with counted(app.extensions["portside"][Database]) as sent:
            found = api.get("/v1/stations", lat=10, lon=10, limit=limit, **window(NOON + 60 * MINUTE, 60))
        assert len(ids(found)) == limit
        numbers.append(len([one for one in sent if "FROM reservations" in one]))
        assert len(sent) <= 8
    assert len(set(numbers)) == 1
    assert numbers[0] <= 2  # what is taken then, and what is taken now


def test_a_stations_own_policy_and_a_port_out_of_order_count_as_for_a_hold(app, api, stations) -> None:
    put = {"longest_min": 30, "earliest_start_min": 20}
    assert api.as_operator().request("PUT", "/v1/stations/7:4/reservation-policy", json=put).status_code == 200
    report(api, a_report("faulted", NOON, station_id="7:1"))
    ask = {"station_id": ["7:1", "7:4", "7:5"]}

    found = [
        set(ids(api.get("/v1/stations", **ask, **window(NOON + after * MINUTE, lasts))))
        for after, lasts in ((10, 30), (20, 30), (60, 30), (60, 31))
    ]

    assert found == [{"7:5"}, {"7:4", "7:5"}, {"7:1", "7:4", "7:5"}, {"7:1", "7:5"}]
