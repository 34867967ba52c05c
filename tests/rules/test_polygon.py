"""Places in polygons, against shapely's answer for the same shapes."""

import math

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from finder.index import brought_up
from finder.polygon import Polygon, inside, rows_in
from tests.rules.test_corridor import station, stations_at

WHOLE = 24  # exact in floating point, so that a place on an edge is on it for both
degrees = st.integers(-8 * WHOLE, 8 * WHOLE).map(lambda number: number / WHOLE)
points = st.tuples(degrees, degrees)
corners = st.lists(points, min_size=3, max_size=9, unique=True)


def ring(places: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    return (*places, places[0])


def of_shapely(places: list[tuple[float, float]], holes: list[list[tuple[float, float]]]) -> shapely.Polygon:
    turned = [[(lon, lat) for lat, lon in each] for each in (places, *holes)]
    return shapely.Polygon(turned[0], turned[1:])


def told(polygon: Polygon, places: list[tuple[float, float]]) -> list[bool]:
    in_order = sorted(places)
    found = inside(polygon, *(np.array(each) for each in zip(*in_order, strict=True)))
    return [bool(found[in_order.index(place)]) for place in places]


@given(corners, corners, st.lists(points, min_size=1, max_size=30))
def test_inside_on_an_edge_and_on_a_corner_is_what_shapely_covers(outer, hole, places) -> None:
    shape = of_shapely(outer, [])
    assume(shape.is_valid)
    holes = [hole] if of_shapely(outer, [hole]).is_valid else []
    shape = of_shapely(outer, holes)

    found = told(Polygon((ring(outer), *map(ring, holes))), [*places, *outer])

    assert found == [bool(shapely.intersects_xy(shape, lon, lat)) for lat, lon in [*places, *outer]]


@given(
    st.lists(st.floats(0.1, 1), min_size=3, max_size=60), st.lists(st.tuples(st.floats(-80, 80), st.floats(-170, 170)))
)
def test_any_places_at_all_count_the_same(radii, places) -> None:
    turns = [2 * math.pi * number / len(radii) for number in range(len(radii))]
    star = [(80 * r * math.sin(turn), 170 * r * math.cos(turn)) for r, turn in zip(radii, turns, strict=True)]
    shape = of_shapely(star, [])
    away = [place for place in places if shape.boundary.distance(shapely.Point(place[1], place[0])) > 1e-9]

    found = told(Polygon((ring(star),)), [(0.0, 0.0), *away])

    assert found == [True, *(bool(shapely.intersects_xy(shape, lon, lat)) for lat, lon in away)]


def test_the_stations_in_some_of_the_polygons_are_found_once() -> None:
    squares = (Polygon((ring([(0, 0), (0, 2), (2, 2), (2, 0)]),)), Polygon((ring([(1, 1), (1, 3), (3, 3), (3, 1)]),)))
    held = stations_at((0.5, 0.5), (1.5, 1.5), (2.5, 2.5), (0.5, 2.5))

    newer = brought_up(held, 2, [2, 4], [([station(4, (1.2, 1.2))], [])])

    found = rows_in(squares, newer)
    assert sorted(newer.columns.stations["pk"][found].tolist()) == [0, 1, 4]
