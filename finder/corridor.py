"""Corridor: the stations beside a route, how far off it each stands, and where along it that is.

Stations and runs of legs that may be near each other are paired through the bands of the index; of each pair the run
is split in eight, and in eight again, and what is farther than the width, or than another leg of the same station's,
is dropped on the way. Between a station and a leg the nearest place is found on a flat map whose east is shortened by
the cosine of the latitude halfway; what is told is the great circle to that place. In a corridor of 50 km that is off
by less than a metre up to 70 degrees of latitude and 50 metres up to 85 (measured against walks in small steps).
"""

from dataclasses import dataclass

import numpy as np

from finder.columns import Mask, Rows
from finder.great_circle import MILLIMETRES
from finder.route import FANOUT, METRES_PER_DEGREE, Boxes, Numbers, Route, great_circle_m
from finder.snapshot import Snapshot

WIDEST_M = 50_000.0
ABOUT_AS_NEAR_M = 50.0  # two carriageways of one road
_SURELY, _SURELY_M = 1.01, 1.0  # how far off the flat map may be
_SMALLEST_M = 2_000.0
_AT_ONCE = 20_000  # stations


@dataclass(frozen=True, slots=True)
class Corridor:
    """A route and how far from it, in metres on both sides; stations on the edge belong to it."""

    route: Route
    width_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Stations beside a route: rows of the snapshot, their distance from it, and where that is along it, in metres."""

    rows: Rows
    away_m: Numbers
    along_m: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Stations, by their place in the arrays of the search, and runs of legs; sorted by both."""

    who: Rows
    run: Rows

    def only(self, those: Mask | Rows) -> "_Pairs":
        return _Pairs(self.who[those], self.run[those])

    def split(self, count: int) -> "_Pairs":
        """The same stations with the eight parts of their runs; there are so many parts."""
        run = (self.run[:, None] * FANOUT + np.arange(FANOUT)).ravel()
        return _Pairs(np.repeat(self.who, FANOUT), run).only(run < count)

    def firsts(self) -> Rows:
        """Where each station's own pairs begin."""
        return np.flatnonzero(np.append(True, self.who[1:] != self.who[:-1]))


def beside(corridor: Corridor, snapshot: Snapshot) -> Beside:
    """The stations in the corridor.

    Where the route passes a station more than once the nearest pass counts, and of passes that are about as near
    (within 50 m: there and back on one road) the first.
    """
    rows, pairs, level = _near(corridor, snapshot)
    found = [_closest(corridor, snapshot, rows, some, level) for some in _batches(pairs)]
    place, away_m, along_m = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Beside(rows[place], away_m, along_m)


def _near(corridor: Corridor, snapshot: Snapshot) -> tuple[Rows, _Pairs, int]:
    """Rows that may be in the corridor, paired with the runs of a level that they may be near."""
    levels = corridor.route.levels
    fine = (one for one, boxes in enumerate(levels) if boxes.extent_m() > max(corridor.width_m, _SMALLEST_M))
    level = max(next(fine, len(levels)) - 1, 0)
    row, run = _in_index(levels[level], corridor.width_m, snapshot)
    newer = np.arange(snapshot.ordered, snapshot.count)
    whole = _Pairs(np.arange(len(newer)), np.zeros(len(newer), np.int64))
    reached = _descended(corridor, snapshot, newer, whole, len(levels) - 1, level)
    row, run = np.append(row, newer[reached.who]), np.append(run, reached.run)
    present = ~snapshot.gone[row]
    rows, who = np.unique(row[present], return_inverse=True)
    pair = np.unique(who * len(levels[level]) + run[present])
    return rows, _Pairs(*np.divmod(pair, len(levels[level]))), level


def _in_index(boxes: Boxes, width_m: float, snapshot: Snapshot) -> tuple[Rows, Rows]:
    """Rows of the bands around each box, and the box."""
    up = width_m / METRES_PER_DEGREE * _SURELY + 1e-6
    south, north = np.maximum(boxes.south - up, -90.0), np.minimum(boxes.north + up, 90.0)
    aside = up / np.cos(np.radians(np.maximum(np.abs(south), np.abs(north))))  # the latitudes of a route end at 85
    west = (boxes.west - aside + 180.0) % 360.0 - 180.0
    east = west + (boxes.east - boxes.west) + 2 * aside
    row, run = snapshot.in_bands(south, west, north, np.minimum(east, 180.0))
    over = np.flatnonzero(east > 180.0)
    back = np.minimum(east[over] - 360.0, 180.0)
    more, its = snapshot.in_bands(south[over], np.full(len(over), -180.0), north[over], back)
    return np.append(row, more), np.append(run, over[its])


def _batches(pairs: _Pairs) -> list[_Pairs]:
    """The same pairs, of so many stations at a time."""
    bounds = np.searchsorted(pairs.who, np.arange(_AT_ONCE, pairs.who[-1] + 1 if len(pairs.who) else 0, _AT_ONCE))
    return [_Pairs(who, run) for who, run in zip(np.split(pairs.who, bounds), np.split(pairs.run, bounds), strict=True)]


