"""Clusters of the map: what is counted is what the search finds, at every zoom and wherever the map is moved."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from flask import Flask

from finder.domain.availability import COUNTED
from finder.map_schemas import ClustersSchema
from kernel.box import Box
from tests.api.finder_words import a_report, report
from tests.api.maintenance_words import announce
from tests.api.problem_words import faults, problem
from tests.builders import a_port, a_station, add_stations
from tests.conftest import NOW
from tests.conversation import Conversation

PATH = "/v1/map/clusters"
WORLD = "-180,-90,180,90"
WORDS = ("available", "charging", "faulted", "offline", "Reserved")


@pytest.fixture
def stations(app: Flask, api: Conversation) -> list[str]:
    """Stations all over the world and in two towns, some exactly on edges of cells; of a third nothing was heard."""
    chance = Random(5)
    towns = [(52.09, 5.12), (-17.0, 179.99)]
    places = [(chance.uniform(-80, 80), chance.uniform(-180, 180)) for _ in range(40)]
    places += [
        (lat + chance.gauss(0, 0.02), (lon + chance.gauss(0, 0.02) + 180) % 360 - 180) for lat, lon in towns * 20
    ]
    places += [(0.0, 0.0), (0.0, 180.0), (0.0, -180.0), (45.0, 90.0), (52.09, 5.12), (52.09, 5.12), (89.9, 3.0)]
    ports = (a_port(1), a_port(2, connectors=("CCS2",)))
    made = [
        a_station(f"7:{number}", lat=round(lat, 6), lon=round(lon, 6), ports=ports[: 1 + number % 2])
        for number, (lat, lon) in enumerate(places)
    ]
    add_stations(app, *made)
    heard = [one.station_id for number, one in enumerate(made) if number % 3]
    report(api, *(a_report(WORDS[n % len(WORDS)], NOW, station_id=one) for n, one in enumerate(heard)))
    return [one.station_id for one in made]


@pytest.fixture(params=["few", "many"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of knowing statuses: asked for one by one, and from the board."""
    for module in ("finder.ports_now.FEW", "finder.clusters.FEW"):
        monkeypatch.setattr(module, 10_000 if request.param == "few" else 0)
    monkeypatch.setattr("finder.clusters.HELD_S", -1.0)
    monkeypatch.setattr("finder.status_board.LOOKED_AT_EVERY_S", 0.0)
    return str(request.param)


def found_by_search(api: Conversation, **asked: Any) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        page = api.get("/v1/stations", limit=200, **asked, **({"cursor": cursor} if cursor else {})).json
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def check(api: Conversation, zoom: int, **asked: Any) -> Any:
    """The clusters, after seeing that they are the stations of the search, no more and no less."""
    told = api.get(PATH, zoom=zoom, **asked).json
    stations = found_by_search(api, **asked)
    ports = Counter()
    for station in stations:
        ports.update({name: station["availability"][name] for name in (*COUNTED, "total")})
    parts = [*told["clusters"], *told["stations"]]
    assert ClustersSchema().validate(told) == {}
    assert told["count"] == len(stations) == sum(one.get("count", 1) for one in parts)
    assert told["available_count"] == sum(station["availability"]["AVAILABLE"] > 0 for station in stations)
    for name in (*COUNTED, "total"):
        assert told["availability"][name] == ports[name] == sum(one["availability"][name] for one in parts)
    for one in told["clusters"]:
        inside = [s for s in stations if Box(*one["bbox"]).contains(s["location"]["lat"], s["location"]["lon"])]
        assert len(inside) >= one["count"] >= 2
        assert one["bbox"][1] <= one["lat"] <= one["bbox"][3]
    known = {station["station_id"]: station["availability"] for station in stations}
    assert all(known[one["station_id"]] == one["availability"] for one in told["stations"])
    return told


@pytest.mark.usefixtures("stations", "ways")
def test_the_counts_are_those_of_the_search_at_every_zoom_and_wherever_it_is_looked(api: Conversation) -> None:
    for zoom in (0, 2, 4):
        check(api, zoom, bbox=WORLD)
    for zoom, bbox in ((1, "-180,0,0,90"), (3, "170,-30,-170,30"), (7, "4,51,6,53"), (13, "5.0,52.0,5.2,52.2")):
        check(api, zoom, bbox=bbox)
    assert check(api, 13, bbox="100,10,100.1,10.1")["count"] == 0


