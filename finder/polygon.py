"""Polygons: which places lie in an area with straight edges in degrees; its edges and corners belong to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from finder.columns import Mask, Rows
from finder.snapshot import Snapshot
from kernel.box import Box

Ring = tuple[tuple[float, float], ...]  # places (lat, lon), the last one the first again
Degrees = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Polygon:
    """A ring, and rings around what is left out. Taken as written: no edge crosses the antimeridian (RFC 7946, 3.1.9).

    A place is inside where a line from it to anywhere outside meets the rings an odd number of times.
    """

    rings: tuple[Ring, ...]

    @property
    def box(self) -> Box:
        """The smallest box that holds it."""
        lats, lons = zip(*(place for ring in self.rings for place in ring), strict=True)
        return Box(min(lons), min(lats), max(lons), max(lats))

    def edges(self) -> Iterator[tuple[float, float, float, float]]:
        """Each edge from its south end to its north end: lat, lon, lat, lon."""
        for ring in self.rings:
            for one, other in pairwise(ring):
                yield (*min(one, other), *max(one, other))


def rows_in(polygons: tuple[Polygon, ...], snapshot: Snapshot) -> Rows:
    """The stations in some of the polygons."""
    found = [_rows_in(polygon, snapshot) for polygon in polygons]
    return found[0] if len(found) == 1 else np.unique(np.concatenate(found))


def _rows_in(polygon: Polygon, snapshot: Snapshot) -> Rows:
    rows, stations = snapshot.rows_inside(polygon.box), snapshot.columns.stations
    rows = rows[np.argsort(stations["lat"][rows])]
    return np.sort(rows[inside(polygon, stations["lat"][rows], stations["lon"][rows])])


def inside(polygon: Polygon, lat: Degrees, lon: Degrees) -> Mask:
    """Which places are inside; they come in the order of latitude, so that an edge meets a run of them."""
    met = np.zeros(len(lat), np.bool_)
    on_edge = np.zeros(len(lat), np.bool_)
    for south, lon1, north, lon2 in polygon.edges():
        first, end = np.searchsorted(lat, (south, north), "left")
        last = np.searchsorted(lat, north, "right")
        here, there = lat[first:last] - south, lon[first:last] - lon1
        west_of = (lon2 - lon1) * here - (north - south) * there  # above 0 where the place is west of the edge
        met[first:end] ^= west_of[: end - first] > 0
        between = (min(lon1, lon2) <= lon[first:last]) & (lon[first:last] <= max(lon1, lon2))
        on_edge[first:last] |= (west_of == 0) & between
    return met | on_edge
