"""MapClusters: the stations of a part of the map, those that share a cell of the grid as one."""

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import orjson

from finder.announcements import Announcements
from finder.columns import Array, Mask, Rows
from finder.domain.availability import COUNTED, TakenPorts
from finder.grid import Runs, places_of, runs, zoom_apart
from finder.index import StationIndex
from finder.live_status import LiveStatus
from finder.ports_now import FEW, StatusOfMany, fulfilling
from finder.question import Question
from finder.search import StationSearch
from finder.snapshot import Snapshot
from finder.thresholds import NetworkThresholds
from kernel.box import Box
from kernel.clock import Clock
from kernel.database import Database

HELD_S = 4.0  # an answer that took many stations to make
_WHILE_COUNTED_S = 10.0  # for how much longer it is good while it is counted anew
_MOST_HELD = 200
_AT_ONCE = 100_000  # stations, so that a whole catalogue takes little room
_DIGITS = 6
_WORTH_PICKING = 20  # one station in so many


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    with_cache: bool
    until: float


@dataclass(frozen=True, slots=True, eq=False)
class _Sorted:
    """Every station of a snapshot in the order of places; the snapshot itself goes when a newer one is there."""

    snapshot: weakref.ref[Snapshot]
    rows: Rows
    places: Rows


class MapClusters:
    """Counts what the search would find in the same box with the same filters, no station more or less.

    What took many stations to count is answered again for four seconds, and then while one thread counts them anew.
    """

    def __init__(
        self,
        database: Database,
        index: StationIndex,
        search: StationSearch,
        live_status: LiveStatus,
        taken: TakenPorts,
        clock: Clock,
        thresholds: NetworkThresholds,
        announcements: Announcements,
    ) -> None:
        self._index = index
        self._search = search
        self._statuses = StatusOfMany(database, live_status, taken, clock, thresholds, announcements)
        self._clock = clock
        self._sorted: _Sorted | None = None
        self._held: OrderedDict[tuple[Question, int], _Answer] = OrderedDict()
        self._counting = threading.Lock()

    def find(self, question: Question, zoom: int) -> tuple[bytes, bool]:
        """The clusters and single stations as bytes, and whether the cache could be asked where it was.

        Raises InvalidRequest where the window that stations should be free in is past.
        """
        key = (question, zoom)
        held = self._held.get(key)
        if held is not None and time.monotonic() < held.until:
            return held.body, held.with_cache
        if held is None:
            snapshot = self._index.snapshot()
            rows = self._search.found(question, snapshot).rows
            if len(rows) <= FEW:
                return self._counted(question, zoom, snapshot, rows)
        must_wait = held is None or time.monotonic() > held.until + _WHILE_COUNTED_S
        if self._counting.acquire(blocking=must_wait):
            try:
                held = self._recounted(key)
            finally:
                self._counting.release()
        assert held is not None  # noqa: S101 - who has none waits for the count
        return held.body, held.with_cache

    def _recounted(self, key: tuple[Question, int]) -> _Answer:
        held = self._held.get(key)
        if held is not None and time.monotonic() < held.until:
            return held
        question, zoom = key
        snapshot = self._index.snapshot()
        rows = self._search.found(question, snapshot).rows
        return self._keep(key, *self._counted(question, zoom, snapshot, rows))

    def _keep(self, key: tuple[Question, int], body: bytes, with_cache: bool) -> _Answer:
        answer = self._held[key] = _Answer(body, with_cache, time.monotonic() + HELD_S)
        self._held.move_to_end(key)
        while len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
        return answer

    def _counted(self, question: Question, zoom: int, snapshot: Snapshot, rows: Rows) -> tuple[bytes, bool]:
        rows, places = self._in_order(snapshot, rows)
        parts = [self._statuses_of(question, snapshot, some) for some in _batches(rows)]
        fits, counts = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
        cells = runs(rows[fits], places[fits], zoom)
        return _answer(snapshot, cells, counts[fits], question.box, zoom), all(part[2] for part in parts)

    def _statuses_of(self, question: Question, snapshot: Snapshot, rows: Rows) -> tuple[Mask, Array, bool]:
        """Which of the rows are what is wished for, what their ports are, and whether the cache could be asked."""
        ports, with_cache = self._statuses.of(snapshot, rows)
        fits = fulfilling(question, snapshot, rows, ports, self._clock.now())
        return fits, ports.counts(), with_cache

    def _in_order(self, snapshot: Snapshot, rows: Rows) -> tuple[Rows, Rows]:
        """The rows in the order of their places, and the places; many of them are picked from all in order."""
        if len(rows) * _WORTH_PICKING < snapshot.count:
            return _in_order(snapshot, rows)
        held = self._sorted
        if held is None or held.snapshot() is not snapshot:
            held = self._sorted = _Sorted(weakref.ref(snapshot), *_in_order(snapshot, snapshot.rows()))
        wanted = np.zeros(snapshot.count, np.bool_)
        wanted[rows] = True
        those = wanted[held.rows]
        return held.rows[those], held.places[those]


