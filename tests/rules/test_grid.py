"""The grid of the map: cells nest, nothing is between them, and numbers of places keep their order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.grid import CELLS_PER_TILE, MOST_ZOOM, cells_in, cells_of, places_of, runs, zoom_apart
from kernel.box import Box

latitudes = st.floats(-90, 90) | st.sampled_from((-90.0, -85.06, 0.0, 85.06, 90.0))
longitudes = st.floats(-180, 180) | st.sampled_from((-180.0, 0.0, 45.0, 180.0))
points = st.tuples(latitudes, longitudes)
zooms = st.integers(0, MOST_ZOOM)


def place(point: tuple[float, float]) -> int:
    return int(places_of(np.array([point[0]]), np.array([point[1]]))[0])


def column_and_row(point: tuple[float, float], zoom: int) -> tuple[int, int]:
    """The cell by the formula of slippy maps, one at a time."""
    across = 2**zoom * CELLS_PER_TILE
    phi = math.radians(max(-85.0511287798, min(85.0511287798, point[0])))
    east, south = (point[1] + 180) / 360 * across, (1 - math.asinh(math.tan(phi)) / math.pi) / 2 * across
    return max(0, min(across - 1, math.floor(east))), max(0, min(across - 1, math.floor(south)))


@given(points, points, zooms)
def test_two_places_share_a_cell_exactly_if_the_formula_of_maps_says_so(one, other, zoom) -> None:
    cells = cells_of(np.array([place(one), place(other)]), zoom)

    assert (cells[0] == cells[1]) == (column_and_row(one, zoom) == column_and_row(other, zoom))


@given(points, zooms)
def test_a_cell_lies_in_one_of_the_zoom_before(point, zoom) -> None:
    finer, coarser = (int(cells_of(np.array([place(point)]), each)[0]) for each in (zoom, max(0, zoom - 1)))

    assert finer >> (2 if zoom else 0) == coarser


@given(st.lists(points, min_size=2, max_size=6))
def test_a_cluster_comes_apart_at_the_zoom_it_says(several) -> None:
    places = np.sort(np.array([place(point) for point in several]))

    zoom = zoom_apart(int(places[0]), int(places[-1]))

    apart = [each for each in range(MOST_ZOOM + 1) if len(set(cells_of(places, each).tolist())) > 1]
    assert zoom == (apart[0] if apart else None)


@given(st.lists(points, max_size=40), st.integers(0, 12))
def test_every_place_is_in_one_run_of_its_cell(several, zoom) -> None:
    places = np.sort(np.array([place(point) for point in several], np.int64))

    found = runs(np.arange(len(places)), places, zoom)

    assert int(found.counts.sum()) == len(places)
    assert len(found.starts) == len(set(cells_of(places, zoom).tolist()))
    assert found.first.tolist() == places[found.starts].tolist()


@pytest.mark.parametrize(
    ("box", "zoom", "cells"),
    [
        (Box(-180, -90, 180, 90), 0, 16),
        (Box(-180, -90, 180, 90), 4, 4096),
        (Box(0.1, 0.1, 0.2, 0.2), 0, 1),
        (Box(-0.1, -0.1, 0.1, 0.1), 0, 4),
        (Box(179, 0.1, -179, 0.2), 0, 2),
    ],
)
def test_cells_of_a_box_are_counted(box, zoom, cells) -> None:
    assert cells_in(box, zoom) == cells
