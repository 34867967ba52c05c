"""Route: the line that somebody drives, as short legs, with boxes around runs of them for finding what is near."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finder.domain.geo import EARTH_RADIUS_M

Numbers = npt.NDArray[np.float64]

MOST_VERTICES = 20_000
LONGEST_M = 20_000_000.0
MOST_LATITUDE = 85.0
FANOUT = 8  # boxes of one level that one of the next holds
METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180
_LEG_DEGREES = 0.25


class TooLong(ValueError):
    """The route is longer than half around the earth."""


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Around runs of legs. Longitudes go on growing across the antimeridian, so west is never greater than east."""

    south: Numbers
    west: Numbers
    north: Numbers
    east: Numbers

    def __len__(self) -> int:
        return len(self.south)

    def joined(self) -> "Boxes":
        """Around each eight of these."""
        starts = np.arange(0, len(self), FANOUT)
        least, most = np.minimum.reduceat, np.maximum.reduceat
        return Boxes(
            least(self.south, starts), least(self.west, starts), most(self.north, starts), most(self.east, starts)
        )

    def extent_m(self) -> float:
        """How large the middle one of them is."""
        across = (self.east - self.west) * np.cos(np.radians((self.south + self.north) / 2))
        return float(np.median(np.maximum(self.north - self.south, across))) * METRES_PER_DEGREE


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """Places in travel order, (n + 1) of them for n legs, and how far from the start each is.

    Between two places the route is straight in degrees (RFC 7946, 3.1.1), the shorter way around the earth. Told
    apart by `digest`, which a cursor is bound to.
    """

    lat: Numbers
    lon: Numbers
    offset_m: Numbers
    vertex: npt.NDArray[np.int64]  # where each given place stands among the places
    levels: tuple[Boxes, ...]  # a box a leg, then a box around each eight of the level before, up to one
    digest: str

    def __repr__(self) -> str:
        return f"Route({self.digest})"

    @property
    def length_m(self) -> float:
        return float(self.offset_m[-1])


def route_through(places: Sequence[tuple[float, float]]) -> Route:
    """The route through these places (lat, lon), at least two. Raises TooLong."""
    given = np.array(places, np.float64)
    lat, lon = given[:, 0], _unwrapped(given[:, 1])
    if float(_apart_m(lat, lon).sum()) > LONGEST_M:
        raise TooLong(f"The route is longer than {LONGEST_M / 1000:,.0f} km.")
    place, share = _shares(lat, lon)
    lat, lon = (one[place] + share * np.append(np.diff(one), 0.0)[place] for one in (lat, lon))
    offset_m = np.concatenate(([0.0], np.cumsum(_apart_m(lat, lon))))
    vertex = np.searchsorted(place, np.arange(len(given)))
    levels = [_leg_boxes(lat, lon)]
    while len(levels[-1]) > 1:
        levels.append(levels[-1].joined())
    return Route(lat, lon, offset_m, vertex, tuple(levels), hashlib.sha256(given.tobytes()).hexdigest()[:16])


def _unwrapped(lon: Numbers) -> Numbers:
    """Longitudes without jumps: each at most half around from the one before."""
    steps = (np.diff(lon) + 180.0) % 360.0 - 180.0
    turns = np.round((lon[0] + np.cumsum(steps) - lon[1:]) / 360.0)
    unwrapped: Numbers = np.append(lon[:1], lon[1:] + 360.0 * turns)  # the very longitude given, some turns away
    return unwrapped


def _shares(lat: Numbers, lon: Numbers) -> tuple[npt.NDArray[np.int64], Numbers]:
    """For each place of a route of short legs the given place it follows, and how far on to the next one."""
    widest = np.maximum(np.abs(np.diff(lat)), np.abs(np.diff(lon)))
    parts = np.append(np.maximum(1, np.ceil(widest / _LEG_DEGREES)), 1).astype(np.int64)
    place = np.repeat(np.arange(len(lat)), parts)
    return place, (np.arange(len(place)) - (np.cumsum(parts) - parts)[place]) / parts[place]


def _apart_m(lat: Numbers, lon: Numbers) -> Numbers:
    """Great-circle metres from each place to the next."""
    return great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])


def great_circle_m(lat1: Numbers, lon1: Numbers, lat2: Numbers, lon2: Numbers) -> Numbers:
    """Great-circle metres, pair by pair (haversine: exact to a micrometre where the two are near)."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    away: Numbers = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return away


def _leg_boxes(lat: Numbers, lon: Numbers) -> Boxes:
    (lat1, lat2), (lon1, lon2) = ((one[:-1], one[1:]) for one in (lat, lon))
    return Boxes(np.minimum(lat1, lat2), np.minimum(lon1, lon2), np.maximum(lat1, lat2), np.maximum(lon1, lon2))