def _in_order(snapshot: Snapshot, rows: Rows) -> tuple[Rows, Rows]:
    stations = snapshot.columns.stations
    places = places_of(stations["lat"][rows], stations["lon"][rows])
    order = np.argsort(places)
    return rows[order], places[order]


def _batches(rows: Rows) -> list[Rows]:
    return np.array_split(rows, max(1, -(-len(rows) // _AT_ONCE)))


def _answer(snapshot: Snapshot, cells: Runs, counts: Array, box: Box | None, zoom: int) -> bytes:
    whole = counts.sum(axis=0, dtype=np.int64)
    single = cells.counts == 1
    told = {
        "zoom": zoom,
        "bbox": box and [box.west, box.south, box.east, box.north],
        "count": len(cells.rows),
        "available_count": int((counts[:, 0] > 0).sum()),
        "availability": _availability(whole.tolist()),
        "clusters": list(_clusters(snapshot, cells, counts, np.flatnonzero(~single))),
        "stations": list(_stations(snapshot, cells, counts, cells.starts[single])),
    }
    return orjson.dumps(told)


def _clusters(snapshot: Snapshot, cells: Runs, counts: Array, those: Rows) -> Iterator[dict[str, Any]]:
    if not len(those):
        return
    lat, lon = (snapshot.columns.stations[name][cells.rows] for name in ("lat", "lon"))
    total, least, most = (partial(_per_cell, reduce, cells, those) for reduce in (np.add, np.minimum, np.maximum))
    members = cells.counts[those]
    told = {
        "lat": np.round(total(lat) / members, _DIGITS).tolist(),
        "lon": np.round(total(lon) / members, _DIGITS).tolist(),
        "count": members.tolist(),
        "available_count": total((counts[:, 0] > 0).astype(np.int64)).tolist(),
        "availability": map(
            _availability, zip(*(total(each.astype(np.int64)).tolist() for each in counts.T), strict=True)
        ),
        "bbox": np.stack([least(lon), least(lat), most(lon), most(lat)], axis=1).tolist(),
        "expansion_zoom": map(zoom_apart, cells.first[those].tolist(), cells.last[those].tolist()),
    }
    for values in zip(*told.values(), strict=True):
        yield dict(zip(told, values, strict=True))


def _per_cell(reduce: np.ufunc, cells: Runs, those: Rows, numbers: Array) -> Array:
    reduced: Array = reduce.reduceat(numbers, cells.starts, axis=0)[those]
    return reduced


def _stations(snapshot: Snapshot, cells: Runs, counts: Array, places: Rows) -> Iterator[dict[str, Any]]:
    for place in places.tolist():
        entry = snapshot.entry(int(cells.rows[place]))
        availability = _availability(counts[place].tolist())
        yield {"station_id": entry.station_id, "lat": entry.lat, "lon": entry.lon, "availability": availability}


def _availability(ports: Sequence[int]) -> dict[str, int]:
    return {**dict(zip(COUNTED, ports, strict=True)), "total": sum(ports)}
