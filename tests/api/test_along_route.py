"""Stations along a route: a conversation with POST /v1/stations/along-route."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from geopy.distance import great_circle

from finder.domain.opening_hours import OpeningHours, Regular
from finder.domain.station import Level
from finder.journey_schemas import AlongRouteListSchema
from kernel.fields import moment_text
from tests.api.finder_words import a_report, ids, report
from tests.api.problem_words import faults, problem
from tests.builders import a_port, a_station, add_stations
from tests.conftest import NOW
from tests.conversation import Conversation
from tests.rules.test_polyline import encoded

PATH = "/v1/stations/along-route"
A2 = [[5.10, 52.0], [5.20, 52.0], [5.30, 52.0], [5.40, 52.0]]  # 20.5 km eastwards
KM_PER_STEP = great_circle((52, 5.1), (52, 5.2)).km
BY_DAY = OpeningHours(regular=tuple(Regular(day, time(8), time(18)) for day in range(1, 8)))


def line(*places: list[float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(places)}


def asked(**more: Any) -> dict[str, Any]:
    return {"route": line(*A2), "corridor_m": 2000, **more}


def to_the_second(moment: datetime) -> datetime:
    return (moment + timedelta(seconds=0.5)).replace(microsecond=0)


@pytest.fixture
def stations(app: Flask) -> None:
    """Along the road, given in no order: one beside its start, one on it, one at its end, and one too far off."""
    add_stations(
        app,
        a_station("7:3", lat=52.0, lon=5.39, opening_hours=BY_DAY),
        a_station("7:1", lat=52.01, lon=5.11, opening_hours=OpeningHours(twenty_four_seven=True)),
        a_station("7:2", lat=52.0, lon=5.25, ports=(a_port(level=Level.DC_FAST, connectors=("CCS2",)),)),
        a_station("7:9", lat=52.02, lon=5.25),
    )


pytestmark = pytest.mark.usefixtures("stations")


def test_stations_come_in_travel_order_with_their_place_on_the_route(api: Conversation) -> None:
    answer = api.post(PATH, asked())

    first, second, third = answer.json["data"]
    assert ids(answer) == ["7:1", "7:2", "7:3"]
    assert first["distance_m"] == pytest.approx(great_circle((52, 5.11), (52.01, 5.11)).m, abs=1)
    assert first["detour_m"] == pytest.approx(2 * first["distance_m"], abs=0.1)
    assert second["offset_along_route_m"] == pytest.approx(1500 * KM_PER_STEP, abs=5)
    assert third["offset_along_route_m"] == pytest.approx(2900 * KM_PER_STEP, abs=5)
    assert (second["detour_m"], first["arrival_at"], first["open_on_arrival"]) == (0, None, None)


def test_the_answer_is_what_its_schema_says(api: Conversation) -> None:
    for more in ({}, {"speed_kmh": 60}):
        assert AlongRouteListSchema().validate(api.post(PATH, asked(**more)).json) == {}


def test_the_way_back_turns_the_order_around(api: Conversation) -> None:
    assert ids(api.post(PATH, asked(route=line(*reversed(A2))))) == ["7:3", "7:2", "7:1"]


def test_an_encoded_polyline_is_the_same_route(api: Conversation) -> None:
    as_text = {
        digits: encoded([(round(lat * 10**digits), round(lon * 10**digits)) for lon, lat in A2]) for digits in (5, 6)
    }

    told = [api.post(PATH, asked(route=text, precision=precision)).json for precision, text in as_text.items()]

    assert told == [api.post(PATH, asked()).json] * 2
    assert api.post(PATH, asked(route=as_text[5])).json == told[0]


def test_pages_go_on_where_the_last_one_ended(api: Conversation) -> None:
    first = api.post(PATH, asked(limit=2))
    second = api.post(PATH, asked(limit=2, cursor=first.json["next_cursor"]))

    assert (ids(first), ids(second)) == (["7:1", "7:2"], ["7:3"])
    assert (first.json["total"], second.json["has_more"]) == (3, False)
    other = asked(route=line(*A2[:3]), limit=2, cursor=first.json["next_cursor"])
    problem(api.post(PATH, other), 400, "invalid_cursor")


def test_the_filters_are_those_of_the_search(api: Conversation) -> None:
    report(api, a_report("available", NOW, station_id="7:3"))

    assert ids(api.post(PATH, asked(connector=["ccs2"], level=["DC_FAST"]))) == ["7:2"]
    assert ids(api.post(PATH, asked(network=[8]))) == []
    assert ids(api.post(PATH, asked(available=True))) == ["7:3"]
    assert ids(api.post(PATH, asked(name="corner*", max_age_s=60))) == ["7:3"]
    assert set(api.post(PATH, asked(include=["status"])).json["data"][0]) & {"tariff", "availability"} == {
        "availability"
    }


def test_a_station_is_told_as_it_is_when_the_driver_gets_there(api: Conversation) -> None:
    leaving = asked(departure_at="2026-03-10T16:55:00Z", speed_kmh=60)  # 17:55 in Utrecht

    told = api.post(PATH, leaving).json["data"]

    hours = [timedelta(hours=one["offset_along_route_m"] / 60_000) for one in told]
    left = datetime(2026, 3, 10, 16, 55, tzinfo=UTC)
    assert [one["arrival_at"] for one in told] == [moment_text(to_the_second(left + one)) for one in hours]
    assert [one["open_on_arrival"] for one in told] == [True, None, False]
    assert ids(api.post(PATH, leaving | {"open_on_arrival": True})) == ["7:1", "7:2"]
    assert ids(api.post(PATH, leaving | {"open_on_arrival": False})) == ["7:3"]


def test_timestamps_say_when_each_place_is_reached(api: Conversation) -> None:
    times = ["2026-03-10T15:00:00Z", "2026-03-10T15:10:00Z", "2026-03-10T16:10:00+00:00", "2026-03-10T17:10:00Z"]

    told = api.post(PATH, asked(timestamps=times)).json["data"]

    assert [one["arrival_at"][:16] for one in told] == ["2026-03-10T15:01", "2026-03-10T15:40", "2026-03-10T17:04"]


def test_a_journey_without_a_departure_begins_now(api: Conversation) -> None:
    told = api.post(PATH, asked(speed_kmh=60)).json["data"]

    assert told[0]["arrival_at"] == moment_text(NOW + timedelta(seconds=round(60 * KM_PER_STEP / 10)))


def test_what_is_taken_on_arrival_is_not_free(app: Flask, api: Conversation) -> None:
    ports = (a_port(1, reservable=True), a_port(2, reservable=True, connectors=("CCS2",)))
    places = {"8:1": 5.11, "8:2": 5.25, "8:3": 5.39}
    add_stations(app, *(a_station(one, lat=52.0, lon=at, ports=ports, reservable=True) for one, at in places.items()))
    driver, leaving = api.as_driver(), asked(departure_at="2026-03-10T14:00:00Z", speed_kmh=60, free_min=30)
    wish = {"station_id": "8:2", "port_number": 1, "card": "111973", "start": "2026-03-10T14:10:00Z"}
    assert driver.post("/v1/reservations", {**wish, "duration_min": 60}).status_code == 201

    assert ids(api.post(PATH, leaving)) == ["8:1", "8:2", "8:3"]
    assert ids(api.post(PATH, leaving | {"connector": ["J1772"]})) == ["8:1", "8:3"]
    later = leaving | {"departure_at": "2026-03-10T15:00:00Z", "connector": ["J1772"]}
    assert ids(api.post(PATH, later)) == ["8:1", "8:2", "8:3"]


def test_nothing_is_free_in_the_past(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("8:1", lat=52.0, lon=5.3, ports=(a_port(reservable=True),), reservable=True))
    gone = asked(departure_at=moment_text(NOW - timedelta(days=1)), speed_kmh=60, free_min=30)

    assert ids(api.post(PATH, gone)) == []


def test_a_route_across_the_antimeridian(app: Flask, api: Conversation) -> None:
    add_stations(app, *(a_station(f"8:{number}", lat=-18, lon=lon) for number, lon in enumerate((-179.9, 180, 179.9))))

    answer = api.post(PATH, asked(route=line([179.5, -18], [-179.5, -18])))

    assert ids(answer) == ["8:2", "8:1", "8:0"]


SPOILT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"route": None}, "/route"),
    ({"route": 5}, "/route"),
    ({"route": line()}, "/route/coordinates"),
    ({"route": line(A2[0])}, "/route/coordinates"),
    ({"route": line(*A2, [181, 0])}, "/route/coordinates/4"),
    ({"route": line(*A2, [0, 86])}, "/route/coordinates/4"),
    ({"route": line([1, 2], [1, "2"])}, "/route/coordinates/1"),  # type: ignore[list-item]
    ({"route": line([1, 2], [1, True])}, "/route/coordinates/1"),
    ({"route": line([1, 2], [1])}, "/route/coordinates/1"),
    ({"route": {"type": "LineString"}}, "/route/coordinates"),
    ({"route": {"type": "Point", "coordinates": [1, 2]}}, "/route"),
    ({"route": {**line(*A2), "cordinates": 1}}, "/route/cordinates"),
    ({"route": line(*A2), "precision": 5}, "/precision"),
    ({"route": ""}, "/route"),
    ({"route": "_ql{H"}, "/route"),
    ({"route": "_ql{H_mx^?_pR?_p"}, "/route"),
    ({"route": "_ql{H mx^"}, "/route"),
    ({"route": "_sdobB_rruH?_g|D"}, "/route"),  # of precision 6
    ({"route": line([-170, 0], [0, 0], [170, 0], [0, 10])}, "/route"),  # 58,000 km
    ({"corridor_m": -1}, "/corridor_m"),
    ({"corridor_m": 50_001}, "/corridor_m"),
    ({"corridor_m": "5"}, "/corridor_m"),
    ({"corridor_m": None}, "/corridor_m"),
    ({"speed_kmh": 0}, "/speed_kmh"),
    ({"departure_at": "2026-03-10T12:00:00Z"}, "/departure_at"),
    ({"departure_at": "9999-12-31T12:00:00Z", "speed_kmh": 1}, "/departure_at"),
    ({"open_on_arrival": True}, "/open_on_arrival"),
    ({"free_min": 30}, "/free_min"),
    ({"free_min": 0, "speed_kmh": 50}, "/free_min"),
    ({"timestamps": ["2026-03-10T12:00:00Z"]}, "/timestamps"),
    ({"timestamps": [f"2026-03-10T12:0{minute}:00Z" for minute in (0, 2, 1, 3)]}, "/timestamps/2"),
    ({"timestamps": ["noon"] * 4}, "/timestamps/0"),
    ({"limit": "5"}, "/limit"),
    ({"network": ["7"]}, "/network/0"),
    ({"bbox": "1,2,3,4"}, "/bbox"),
    ({"sort": "price"}, "/sort"),
)


def test_a_wrong_body_is_refused_and_pointed_at(api: Conversation) -> None:
    for spoilt, pointer in SPOILT:
        answer = api.post(PATH, asked(**spoilt))

        problem(answer, 422, "invalid_body")
        assert pointer in faults(answer), (spoilt, answer.text)


def test_a_route_of_twenty_thousand_places_is_taken_and_no_longer_one(api: Conversation) -> None:
    places = [[5.1 + number / 100_000_000_000, 52.000000123456] for number in range(20_000)]
    times = ["2026-03-10T12:00:00.123456+00:00"] * 20_000

    assert ids(api.post(PATH, asked(route=line(*places), timestamps=times))) == ["7:1"]
    answer = api.post(PATH, asked(route=line(*places, places[0])))
    problem(answer, 422, "invalid_body")
    problem(api.post(PATH, asked(name="x" * 2_200_000)), 413, "body_too_large")
    problem(api.post("/v1/estimates", {"tariff": "x" * 600_000}), 413, "body_too_large")
