"""Openings of many stations: pages, ports, terms, closures, and a number of statements that does not grow."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from finder.catalogue import StationCatalogue
from finder.domain.opening_hours import OpeningHours, Regular
from finder.domain.tariff import free
from kernel.database import Database
from kernel.window import Window
from reservations.domain.closures import NeverClosed
from reservations.openings import Asked, Openings
from tests.api.finder_words import a_report, report
from tests.api.problem_words import faults, problem
from tests.builders import a_port, a_station, add_stations
from tests.statements import counted

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SPAN = {"start": "2026-03-10T12:00:00Z", "end": "2026-03-10T20:00:00Z"}
NIGHT = Regular(2, time(22), time(2))  # Tuesday to Wednesday, past midnight


def reservable(station_id: str, **changes):
    return a_station(station_id, **({"reservable": True, "ports": (a_port(reservable=True),)} | changes))


@pytest.fixture
def many(app) -> list[str]:
    """The ids of 200 stations that can be reserved."""
    stations = [reservable(f"7:{number}") for number in range(200)]
    add_stations(app, *stations)
    return [station.station_id for station in stations]


def openings(answer, station: int = 0) -> list[tuple[int, str, str]]:
    assert answer.status_code == 200, answer.text
    return [(one["port_number"], one["start"], one["end"]) for one in answer.json["data"][station]["openings"]]


def test_two_hundred_stations_are_answered_at_once_in_the_order_asked(api, many) -> None:
    answer = api.get("/v1/openings", station_id=many[::-1], **SPAN).json

    assert [one["station_id"] for one in answer["data"]] == many[::-1]
    assert all(one["openings"] for one in answer["data"])
    assert (answer["has_more"], answer["next_cursor"], answer["total"]) == (False, None, 200)


def test_pages_follow_one_another_and_every_page_names_the_strangers(api, many) -> None:
    asked = [many[3], "9:9", many[1], many[3], "nonsense", many[2], many[0]]
    seen, cursor, pages = [], {}, 0
    while cursor is not None:
        answer = api.get("/v1/openings", station_id=asked, limit=3, **SPAN, **cursor)
        seen += [one["station_id"] for one in answer.json["data"]]
        following, pages = answer.json["next_cursor"], pages + 1
        cursor = {"cursor": following} if following else None
        assert ('rel="next"' in answer.headers.get("Link", "")) is bool(following)
        assert answer.json["not_found"] == ["9:9", "nonsense"]

    assert (seen, pages, answer.json["total"]) == ([many[3], many[1], many[2], many[0]], 2, 4)


def test_a_cursor_belongs_to_the_stations_and_the_span_it_came_from(api, many) -> None:
    cursor = api.get("/v1/openings", station_id=many[:3], limit=1, **SPAN).json["next_cursor"]

    problem(api.get("/v1/openings", station_id=many[:2], limit=1, cursor=cursor, **SPAN), 400, "invalid_cursor")
    problem(api.get("/v1/openings", station_id=many[:3], cursor="nonsense", **SPAN), 400, "invalid_cursor")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"port": [1, 0]}, "port/1"),
        ({"port": "one"}, "port/0"),
        ({"min_duration_min": 0}, "min_duration_min"),
        ({"min_duration_min": 1441}, "min_duration_min"),
        ({"start": "2026-03-10T12:00:00"}, "start"),
        ({"station_id": []}, "station_id"),
        ({"station_id": "\x00"}, "station_id/0"),
    ],
)
def test_a_faulty_question_is_refused_where_the_fault_is(api, change, fault) -> None:
    answer = api.get("/v1/openings", **({"station_id": "1:41613", **SPAN} | change))

    problem(answer, 400, "invalid_request")
    assert faults(answer) == {fault}


def test_several_ports_may_be_asked_for(app, api) -> None:
    add_stations(app, reservable("7:1", ports=tuple(a_port(number, reservable=number != 3) for number in range(1, 5))))

    answer = api.get("/v1/openings", station_id="7:1", port=[4, 2, 3, 9], **SPAN)

    assert [number for number, _, _ in openings(answer)] == [2, 4]


def test_a_limit_on_a_stay_leaves_out_what_cannot_be_reserved_so_long(app, api) -> None:
    tariff = replace(free("EUR"), session_limit_min=45)
    add_stations(app, reservable("7:1", tariff=tariff), reservable("7:2", tariff=replace(tariff, session_limit_min=10)))
    ask = {"station_id": ["7:1", "7:2"], **SPAN}

    fits, too_long = (api.get("/v1/openings", min_duration_min=least, **ask) for least in (45, 46))

    assert (len(openings(fits)), openings(too_long), openings(fits, station=1)) == (1, [], [])
    assert [(one["shortest_min"], one["longest_min"]) for one in fits.json["data"]] == [(15, 45), (15, 10)]


def test_openings_end_with_the_last_reservation_that_can_be_made_now(api) -> None:
    ask = {"station_id": "1:41613", "port": 1, "start": "2026-04-09T00:00:00Z"}

    near, beyond = (api.get("/v1/openings", end=end, **ask) for end in ("2026-04-10T11:00:00Z", "2026-04-20T00:00:00Z"))

    assert openings(near) == [(1, ask["start"], "2026-04-10T11:00:00Z")]
    assert openings(beyond) == [(1, ask["start"], "2026-04-10T12:00:00Z")]  # starts within 30 days, lasts a day


def test_hours_past_midnight_are_one_opening(app, api) -> None:
    add_stations(app, reservable("7:1", opening_hours=OpeningHours(regular=(NIGHT,))))

    answer = api.get("/v1/openings", station_id="7:1", start=SPAN["start"], end="2026-03-12T12:00:00Z")

    assert openings(answer) == [(1, "2026-03-10T21:00:00Z", "2026-03-11T01:00:00Z")]


class Announced(NeverClosed):
    """Closures that somebody announced (`ClosedWindows`)."""

    def __init__(self, station_id: str, *windows: Window) -> None:
        self.closures = {station_id: windows}

    def during(self, span: Window):
        return lambda station_id: self.closures.get(station_id, ())


def test_in_an_announced_closure_nothing_is_open(app, clock) -> None:
    hour = timedelta(hours=1)
    shelf = app.extensions["portside"]
    closed = Announced("1:41613", Window(NOON + hour, NOON + 2 * hour))
    asked = Asked(station_ids=("1:41613", "1:23"), span=Window(NOON, NOON + 3 * hour), port_numbers=(1,))

    found = Openings(shelf[Database], clock, shelf[StationCatalogue], closed=closed).of(asked, limit=2)

    starts = [[(one.start - NOON) // hour for one in station.openings] for station in found.stations]
    assert starts == [[0, 2], [0]]


def test_openings_of_two_hundred_stations_take_as_many_statements_as_those_of_one(app, api, many) -> None:
    numbers = []
    api.get("/v1/stations", limit=1)  # what is seen by whom is known in memory
    for stations in (many[:1], many):
        with counted(app.extensions["portside"][Database]) as sent:
            assert api.get("/v1/openings", station_id=stations, **SPAN).status_code == 200
        numbers.append(len([one for one in sent if "FROM reservations" in one or "FROM stations" in one]))
        total = len([one for one in sent if one != "BEGIN" and "clients" not in one and "station_changes" not in one])

    assert numbers == [2, 2]
    assert total <= 5  # with the ports and their statuses


def test_a_stations_own_policy_shapes_its_openings(app, api) -> None:
    add_stations(app, reservable("7:1"))
    own = {"earliest_start_min": 90, "shortest_min": 50, "longest_min": 120, "step_min": 30, "furthest_days": 1}
    assert api.as_operator().request("PUT", "/v1/stations/7:1/reservation-policy", json=own).status_code == 200
    days = {"start": SPAN["start"], "end": "2026-03-13T00:00:00Z"}

    answer = api.get("/v1/openings", station_id="7:1", **days)

    assert openings(answer) == [(1, "2026-03-10T13:30:00Z", "2026-03-11T14:00:00Z")]
    assert [answer.json["data"][0][name] for name in ("shortest_min", "longest_min", "step_min")] == [50, 120, 30]
    assert openings(api.get("/v1/openings", station_id="7:1", min_duration_min=121, **days)) == []


def test_a_port_that_is_out_of_order_opens_once_that_says_nothing_any_more(app, api) -> None:
    add_stations(app, reservable("7:1", ports=(a_port(1, reservable=True), a_port(2, reservable=True))))
    report(api, a_report("faulted", NOON, station_id="7:1"))

    answer = api.get("/v1/openings", station_id="7:1", **SPAN)

    assert openings(answer) == [(1, "2026-03-10T13:00:00Z", SPAN["end"]), (2, SPAN["start"], SPAN["end"])]