@pytest.mark.usefixtures("stations", "ways")
def test_filters_count_as_in_the_search(api: Conversation) -> None:
    asked: tuple[dict[str, Any], ...] = (
        {"connector": "CCS2"},
        {"available": "true"},
        {"available": "false"},
        {"status": ["IN_USE", "OUT_OF_SERVICE"]},
        {"status": "AVAILABLE", "connector": "CCS2", "max_age_s": 60},
        {"max_age_s": 0},
        {"city": "utrecht", "network": 7},
        {"city": "nowhere"},
    )
    for filters in asked:
        check(api, 3, bbox=WORLD, **filters)


@pytest.mark.usefixtures("stations", "ways")
def test_silence_maintenance_and_reservations_count_as_told(app: Flask, api: Conversation, clock: Any) -> None:
    add_stations(app, a_station("7:999", lat=10, lon=10, reservable=True, ports=(a_port(reservable=True),)))
    report(api, a_report("available", NOW, station_id="7:999"))
    wish = {"station_id": "7:999", "start": "2026-03-10T12:10:00Z", "duration_min": 60, "card": "111973"}
    held = api.as_driver().post("/v1/reservations", wish)
    assert api.as_driver().post(f"/v1/reservations/{held.json['handle']}/confirm").status_code == 200, held.text
    clock.advance(minutes=16)
    assert check(api, 2, bbox=WORLD)["availability"]["RESERVED"] > 0
    announce(api, None, scope={"station_ids": ["7:1", "7:2"]}, effects=["status_delayed"])
    announce(api, None, scope={"organization_id": "1:12"}, effects=["status_delayed"])
    check(api, 2, bbox=WORLD)
    clock.advance(minutes=50)
    report(api, a_report("available", clock.moment, station_id="7:4"))

    told = check(api, 2, bbox=WORLD)

    assert told["availability"]["UNREACHABLE"] > told["availability"]["AVAILABLE"] > 0
    check(api, 2, bbox=WORLD, status="UNREACHABLE")
    check(api, 2, bbox=WORLD, available="true")


@pytest.mark.usefixtures("stations")
def test_moving_the_map_changes_no_cluster(api: Conversation) -> None:
    def clusters(bbox: str) -> dict[tuple[float, ...], Any]:
        told = api.get(PATH, zoom=9, bbox=bbox).json["clusters"]
        return {tuple(one["bbox"]): one for one in told}

    here, moved = clusters("4.9,51.9,5.4,52.3"), clusters("4.95,51.95,5.45,52.35")

    assert len(here) >= 2
    assert here == moved


@pytest.mark.usefixtures("stations")
def test_a_cluster_comes_apart_at_the_zoom_it_names(api: Conversation) -> None:
    [cluster] = [one for one in api.get(PATH, zoom=4, bbox="4,51,6,53").json["clusters"] if one["count"] > 10]
    inside = ",".join(map(str, cluster["bbox"]))

    before, after = (api.get(PATH, zoom=cluster["expansion_zoom"] - step, bbox=inside).json for step in (1, 0))

    assert (len(before["clusters"]), before["stations"]) == (1, [])
    assert len(after["clusters"]) + len(after["stations"]) > 1
    [together] = api.get(PATH, zoom=22, bbox="5.11999,52.08999,5.12001,52.09001").json["clusters"]
    assert (together["count"], together["expansion_zoom"]) == (2, None)


@pytest.mark.usefixtures("stations")
def test_the_same_answer_is_not_sent_twice(api: Conversation) -> None:
    first = api.get(PATH, zoom=2, bbox=WORLD)

    again = api.get(PATH, zoom=2, bbox=WORLD, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, first.headers["Cache-Control"]) == (304, "private, max-age=5")


def test_questions_that_cannot_be_are_refused(api: Conversation) -> None:
    spoilt: tuple[tuple[dict[str, Any], str], ...] = (
        ({"bbox": None}, "bbox"),
        ({"zoom": None}, "zoom"),
        ({"zoom": 23}, "zoom"),
        ({"zoom": "2.5"}, "zoom"),
        ({"zoom": 5}, "zoom"),  # the world has 16,384 cells then
        ({"bbox": "0,10,1,9"}, "bbox"),
        ({"lat": 5}, "lat"),
        ({"station_id": "7:1"}, "station_id"),
        ({"limit": 5}, "limit"),
    )
    for changes, pointer in spoilt:
        asked = {"bbox": WORLD, "zoom": 2, **changes}
        answer = api.get(PATH, **{name: value for name, value in asked.items() if value is not None})

        problem(answer, 400, "invalid_request")
        assert pointer in faults(answer), answer.text
