"""Finding stations: a conversation with GET /v1/stations."""

import json
import time
from typing import Any

from flask import Flask
from geopy.distance import great_circle

from finder.domain.geo import METRES
from finder.domain.station import Address, Level, Organization
from tests.api.finder_words import CAMPBELL, HQ14, a_report, ids, report
from tests.api.problem_words import faults, problem
from tests.builders import a_port, a_station, add_stations
from tests.conftest import NOW
from tests.conversation import Conversation
from tests.rules.test_polyline import encoded

EVERYTHING = 8  # of the guide's ten, two are for their owner's employees only


def test_nearest_station_comes_first(api: Conversation) -> None:
    answer = api.get("/v1/stations", **CAMPBELL, radius=1)

    away = [station["distance_m"] for station in answer.json["data"]]
    assert ids(answer)[0] == HQ14
    assert away == sorted(away)
    assert away[0] < 5


def test_distances_are_great_circles_to_the_metre(api: Conversation) -> None:
    answer = api.get("/v1/stations", lat=48.8566, lon=2.3522, radius=20_000, unit="km")

    assert len(ids(answer)) == EVERYTHING
    for station in answer.json["data"]:
        there = (station["location"]["lat"], station["location"]["lon"])
        assert abs(station["distance_m"] - great_circle((48.8566, 2.3522), there).m) < 1


def test_a_radius_counts_in_its_unit(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1", lat=0.01, lon=0))

    for unit, metres in METRES.items():
        away = great_circle((0, 0), (0.01, 0)).m / metres
        just_inside = api.get("/v1/stations", lat=0, lon=0, radius=away * 1.000001, unit=unit)
        just_outside = api.get("/v1/stations", lat=0, lon=0, radius=away * 0.999999, unit=unit)
        assert (ids(just_inside), ids(just_outside)) == (["7:1"], [])


def test_the_radius_is_five_miles_where_none_is_given(app: Flask, api: Conversation) -> None:
    degrees = 5 * METRES["mi"] / great_circle((0, 0), (1, 0)).m
    add_stations(app, a_station("7:1", lat=degrees * 0.999, lon=0), a_station("7:2", lat=degrees * 1.001, lon=0))

    answer = api.get("/v1/stations", lat=0, lon=0)

    assert ids(answer) == ["7:1"]


def test_a_point_at_the_pole_or_the_antimeridian_sees_all_around_it(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1", lat=89.99, lon=100), a_station("7:2", lat=89.99, lon=-80))
    add_stations(app, a_station("7:3", lat=0, lon=179.99), a_station("7:4", lat=0, lon=-179.99))

    pole = api.get("/v1/stations", lat=90, lon=0, radius=10, unit="km")
    antimeridian = api.get("/v1/stations", lat=0, lon=180, radius=10, unit="km")

    assert sorted(ids(pole)) == ["7:1", "7:2"]
    assert sorted(ids(antimeridian)) == ["7:3", "7:4"]


def test_a_box_holds_what_is_in_it(api: Conversation) -> None:
    answer = api.get("/v1/stations", bbox="-121,47,-120,48")

    assert ids(answer) == ["1:2547"]
    assert answer.json["data"][0]["distance_m"] is None


def test_a_box_may_cross_the_antimeridian(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1", lat=-18, lon=179.9), a_station("7:2", lat=-18, lon=-179.9))
    add_stations(app, a_station("7:3", lat=-18, lon=0), a_station("7:4", lat=-18, lon=170))

    answer = api.get("/v1/stations", bbox="179,-20,-179,-10")

    assert ids(answer) == ["7:1", "7:2"]


def test_a_polygon_holds_what_is_in_it_but_not_in_its_holes(app: Flask, api: Conversation) -> None:
    places = {"7:1": (-18.0, 179.9), "7:2": (-18.0, -179.9), "7:3": (-15.0, 178.0), "7:4": (-17.0, 178.0)}
    add_stations(app, *(a_station(one, lat=lat, lon=lon) for one, (lat, lon) in places.items()))
    square, hole = (
        [[w, s], [e, s], [e, n], [w, n], [w, s]] for w, s, e, n in ((177, -19, 180, -14), (177, -18, 179, -16))
    )
    beyond = [[-180, -19], [-179, -19], [-179, -17], [-180, -17], [-180, -19]]
    asked = (
        {"type": "Polygon", "coordinates": [square]},
        {"type": "Polygon", "coordinates": [square, hole]},
        {"type": "MultiPolygon", "coordinates": [[square, hole], [beyond]]},
    )

    found = [ids(api.get("/v1/stations", polygon=json.dumps(one), network=7)) for one in asked]

    assert found == [["7:1", "7:3", "7:4"], ["7:1", "7:3"], ["7:1", "7:2", "7:3"]]
    ring = encoded([(lat * 100_000, lon * 100_000) for lon, lat in square[:-1]])
    assert ids(api.get("/v1/stations", polygon=ring, limit=2)) == ["7:1", "7:3"]
    assert [one["station_id"] for one in api.get("/v1/status", polygon=ring).json["data"]] == found[0]


def test_a_polygon_that_cannot_be_is_refused(api: Conversation) -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    of = {"type": "Polygon"}
    spoilt = (
        *("", "{", "{}", "[]", "nonsense", "_p~iF~ps|U", '{"type": []}'),
        *(
            json.dumps({**of, "coordinates": one})
            for one in (None, [], [[]], [ring[:2]], [ring[:3]], [[*ring[:3], [0, 1]]])
        ),
        json.dumps({**of, "coordinates": [[[0, 0], [181, 0], [1, 1], [0, 0]]]}),
        json.dumps({**of, "coordinates": [[[0, 0], ["1", 0], [1, 1], [0, 0]]]}),
        json.dumps({**of, "coordinates": [ring], "holes": []}),
        json.dumps({"type": "Point", "coordinates": [0, 0]}),
        encoded([(number * 7 % 400, number) for number in range(501)]),
    )
    for text in spoilt:
        answer = api.get("/v1/stations", polygon=text)

        problem(answer, 400, "invalid_request")
        assert faults(answer) == {"polygon"}, text
    problem(api.get("/v1/stations", polygon=json.dumps({**of, "coordinates": [ring]}), bbox="0,0,1,1"), 400)


def test_places_are_found_without_regard_to_case_and_accents(app: Flask, api: Conversation) -> None:
    place = Address(line1="Große Straße 5", city="Zürich", state="ZH", postal_code="8001", country="CH")
    add_stations(app, a_station("7:1", address=place), a_station("7:2"))

    for words in ({"city": "ZURICH"}, {"state": "zh"}, {"postal_code": "8001"}, {"address": "grosse strasse"}):
        assert ids(api.get("/v1/stations", **words)) == ["7:1"]
    assert ids(api.get("/v1/stations", country="ch")) == ["7:1"]
    assert len(ids(api.get("/v1/stations", country="United States"))) == EVERYTHING


FILTERS: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"network": 8}, {"8:1"}),
    ({"network": [8, 9]}, {"8:1", "9:1"}),
    ({"connector": "ccs1"}, {"8:1"}),
    ({"connector": ["CCS1", "tesla"]}, {"8:1", "9:1"}),
    ({"connector": ["CCS1", "CHADEMO"], "connector_match": "all"}, {"8:1"}),
    ({"connector": ["CCS1", "NACS"], "connector_match": "all"}, set()),
    ({"level": "DC_FAST"}, {"8:1", "9:1"}),
    ({"min_power_kw": 150}, {"9:1"}),
    ({"min_power_kw": 50, "network": 8}, {"8:1"}),
    ({"min_power_kw": 151}, set()),
    ({"reservable": "true", "level": "DC_FAST"}, {"9:1"}),
    ({"reservable": "false", "level": "DC_FAST"}, {"8:1"}),
    ({"name": "fast*"}, {"8:1", "9:1"}),
    ({"name": "FAST ?ANE"}, {"8:1"}),
    ({"name": "*lane*", "network": [8, 9]}, {"8:1", "9:1"}),
    ({"organization": "fast lane"}, {"8:1"}),
    ({"access": "PUBLIC", "max_power_kw": 50, "level": "DC_FAST"}, {"8:1"}),
    ({"connector": "NACS", "min_power_kw": 150, "max_power_kw": 150}, {"9:1"}),
    ({"connector": "J1772", "min_power_kw": 50, "network": 8}, set()),
    ({"station_id": ["8:1", "9:9", HQ14], "level": "DC_FAST"}, {"8:1"}),
)


