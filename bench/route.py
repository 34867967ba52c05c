"""Stations in the corridor of a route, in process: against a shapely STRtree that is asked for the same corridor."""

import json
import math
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import shapely

from bench.filling import say
from bench.made_up import Place, made_up_stations, places_among
from finder.corridor import Corridor, beside
from finder.domain.station import Station
from finder.index import loaded
from finder.indexed import StationRecord
from finder.route import METRES_PER_DEGREE, route_through
from finder.snapshot import Snapshot

STATIONS = 100_000
SEED = 20_261_120
ROUTES = 20
VERTICES = 2_000
STEP_M = 500.0
WIDTH_M = 5_000.0
ROUNDS = 9
_MOST_LATITUDE = 70.0
_EDGE = 0.05  # of the stations found: the flat map of the comparator is true to scale at one latitude only
Places = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Flat:
    """The comparator: points and a route in degrees, east shortened by the cosine of the route's middle latitude."""

    tree: shapely.STRtree
    line: shapely.LineString
    width: float

    def corridor(self) -> shapely.Geometry:
        """The corridor as a polygon."""
        return self.line.buffer(self.width)

    def asked(self, corridor: shapely.Geometry) -> int:
        """How many stations are in it."""
        return len(self.tree.query(corridor, predicate="contains"))


def run() -> None:
    """Every route is asked for by everybody in turn; figures to stdout."""
    say(f"making up {STATIONS:,} stations")
    stations = list(made_up_stations(STATIONS, seed=SEED))
    snapshot = loaded(1, [([_record(pk, one) for pk, one in enumerate(stations)], [])])
    starts = places_among(stations, 10 * ROUTES, seed=SEED)
    routes = [made for number, start in enumerate(starts) if (made := _wandering(start, number))][:ROUTES]
    times: dict[str, list[float]] = {name: [] for name in ("portside", "buffer_and_query", "query", "dwithin")}
    found = sum(_compared(route, stations, snapshot, times) for route in routes)
    _print(times, found)


def _compared(route: Places, stations: Sequence[Station], snapshot: Snapshot, times: dict[str, list[float]]) -> int:
    """The times of one route, medians of the rounds; how many stations are found."""
    flat = _flat(route, stations)
    corridor = flat.corridor()
    shapely.prepare(corridor)
    contenders: dict[str, Callable[[], int]] = {
        "portside": lambda: len(beside(Corridor(route_through(route), WIDTH_M), snapshot).rows),
        "buffer_and_query": lambda: flat.asked(flat.corridor()),
        "query": lambda: flat.asked(corridor),
        "dwithin": lambda: len(flat.tree.query(flat.line, predicate="dwithin", distance=flat.width)),
    }
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    counted = {}
    for number in range(ROUNDS + 1):
        for name, contender in contenders.items():
            began = time.perf_counter()
            counted[name] = contender()
            if number:
                taken[name].append(time.perf_counter() - began)
    assert abs(counted["portside"] - counted["dwithin"]) <= 10 + _EDGE * counted["portside"], counted
    for name, seconds in taken.items():
        times[name].append(statistics.median(seconds))
    return counted["portside"]


def _flat(route: Places, stations: Iterable[Station]) -> Flat:
    places = np.array(route)
    shorter = math.cos(math.radians(float(places[:, 0].mean())))
    points = np.array([(one.lon * shorter, one.lat) for one in stations])
    line = shapely.LineString(places[:, ::-1] * (shorter, 1.0))
    return Flat(shapely.STRtree(shapely.points(points)), line, WIDTH_M / METRES_PER_DEGREE)


def _wandering(start: Place, number: int) -> Places | None:
    """A road of 1,000 km that bends slowly; None where it would come near a pole or the antimeridian."""
    chance = Random(SEED + number)
    lat, lon, heading = start.lat, start.lon, chance.uniform(0, 2 * math.pi)
    places = [(lat, lon)]
    while len(places) < VERTICES:
        heading += chance.gauss(0, 0.05)
        lat += STEP_M * math.cos(heading) / METRES_PER_DEGREE
        lon += STEP_M * math.sin(heading) / METRES_PER_DEGREE / math.cos(math.radians(lat))
        places.append((lat, lon))
    on_the_map = all(abs(lat) < _MOST_LATITUDE and abs(lon) < 180 for lat, lon in places)
    return places if on_the_map else None


def _record(pk: int, station: Station) -> StationRecord:
    told: dict[str, Any] = dict.fromkeys(StationRecord._fields) | {
        "pk": pk,
        "station_id": station.station_id,
        "name": station.name,
    }
    where = {"lat": station.lat, "lon": station.lon, "time_zone": station.time_zone, "access": station.access.value}
    return StationRecord(**told | where | {"network_id": station.network_id, "reservable": station.reservable})


def _print(times: dict[str, list[float]], found: int) -> None:
    """`of_buffer_and_query` is how many times as long as the comparator takes: the goal is at most 3.

    Every route is a new one, so its corridor has to be made; `of_query` leaves that to the comparator out, and not to
    us, who also tell where along the route each station is, which no comparator does.
    """
    typical = {name: statistics.median(seconds) for name, seconds in times.items()}
    ratios = {
        f"of_{name}": float(f"{statistics.median(map(_ratio, times['portside'], of)):.3g}")
        for name, of in times.items()
        if name != "portside"
    }
    figures = {
        "name": "route.corridor",
        **ratios,
        **{f"{name}_ms": float(f"{seconds * 1000:.3g}") for name, seconds in typical.items()},
        "stations_found": found // len(times["portside"]),
        "routes": ROUTES,
        "vertices": VERTICES,
        "km": round(STEP_M * VERTICES / 1000),
        "corridor_m": WIDTH_M,
        "stations": STATIONS,
        "rounds": ROUNDS,
        "seed": SEED,
        "cores": os.cpu_count(),
    }
    print(json.dumps(figures), flush=True)


def _ratio(ours: float, theirs: float) -> float:
    return ours / theirs
