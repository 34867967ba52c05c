"""Geography: distances held against geopy, boxes around circles, and everything at the poles and the antimeridian."""

from math import nextafter

import pytest
from geopy.distance import great_circle
from hypothesis import example, given
from hypothesis import strategies as st

from finder.domain.geo import HALF_AROUND_M, METRES, box_around, distance_m
from kernel.box import Box

latitudes = st.floats(-90, 90) | st.sampled_from((-90.0, -89.999999, 0.0, 89.999999, 90.0))
longitudes = st.floats(-180, 180) | st.sampled_from((-180.0, -179.999999, 0.0, 179.999999, 180.0))
points = st.tuples(latitudes, longitudes)
near = st.floats(-0.01, 0.01)
radii_m = st.floats(0, HALF_AROUND_M) | st.sampled_from((0.0, 1.0, 5000.0))
boxes = st.builds(
    lambda west, east, one, other: Box(west, min(one, other), east, max(one, other)),
    longitudes,
    longitudes,
    latitudes,
    latitudes,
)


@given(points, points)
def test_the_distance_is_the_one_that_geopy_finds(here, there) -> None:
    assert distance_m(*here, *there) == pytest.approx(great_circle(here, there).m, rel=1e-6, abs=0.1)


@given(points, points)
def test_the_way_back_is_as_long(here, there) -> None:
    assert distance_m(*here, *there) == pytest.approx(distance_m(*there, *here), abs=1e-6)
    assert 0 <= distance_m(*here, *there) <= HALF_AROUND_M * 1.000001


@given(points)
def test_a_point_is_nowhere_but_where_it_is(here) -> None:
    assert distance_m(*here, *here) == 0


def test_a_minute_of_latitude_is_about_a_nautical_mile() -> None:
    assert distance_m(0, 0, 1 / 60, 0) / METRES["nmi"] == pytest.approx(1, rel=0.002)
    assert METRES["mi"] / METRES["ft"] == pytest.approx(5280)
    assert METRES["ft"] / METRES["in"] == pytest.approx(12)


@given(points, points)
@example((0.0, 0.0), (0.0, 90.0))
@example((60.0, 179.9), (60.0, -179.9))
@example((89.9, 0.0), (89.9, 180.0))
def test_the_box_around_a_circle_holds_a_point_on_its_edge(centre, point) -> None:
    radius_m = distance_m(*centre, *point)

    assert box_around(*centre, radius_m).contains(*point)


@given(points, near, near)
def test_the_same_close_by(centre, north, east) -> None:
    point = max(-90.0, min(90.0, centre[0] + north)), (centre[1] + east + 180) % 360 - 180

    assert box_around(*centre, distance_m(*centre, *point)).contains(*point)


@given(points, radii_m)
def test_the_box_around_a_circle_stays_on_the_map(centre, radius_m) -> None:
    box = box_around(*centre, radius_m)

    assert -90 <= box.south <= box.north <= 90
    assert all(-180 <= longitude <= 180 for longitude in (box.west, box.east))
    assert box.contains(*centre)


@given(boxes, points)
def test_the_halves_of_a_box_hold_what_the_box_holds(box, point) -> None:
    assert any(half.contains(*point) for half in box.halves()) is box.contains(*point)
    assert all(half.west <= half.east for half in box.halves())


@given(boxes, points)
def test_a_box_and_the_rest_of_the_way_around_hold_every_longitude(box, point) -> None:
    rest = Box(box.east, box.south, box.west, box.north)

    in_band = box.south <= point[0] <= box.north
    assert (box.contains(*point) or rest.contains(*point)) is in_band or box.west == box.east


@given(boxes)
def test_the_edges_belong_to_a_box(box) -> None:
    assert box.contains(box.south, box.west)
    assert box.contains(box.north, box.east)
    assert not box.contains(nextafter(box.north, 91), box.east)