def _descended(corridor: Corridor, snapshot: Snapshot, rows: Rows, pairs: _Pairs, start: int, end: int) -> _Pairs:
    """From runs of one level to runs of a finer one, those left out that cannot hold the place that is told."""
    lat, lon = (snapshot.columns.stations[name][rows] for name in ("lat", "lon"))
    for level in range(start, end - 1, -1):
        boxes = corridor.route.levels[level]
        pairs = pairs if level == start else pairs.split(len(boxes))
        pairs = pairs.only(_may_be_nearest(corridor, boxes, lat, lon, pairs, level))
    return pairs


def _may_be_nearest(corridor: Corridor, boxes: Boxes, lat: Numbers, lon: Numbers, pairs: _Pairs, level: int) -> Mask:
    if not len(pairs.who):
        return np.zeros(0, np.bool_)
    route, run = corridor.route, pairs.run
    here, there = lat[pairs.who], lon[pairs.who]
    up = here - np.clip(here, boxes.south[run], boxes.north[run])
    middle, half = (boxes.west[run] + boxes.east[run]) / 2, (boxes.east[run] - boxes.west[run]) / 2
    aside = np.maximum(np.abs(_turned(there - middle)) - half, 0.0)
    least = _flat_m(up, aside, np.maximum(np.abs(here), np.abs(here - up)))
    first = run * FANOUT**level  # the place at which the run begins is one to be at most as far away as
    up, aside = here - route.lat[first], _turned(there - route.lon[first])
    most = _flat_m(up, aside, np.minimum(np.abs(here), np.abs(route.lat[first])))
    firsts = pairs.firsts()
    nearest = np.minimum.reduceat(most, firsts) * _SURELY + _SURELY_M + ABOUT_AS_NEAR_M
    reach = np.minimum(nearest, corridor.width_m * _SURELY + _SURELY_M)
    fits: Mask = least <= np.repeat(reach, np.diff(np.append(firsts, len(run))))
    return fits


def _flat_m(up: Numbers, aside: Numbers, lat: Numbers) -> Numbers:
    """Metres on a flat map that is true to scale at a latitude."""
    metres: Numbers = METRES_PER_DEGREE * np.hypot(up, aside * np.cos(np.radians(lat)))
    return metres


def _turned(degrees: Numbers) -> Numbers:
    """A difference of longitudes, at most half around."""
    turned: Numbers = (degrees + 180.0) % 360.0 - 180.0
    return turned


def _closest(
    corridor: Corridor, snapshot: Snapshot, rows: Rows, pairs: _Pairs, level: int
) -> tuple[Rows, Numbers, Numbers]:
    """The stations that are in the corridor, how far off each is, and where."""
    left = _descended(corridor, snapshot, rows, pairs, level, 0)
    away_m, along_m = _on_legs(corridor.route, snapshot, rows, left)
    inside = np.flatnonzero(away_m <= corridor.width_m)
    left, away_m, along_m = left.only(inside), away_m[inside], along_m[inside]
    if not len(inside):
        return left.who, away_m, along_m
    owner = np.cumsum(np.append(True, left.who[1:] != left.who[:-1])) - 1
    nearest = np.minimum.reduceat(away_m, left.firsts())
    near = np.flatnonzero(away_m <= nearest[owner] + ABOUT_AS_NEAR_M)
    chosen = near[_first_pass(left.only(near), away_m[near])]
    return left.who[chosen], away_m[chosen], along_m[chosen]


def _first_pass(pairs: _Pairs, away_m: Numbers) -> Rows:
    """Of each station the nearest of its first legs that follow one another."""
    breaks = np.append(True, (pairs.who[1:] != pairs.who[:-1]) | (pairs.run[1:] != pairs.run[:-1] + 1))
    a_pass = np.cumsum(breaks) - 1
    firsts = pairs.firsts()
    belongs = np.flatnonzero(a_pass == np.repeat(a_pass[firsts], np.diff(np.append(firsts, len(a_pass)))))
    order = belongs[np.lexsort((pairs.run[belongs], away_m[belongs], pairs.who[belongs]))]
    return order[pairs.only(order).firsts()]


def _on_legs(route: Route, snapshot: Snapshot, rows: Rows, pairs: _Pairs) -> tuple[Numbers, Numbers]:
    """How far each station is from its leg, and where along the route the place nearest to it is."""
    stations, leg = snapshot.columns.stations, pairs.run
    lat, lon = (stations[name][rows[pairs.who]] for name in ("lat", "lon"))
    north, east = (np.diff(places)[leg] for places in (route.lat, route.lon))
    up, aside = lat - route.lat[leg], _turned(lon - route.lon[leg])
    shorter = np.cos(np.radians((lat + route.lat[leg] + north / 2) / 2)) ** 2
    long = north**2 + shorter * east**2
    share = np.clip((up * north + shorter * aside * east) / np.where(long > 0, long, 1.0), 0.0, 1.0)
    away = great_circle_m(lat, lon, route.lat[leg] + share * north, route.lon[leg] + share * east)
    return np.round(away, MILLIMETRES), np.round(
        route.offset_m[leg] + share * np.diff(route.offset_m)[leg], MILLIMETRES
    )