def test_a_filter_finds_what_fits_it(app: Flask, api: Conversation) -> None:
    fast, faster = (a_port(level=Level.DC_FAST, power_kw=kw, connectors=()) for kw in (50, 150))
    owner = Organization("8:1", "FAST LANE")
    add_stations(
        app,
        a_station("8:1", organization=owner, ports=(a_port(2), _with(fast, "CCS1", "CHADEMO"))),
        a_station("9:1", name="FAST LANE 9", ports=(_with(faster, "NACS"),), reservable=True),
    )

    for asked, found in FILTERS:
        answer = api.get("/v1/stations", **asked)
        assert (asked, set(ids(answer)), answer.json["total"]) == (asked, found, len(found))


def _with(port: Any, *connectors: str) -> Any:
    return a_port(port.port_number, level=port.level, power_kw=port.power_kw, connectors=connectors)


def test_only_star_and_question_mark_are_wildcards(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1", name="100% green_park"), a_station("7:2", name="100x green-park"))

    for name in ("100% green_park", "100%*", "*_park", "100? green_park"):
        assert ids(api.get("/v1/stations", name=name)) == ["7:1"]
    for name in ("%", "_", "100.*", "[0-9]*", "1_0% green_park", "\\*"):
        assert ids(api.get("/v1/stations", name=name)) == []


def test_a_name_full_of_wildcards_is_answered_at_once(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1", name="a" * 40))
    began = time.perf_counter()

    answer = api.get("/v1/stations", name="*a" * 8 + "*b")

    assert ids(answer) == []
    assert time.perf_counter() - began < 1


def test_stations_where_one_can_charge_now(api: Conversation) -> None:
    report(api, a_report("available", NOW), a_report("charging", NOW, station_id="1:23"))

    assert ids(api.get("/v1/stations", available="true")) == [HQ14]
    busy = api.get("/v1/stations", available="false")
    assert len(ids(busy)) == EVERYTHING - 1
    assert busy.json["total"] is None


def test_a_crawl_meets_every_station_once_while_others_are_added(app: Flask, api: Conversation) -> None:
    met: list[str] = []
    page: dict[str, Any] = {"next_cursor": None}
    while not met or page["has_more"]:
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        page = api.get("/v1/stations", limit=3, **cursor).json
        met += [station["station_id"] for station in page["data"]]
        if len(met) < EVERYTHING:
            add_stations(app, a_station(f"7:{len(met)}"))

    assert len(met) == len(set(met))
    assert len([station_id for station_id in met if station_id.startswith("1:")]) == EVERYTHING


def test_a_crawl_by_distance_keeps_stations_at_the_same_distance_apart(app: Flask, api: Conversation) -> None:
    add_stations(app, *(a_station(f"7:{number}") for number in range(1, 8)))
    asked = {"lat": 52.09, "lon": 5.12, "limit": 2}
    met, cursor = [], {}

    while True:
        answer = api.get("/v1/stations", **asked, **cursor)
        met += ids(answer)
        if not answer.json["has_more"]:
            break
        cursor = {"cursor": answer.json["next_cursor"]}

    assert met == [f"7:{number}" for number in range(1, 8)]


def test_the_link_header_leads_to_the_next_page(api: Conversation) -> None:
    first = api.get("/v1/stations", network=[1, 2], limit=6, country="US")

    address, _, relation = first.headers["Link"].partition("; ")
    second = api.request("GET", address.strip("<>"))

    assert relation == 'rel="next"'
    assert len({*ids(first), *ids(second)}) == EVERYTHING
    assert "Link" not in second.headers
    assert second.json["next_cursor"] is None


def test_a_cursor_belongs_to_its_question(api: Conversation) -> None:
    cursor = api.get("/v1/stations", limit=1).json["next_cursor"]

    problem(api.get("/v1/stations", limit=1, cursor=cursor, city="Campbell"), 400, "invalid_cursor")
    assert api.get("/v1/stations", limit=2, cursor=cursor).status_code == 200


def test_include_says_what_a_station_comes_with(api: Conversation) -> None:
    members = {"status": "availability", "tariff": "tariff", "opening_hours": "opening_hours"}

    for part, member in members.items():
        [station] = api.get("/v1/stations", station_id=HQ14, include=part).json["data"]
        assert {name for name in members.values() if name in station} == {member}
        assert ("status" in station["ports"][0]) is (part == "status")


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"conector": "CCS1"}, "conector"),
    ({"lat": 91, "lon": 0}, "lat"),
    ({"lat": 1}, "lon"),
    ({"lat": [1, 2], "lon": 0}, "lat"),
    ({"station_id": HQ14, "bbox": "0,0,1,1"}, "station_id"),
    ({"station_id": HQ14, "city": "Campbell"}, "station_id"),
    ({"lat": 1, "lon": 1, "bbox": "0,0,1,1"}, "bbox"),
    ({"radius": 5}, "radius"),
    ({"unit": "km", "network": 1}, "unit"),
    ({"lat": 1, "lon": 1, "radius": 25_000, "unit": "mi"}, "radius"),
    ({"bbox": "0,10,1,5"}, "bbox"),
    ({"bbox": "0,1,2"}, "bbox"),
    ({"connector": "plug"}, "connector/0"),
    ({"level": "L9"}, "level/0"),
    ({"include": "everything"}, "include"),
    ({"available": "yes"}, "available"),
    ({"unit": "furlong", **CAMPBELL}, "unit"),
    ({"lat": "37_2", "lon": 1}, "lat"),
    ({"city": ""}, "city"),
    ({"connector_match": "all"}, "connector_match"),
    ({"min_power_kw": 50, "max_power_kw": 22}, "max_power_kw"),
    ({"sort": "distance", "bbox": "0,0,1,1"}, "sort"),
    ({"sort": "price"}, "sort"),
    ({"mode": "2"}, "mode/0"),
    ({"access": "EVERYBODY"}, "access/0"),
    ({"voltage_v": "-1"}, "voltage_v/0"),
    ({"open_at": "2026-03-10T12:00:00"}, "open_at"),
    ({"open_at": ["2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z"]}, "open_at"),
    ({"network": list(range(51))}, "network"),
)


def test_what_is_unknown_misspelt_or_contradictory_is_refused(api: Conversation) -> None:
    for asked, where in REFUSED:
        answer = api.get("/v1/stations", **asked)

        problem(answer, 400, "invalid_request")
        assert where in faults(answer), asked
