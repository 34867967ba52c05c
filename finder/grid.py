"""Grid: the fixed cells that stations are clustered by, a quarter of a map tile wide at every zoom.

Cells are those of the Web Mercator map (EPSG:3857) that tiles are cut from, so a cell of one zoom is exactly four
cells of the next and none ever moves. A place is one number whose bits interleave east and south: the first bits name
its cell at any zoom, and places in order of it lie cell by cell.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finder.columns import Rows
from kernel.box import Box

MOST_ZOOM = 22
MOST_CELLS = 10_000
CELLS_PER_TILE = 4  # along an edge
_BITS = 26  # along an edge: a cell of a quarter of a metre at the equator, finer than any zoom
_FURTHEST = 85.0511287798  # the latitude at which the map ends
_SPREAD = ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333))
Degrees = npt.NDArray[np.float64]


def places_of(lat: Degrees, lon: Degrees) -> Rows:
    """The number of each place."""
    east, south = _edges_of(lat, lon)
    return _spread(east) << 1 | _spread(south)


def _edges_of(lat: Degrees, lon: Degrees) -> tuple[Rows, Rows]:
    """How many of the finest cells are west and north of each place."""
    phi = np.radians(np.clip(lat, -_FURTHEST, _FURTHEST))
    shares = (lon + 180.0) / 360.0, (1.0 - np.arcsinh(np.tan(phi)) / np.pi) / 2.0
    east, south = (np.clip(np.floor(share * 2**_BITS), 0, 2**_BITS - 1).astype(np.int64) for share in shares)
    return east, south


def _spread(number: Rows) -> Rows:
    """Each bit moved to twice its place."""
    for shift, mask in (*_SPREAD, (1, 0x5555555555555555)):
        number = (number | number << shift) & mask
    return number


def _shift(zoom: int) -> int:
    return 2 * (_BITS - zoom - (CELLS_PER_TILE.bit_length() - 1))


def cells_of(places: Rows, zoom: int) -> Rows:
    """The number of the cell that each place is in."""
    return places >> _shift(zoom)


def zoom_apart(first: int, last: int) -> int | None:
    """The first zoom at which places from this number to that are in more than one cell; None where that is none."""
    apart = (first ^ last).bit_length()
    if not apart:
        return None
    zoom = next(zoom for zoom in range(MOST_ZOOM + 2) if _shift(zoom) < apart or zoom > MOST_ZOOM)
    return zoom if zoom <= MOST_ZOOM else None


def cells_in(box: Box, zoom: int) -> int:
    """How many cells the box touches."""
    touched = 0
    for half in box.halves():
        (west, north), (east, south) = (
            _cell(*corner, zoom) for corner in ((half.north, half.west), (half.south, half.east))
        )
        touched += (east - west + 1) * (south - north + 1)
    return touched


def _cell(lat: float, lon: float, zoom: int) -> tuple[int, int]:
    """How many cells are west and north of the one that a place is in."""
    across = CELLS_PER_TILE << zoom
    phi = math.radians(max(-_FURTHEST, min(_FURTHEST, lat)))
    east, south = (lon + 180.0) / 360.0, (1.0 - math.asinh(math.tan(phi)) / math.pi) / 2.0
    return min(int(east * across), across - 1), max(0, min(int(south * across), across - 1))


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Rows cell by cell, and where each cell's begin."""

    rows: Rows
    starts: Rows
    first: Rows  # number of each cell's first place
    last: Rows

    @property
    def counts(self) -> Rows:
        return np.diff(np.append(self.starts, len(self.rows)))


def runs(rows: Rows, places: Rows, zoom: int) -> Runs:
    """These rows, in order of their places, cell by cell."""
    cells = cells_of(places, zoom)
    starts = np.flatnonzero(np.append(True, cells[1:] != cells[:-1])) if len(rows) else np.zeros(0, np.int64)
    return Runs(rows, starts, places[starts], places[np.append(starts[1:], len(rows)) - 1] if len(rows) else places)
