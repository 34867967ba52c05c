"""A radius beside a place: the centre is the most granular place given (guide 6.1.2), as the catalogue knows it."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import create_app
from finder.domain.station import Address, Visibility
from kernel.clock import FixedClock
from kernel.settings import Settings
from tests.api.finder_words import HQ14, ids
from tests.api.problem_words import faults, problem
from tests.builders import a_station, add_stations
from tests.conftest import close
from tests.conversation import Conversation
from tests.geocoder import geocoder, nominatim


def at(station_id: str, lat: float, lon: float, **more: Any) -> Any:
    """A station in Ghent, or where `more` says."""
    said = {"city": "Gent", "state": "Oost-Vlaanderen", "postal_code": "9000", "country": "BE"}
    address = Address(**{**said, **{name: more.pop(name) for name in (*said, "line1") if name in more}})
    return a_station(station_id, lat=lat, lon=lon, address=address, **more)


@pytest.fixture
def api(app: Flask, api: Conversation) -> Conversation:
    add_stations(
        app,
        at("7:1", 51.05, 3.72, line1="Korenmarkt 1"),
        at("7:2", 51.05, 3.74, postal_code="9001"),
        at("7:3", 51.05, 3.76, postal_code="9001"),
        at("7:4", 51.05, 3.80, city="Oostakker", postal_code="9041"),
        at("7:5", 51.21, 3.22, city="Brugge", state="West-Vlaanderen", postal_code="8000"),
    )
    return api


AROUND: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"city": "GENT", "radius": 1, "unit": "m"}, ["7:2"]),  # the middle of three
    ({"city": "Gent", "radius": 1, "unit": "km"}, ["7:2"]),
    ({"city": "Gent", "unit": "km"}, ["7:2", "7:1", "7:3", "7:4"]),
    ({"city": "Gent", "state": "oost-vlaanderen", "country": "be", "radius": 100}, ["7:2", "7:1", "7:3", "7:4", "7:5"]),
    ({"postal_code": "9001", "city": "Gent", "radius": 1, "unit": "km"}, ["7:2", "7:3"]),
    ({"address": "Korenmarkt 1, Gent", "postal_code": "9000", "radius": 100, "unit": "m"}, ["7:1"]),
    ({"address": "Korenmarkt", "radius": 3, "unit": "km", "network": 7}, ["7:1", "7:2", "7:3"]),
    ({"state": "West-Vlaanderen", "radius": 0}, ["7:5"]),
)


@pytest.mark.parametrize("path", ["/v1/stations", "/v1/status"])
def test_the_centre_is_the_most_granular_place_given(api: Conversation, path: str) -> None:
    for asked, found in AROUND:
        assert (asked, ids(api.get(path, **asked))) == (asked, found)


def test_distances_count_from_the_place(api: Conversation) -> None:
    near = api.get("/v1/stations", city="Brugge", radius=1, sort="distance").json["data"]

    assert [station["distance_m"] for station in near] == [0]


def test_an_unknown_place_is_said_to_be_unknown(api: Conversation) -> None:
    for asked in ({"city": "Nirgendwo"}, {"city": "Gent", "country": "US"}, {"address": ","}, {"city": ","}):
        answer = api.get("/v1/stations", radius=5, **asked)

        problem(answer, 400, "place_unknown")
        assert faults(answer) == {next(iter(asked))}


def test_a_name_of_several_places_is_said_to_be_ambiguous(app: Flask, api: Conversation) -> None:
    add_stations(app, at("7:6", 42.8, -73.9, country="US", state="NY", city="Brugge"))
    add_stations(app, at("7:7", 51.0, 3.0, city="Atlantis"), at("7:8", 42.0, -73.0, city="Atlantis", country="US"))

    problem(api.get("/v1/stations", city="Brugge", radius=5, country="US", state="CA"), 400, "place_unknown")
    assert ids(api.get("/v1/stations", city="Brugge", radius=5, state="NY")) == ["7:6"]
    answer = api.get("/v1/stations", city="Atlantis", radius=5)  # no station is in that of South Africa

    assert "the state, the country" in problem(answer, 400, "place_ambiguous")["detail"]


def test_of_places_with_stations_the_gazetteer_tells_which_is_meant(app: Flask, api: Conversation) -> None:
    add_stations(app, at("7:6", 42.8, -73.9, country="US", state="NY"))

    assert ids(api.get("/v1/stations", city="Gent", radius=3)) == ["7:1", "7:2", "7:3"]


def test_what_a_caller_does_not_see_is_no_place(app: Flask, api: Conversation) -> None:
    add_stations(app, at("7:6", 50.5, 4.5, city="Geheim", visibility=Visibility.OWNER))

    problem(api.get("/v1/stations", city="Geheim", radius=5), 400, "place_unknown")
    assert ids(api.as_operator().get("/v1/stations", city="Geheim", radius=5)) == ["7:6"]


ELSEWHERE: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"city": "Antwerpen", "radius": 49}, ["7:4", "7:3"]),
    ({"city": "ANTWERP", "country": "Belgium", "radius": 49}, ["7:4", "7:3"]),
    ({"city": "springfield", "state": "IL", "radius": 20}, ["7:11"]),
    ({"city": "Springfield", "state": "missouri", "country": "usa", "radius": 20}, ["7:12"]),
    ({"city": "Montreal", "radius": 20}, ["7:13"]),
    ({"city": "montréal", "state": "Québec", "radius": 20}, ["7:13"]),
    ({"state": "QC", "country": "CA", "radius": 20}, ["7:13"]),
    ({"city": "Paris", "radius": 20}, ["7:14"]),  # the catalogue knows but one
    ({"city": "Paris", "country": "FR", "radius": 20}, []),
    ({"country": "The Netherlands", "radius": 150}, ["7:4", "7:3", "7:2", "7:1"]),
)


@pytest.fixture
def abroad(app: Flask, api: Conversation) -> Conversation:
    add_stations(
        app,
        at("7:11", 39.68, -89.70, city="Chatham", state="IL", country="US"),
        at("7:12", 37.04, -93.29, city="Nixa", state="MO", country="US"),
        at("7:13", 45.53, -73.52, city="Longueuil", state="QC", country="CA"),
        at("7:14", 33.66, -95.55, city="Paris", state="TX", country="US"),
    )
    return api


def test_places_without_stations_are_known_too(abroad: Conversation) -> None:
    for asked, found in ELSEWHERE:
        assert (asked, ids(abroad.get("/v1/stations", unit="km", **asked))) == (asked, found)


def test_namesakes_elsewhere_are_told_apart_or_refused(abroad: Conversation) -> None:
    for asked in ({"city": "Springfield"}, {"city": "Springfield", "country": "US"}, {"state": "WA"}):
        answer = abroad.get("/v1/stations", radius=5, **asked)

        assert "the state, the country" in problem(answer, 400, "place_ambiguous")["detail"]
        assert faults(answer) == {next(iter(asked))}
    for asked in ({"city": "Springfield", "state": "Limburg"}, {"city": "Antwerpen", "country": "Nirgendwo"}):
        problem(abroad.get("/v1/stations", radius=5, **asked), 400, "place_unknown")


def test_streets_and_postal_codes_are_not_taken_for_their_city(api: Conversation) -> None:
    for asked in ({"address": "Meir 1"}, {"postal_code": "2000"}):
        problem(api.get("/v1/stations", radius=5, city="Antwerpen", **asked), 400, "place_unknown")


@pytest.mark.parametrize("path", ["/v1/stations", "/v1/status"])
def test_a_place_and_a_point_that_do_not_match_are_refused(api: Conversation, path: str) -> None:
    answer = api.get(path, lat=37.26, lon=-121.95, city="Gent")

    assert problem(answer, 400, "place_elsewhere")["response_code"] == "118"
    assert faults(answer) == {"city"}
    assert ids(api.get(path, lat=51.05, lon=3.72, radius=0, city="Brugge")) == []
    assert ids(api.get(path, lat=37.26, lon=-121.95, city="Atlantis")) == []


def test_a_crawl_goes_on_around_the_same_centre_though_the_place_grows(app: Flask, api: Conversation) -> None:
    asked = {"city": "Gent", "radius": 10, "unit": "km", "limit": 1}
    met, cursor = [], {}

    for number in range(4):
        page = api.get("/v1/stations", **asked, **cursor)
        met += ids(page)
        cursor = {"cursor": page.json["next_cursor"]}
        add_stations(app, at(f"7:{number + 10}", 51.2, 3.5 + number / 10))

    assert met == ["7:2", "7:1", "7:3", "7:4"]
    other = {**asked, "cursor": api.get("/v1/stations", **asked).json["next_cursor"], "radius": 9}
    problem(api.get("/v1/stations", **other), 400, "invalid_cursor")


def test_a_radius_around_nothing_is_refused(api: Conversation) -> None:
    for asked in ({"radius": 5}, {"radius": 5, "bbox": "3,50,4,52", "city": "Gent"}, {"unit": "km", "name": "x"}):
        assert "radius" in faults(api.get("/v1/stations", **asked)) or "unit" in faults(
            api.get("/v1/stations", **asked)
        )


def test_a_place_without_stations_is_asked_of_the_geocoder(settings: Settings, clock: FixedClock) -> None:
    with geocoder() as stub:
        stub.says = nominatim(37.2615, -121.9577)
        app = create_app(replace(settings, geocoder_url=f"nominatim+{stub.url}"), clock=clock)
        api = Conversation(app)

        found = api.get("/v1/stations", city="San Jose", radius=1)
        stub.status = 500
        problem(api.get("/v1/stations", city="Elsewhere", radius=1), 503, "geocoder_unavailable")

        assert ids(found)[0] == HQ14
        assert ids(api.get("/v1/stations", city="San Jose", radius=1)) == ids(found)
        assert ids(api.get("/v1/stations", city="Leavenworth", radius=1)) == ["1:2547"]
        close(app)
