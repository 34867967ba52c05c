"""The corridor of a route, against an oracle that walks along the route in small steps."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from finder.corridor import ABOUT_AS_NEAR_M, Corridor, beside
from finder.great_circle import distances_m
from finder.index import brought_up, loaded
from finder.indexed import StationRecord
from finder.route import LONGEST_M, Route, TooLong, route_through
from finder.snapshot import Snapshot

Place = tuple[float, float]
STEPS = 400
KM = 1000.0
SEEN = {"access": "PUBLIC", "visibility": "EVERYONE"}


def stations_at(*places: Place) -> Snapshot:
    """A snapshot of stations of which only the place matters; their keys count from 0."""
    return loaded(1, [([station(pk, place) for pk, place in enumerate(places)], [])])


def station(pk: int, place: Place) -> StationRecord:
    told = dict.fromkeys(StationRecord._fields) | {"pk": pk, "station_id": f"1:{pk}", "network_id": 1, "name": "x"}
    return StationRecord(**told | {"lat": place[0], "lon": place[1], "time_zone": "UTC"} | SEEN)


def found(snapshot: Snapshot, route: Route, width_m: float) -> dict[int, tuple[float, float]]:
    """Key → distance from the route, and how far along it."""
    told = beside(Corridor(route, width_m), snapshot)
    pks = snapshot.columns.stations["pk"][told.rows].tolist()
    assert len(set(pks)) == len(pks)
    return dict(zip(pks, zip(told.away_m.tolist(), told.along_m.tolist(), strict=True), strict=True))


def walked(places: Sequence[Place], at: Place) -> float:
    """The least distance to any of the places on the way, found in two rounds of small steps."""
    least = math.inf
    for (lat, lon), (lat2, lon2) in pairwise(places):
        east = (lon2 - lon + 180) % 360 - 180
        low, high = 0.0, 1.0
        for _ in range(4):
            share = np.linspace(low, high, STEPS)
            away = distances_m(*at, lat + share * (lat2 - lat), lon + share * east)
            near = share[int(away.argmin())]
            low, high = max(0.0, near - 2 * (high - low) / STEPS), min(1.0, near + 2 * (high - low) / STEPS)
        least = min(least, float(away.min()))
    return least


@st.composite
def journeys(draw: st.DrawFn) -> tuple[list[Place], list[Place], float]:
    """A route anywhere up to 80 degrees, some stations about it, and a width; often across the antimeridian."""
    start = draw(st.tuples(st.floats(-75, 75), st.sampled_from([0.0, 179.95, -179.9, 77.3]) | st.floats(-180, 180)))
    step = st.floats(-0.6, 0.6) | st.just(0.0)
    places, reached = [start], start
    for north, east in draw(st.lists(st.tuples(step, step), min_size=1, max_size=12)):
        reached = (reached[0] + north * draw(st.sampled_from([0.02, 1])), (reached[1] + east + 180) % 360 - 180)
        assume(abs(reached[0]) < 80)
        places.append(reached)
    aside = st.floats(-1, 1)
    about = draw(st.lists(st.tuples(st.sampled_from(places), aside, aside), max_size=12))
    stations = [(lat + north, (lon + east + 180) % 360 - 180) for (lat, lon), north, east in about]
    return places, stations, draw(st.sampled_from([0.0, 100.0, 5 * KM, 50 * KM]))


@given(journeys())
def test_exactly_the_stations_within_the_width_are_found(journey: tuple[list[Place], list[Place], float]) -> None:
    places, stations, width_m = journey

    told = found(stations_at(*stations), route_through(places), width_m)

    for pk, at in enumerate(stations):
        away, slack = walked(places, at), 0.01 + width_m / 1000
        assert pk in told or away > width_m - slack
        if pk in told:
            assert away - 0.02 <= told[pk][0] <= away + slack + ABOUT_AS_NEAR_M
            assert away <= width_m + slack


@given(journeys())
def test_where_it_says_is_where_the_route_is_that_near(journey: tuple[list[Place], list[Place], float]) -> None:
    places, stations, width_m = journey
    route = route_through(places)

    for pk, (away_m, along_m) in found(stations_at(*stations), route, width_m).items():
        lat, lon = (float(np.interp(along_m, route.offset_m, one)) for one in (route.lat, route.lon))
        assert abs(float(distances_m(*stations[pk], np.array([lat]), np.array([lon]))[0]) - away_m) < 0.05
        assert 0 <= along_m <= route.length_m + 0.001


def test_of_the_way_there_and_the_way_back_the_first_counts() -> None:
    there = [(50.0, 8.0 + number / 100) for number in range(100)]
    back = [(50.0002, lon) for _, lon in reversed(there)]  # the other carriageway, 22 m beside it

    told = found(stations_at((50.001, 8.31)), route_through([*there, *back]), 5 * KM)

    [(away_m, along_m)] = told.values()
    assert away_m == pytest.approx(111, abs=1)
    assert along_m == pytest.approx(22.2 * KM, abs=50)


def test_a_later_pass_that_is_much_nearer_counts() -> None:
    loop = [(50.0, 8.0), (50.0, 8.5), (50.04, 8.5), (50.04, 8.0)]

    [(away_m, along_m)] = found(stations_at((50.039, 8.25)), route_through(loop), 5 * KM).values()

    assert away_m < 120
    assert along_m > 50 * KM


def test_a_route_across_the_antimeridian_goes_the_short_way() -> None:
    route = route_through([(-17.0, 179.5), (-17.0, -179.5)])

    told = found(stations_at((-17.01, 179.9), (-17.01, -179.9), (-17.01, 180.0), (-17.0, 0.0)), route, 5 * KM)

    assert sorted(told) == [0, 1, 2]
    assert told[0][1] < told[2][1] < told[1][1]
    assert route.length_m == pytest.approx(106.3 * KM, rel=0.01)


def test_places_given_twice_change_nothing() -> None:
    once = [(50.0, 8.0), (50.1, 8.1), (50.2, 8.0)]
    stations = stations_at((50.05, 8.06), (50.1, 8.1), (50.3, 8.0))

    twice = found(stations, route_through([place for place in once for _ in range(3)]), 20 * KM)

    assert twice == found(stations, route_through(once), 20 * KM)
    assert twice[1][0] == 0


def test_a_journey_that_stays_where_it_is_finds_what_is_around() -> None:
    told = found(stations_at((50.0, 8.0), (50.01, 8.0), (50.1, 8.0)), route_through([(50.0, 8.0)] * 2), 2 * KM)

    assert {pk: along_m for pk, (_, along_m) in told.items()} == {0: 0.0, 1: 0.0}


def test_a_width_of_nothing_finds_what_stands_on_the_route() -> None:
    on_it, beside_it = (50.0, 8.05), (50.00001, 8.05)

    assert list(found(stations_at(on_it, beside_it), route_through([(50.0, 8.0), (50.0, 8.1)]), 0.0)) == [0]


def test_stations_that_came_and_went_since_are_as_they_are_now() -> None:
    held = stations_at((50.0, 8.0), (50.0, 8.1), (51.0, 8.0))

    newer = brought_up(held, 2, [1, 2, 3], [([station(2, (50.001, 8.2)), station(3, (50.0, 8.3))], [])])

    assert sorted(found(newer, route_through([(50.0, 7.9), (50.0, 8.5)]), KM)) == [0, 2, 3]


def test_nobody_drives_more_than_half_around_the_earth() -> None:
    around = [(0.0, float(lon)) for lon in range(-180, 180, 10)]

    with pytest.raises(TooLong):
        route_through([*around, *around])

    assert route_through(around[:18]).length_m < LONGEST_M
