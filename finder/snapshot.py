"""Snapshot: the stations at one moment of the change log; places, ids and entries looked up in its columns."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from finder.columns import Array, Mask, Rows, spans
from finder.domain.station import Access, Station, Visibility
from finder.domain.visibility import Viewer
from finder.port_columns import known
from finder.station_columns import ACCESSES, BAND_DEGREES, VISIBILITIES, Entry, StationColumns, band_key, id_hash
from kernel.box import Box

Degrees = npt.NDArray[np.float64]
_HELD = 50_000  # entries, and as many rows by id
_ACCESSES = {code: access for access, code in ACCESSES.items()}
_VISIBILITIES = {code: Visibility(visibility) for visibility, code in VISIBILITIES.items()}
_FEW = 20_000  # rows behind the sorted ones, looked through one by one


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Snapshot:
    """Never changed, only replaced by one that shares its columns.

    Rows below `ordered` are in the order of their band key; newer ones stand behind them. `gone` marks rows of
    stations that were removed or have a newer row.
    """

    seq: int
    columns: StationColumns
    ordered: int
    count: int
    gone: Mask
    by_id: Array  # the ordered rows in the order of their ids' hashes
    id_hashes: Array  # those hashes

    def rows(self) -> Rows:
        """Every station."""
        return self._present(np.arange(self.count))

    def _present(self, rows: Rows) -> Rows:
        return rows[~self.gone[rows]]

    def rows_inside(self, box: Box) -> Rows:
        """The stations inside the box; its edges belong to it."""
        halves = box.halves()
        runs = [*chain.from_iterable(map(self._runs, halves)), (self.ordered, self.count)]
        rows = np.concatenate([np.arange(first, end) for first, end in runs])
        stations = self.columns.stations
        lat, lon = stations["lat"][rows], stations["lon"][rows]
        beside = (
            (box.west <= lon) & (lon <= box.east) if box.west <= box.east else (lon >= box.west) | (lon <= box.east)
        )
        found = rows[(box.south <= lat) & (lat <= box.north) & beside & ~self.gone[rows]]
        return np.unique(found) if len(halves) > 1 else found  # two halves may meet

    def _runs(self, box: Box) -> Iterator[tuple[int, int]]:
        """First row and end, band by band that the box touches, of the rows between its longitudes."""
        lowest, highest = (math.floor((lat + 90) / BAND_DEGREES) for lat in (box.south, box.north))
        middle = (np.arange(lowest, highest + 1) + 0.5) * BAND_DEGREES - 90  # some latitude of each band
        west, east = band_key(middle, [[box.west], [box.east]])
        key = self.columns.stations["key"][: self.ordered]
        return zip(key.searchsorted(west, "left").tolist(), key.searchsorted(east, "right").tolist(), strict=True)

    def in_bands(self, south: Degrees, west: Degrees, north: Degrees, east: Degrees) -> tuple[Rows, Rows]:
        """The ordered rows, gone ones too, of the bands that each box touches, and the number of that box."""
        lowest = np.floor((south + 90) / BAND_DEGREES).astype(np.int64)
        counts = np.floor((north + 90) / BAND_DEGREES).astype(np.int64) + 1 - lowest
        box = np.repeat(np.arange(len(south)), counts)
        middle = (spans(lowest, counts) + 0.5) * BAND_DEGREES - 90  # some latitude of each band
        key = self.columns.stations["key"][: self.ordered]
        first = np.searchsorted(key, band_key(middle, west[box]), "left")
        held = np.searchsorted(key, band_key(middle, east[box]), "right") - first
        return spans(first, held), np.repeat(box, held)

    def row_named(self, station_id: str) -> int | None:
        """The row of the station with this id, where it was found last or wherever it is now."""
        held = self.columns.named
        row = held.get(station_id)
        if row is not None and row < self.count and not self.gone[row]:
            return row
        row = self._row_named(station_id)
        if row is not None:
            if len(held) >= _HELD:
                held.clear()
            held[station_id] = row
        return row

    def _row_named(self, station_id: str) -> int | None:
        wanted, hashes = np.int32(id_hash(station_id)), self.columns.stations["id_hash"]
        newer = np.flatnonzero(hashes[self.ordered : self.count] == wanted) + self.ordered
        first, last = (np.searchsorted(self.id_hashes, wanted, side) for side in ("left", "right"))
        for row in (*newer.tolist(), *self.by_id[first:last].tolist()):
            if not self.gone[row] and self.columns.ids[row] == station_id:
                return int(row)
        return None

    def entry(self, row: int) -> Entry:
        """The station of a row, made once: rows do not change."""
        held = self.columns.entries
        entry = held.get(row)
        if entry is None:
            if len(held) >= _HELD:
                held.clear()
            entry = held[row] = self._entry(row)
        return entry

    def _entry(self, row: int) -> Entry:
        columns, stations, ports = self.columns, self.columns.stations, self.columns.ports
        first = stations["first_port"][row]
        own = slice(first, first + stations["ports"][row])
        is_reservable = ports["reservable"][own] & stations["reservable"][row]
        draws = zip(ports["power_kw"][own].tolist(), ports["current_a"][own].tolist(), strict=True)
        return Entry(
            pk=int(stations["pk"][row]),
            row=row,
            version=int(stations["seq"][row]),
            station_id=columns.ids[row],
            lat=float(stations["lat"][row]),
            lon=float(stations["lon"][row]),
            network_id=int(stations["network_id"][row]),
            port_ids=tuple(ports["port_id"][own].tolist()),
            port_numbers=tuple(ports["port_number"][own].tolist()),
            reservable_port_ids=tuple(ports["port_id"][own][is_reservable].tolist()),
            time_zone=columns.words["time_zone"].values[stations["time_zone"][row]],
            organization=columns.words["organization"].values[stations["organization"][row]],
            visibility=_VISIBILITIES[int(stations["visibility"][row])],
            opening_hours=columns.opening_hours(stations["opening_hours"][row]),
            tariff=columns.tariff(stations["tariff"][row]),
            draws=tuple((known(power), known(current)) for power, current in draws),
        )

    def station(self, entry: Entry) -> Station:
        """The station of one of this snapshot's entries, as far as it is known here; its name is its id."""
        stations = self.columns.stations
        first = stations["first_port"][entry.row]
        ports = (self.columns.ports.port(first + number) for number in range(len(entry.port_ids)))
        return Station(
            station_id=entry.station_id,
            network_id=entry.network_id,
            name=entry.station_id,
            lat=entry.lat,
            lon=entry.lon,
            time_zone=entry.time_zone,
            access=Access(_ACCESSES[stations["access"][entry.row]]),
            visibility=entry.visibility,
            reservable=bool(stations["reservable"][entry.row]),
            opening_hours=entry.opening_hours,
            tariff=entry.tariff,
            currency=entry.tariff.currency if entry.tariff else None,
            ports=tuple(ports),
        )

    def named(self, station_id: str) -> Entry | None:
        """The station with this id."""
        row = self.row_named(station_id)
        return None if row is None else self.entry(row)

    def seen(self, station_id: str, viewer: Viewer) -> Entry | None:
        """The station with this id, where the viewer sees it."""
        entry = self.named(station_id)
        return entry if entry is not None and viewer.sees(entry.visibility, entry.organization) else None


def first(seq: int, columns: StationColumns) -> Snapshot:
    """All of these rows, which nobody has read yet, brought into the order of places."""
    columns.keep(_by_place(columns, np.arange(columns.stations.count)))
    return _whole(seq, columns)


def ordered(seq: int, columns: StationColumns, rows: Rows) -> Snapshot:
    """These rows alone, brought into the order of places."""
    return _whole(seq, columns.picked(_by_place(columns, rows)))


def _by_place(columns: StationColumns, rows: Rows) -> Rows:
    return rows[np.argsort(columns.stations["key"][rows], kind="stable")]


def _whole(seq: int, columns: StationColumns) -> Snapshot:
    count = columns.stations.count
    hashes = columns.stations["id_hash"][:count]
    by_id = np.argsort(hashes).astype(np.int32)
    return Snapshot(seq, columns, count, count, np.zeros(count, np.bool_), by_id, hashes[by_id])


def patched(held: Snapshot, seq: int, changed: Sequence[int]) -> Snapshot:
    """The held snapshot up to what has been added to its columns since; older rows of what changed are gone."""
    count = held.columns.stations.count
    gone = np.zeros(count, np.bool_)
    gone[: held.count] = held.gone
    gone[: held.count] |= np.isin(held.columns.stations["pk"][: held.count], changed)
    newer = Snapshot(seq, held.columns, held.ordered, count, gone, held.by_id, held.id_hashes)
    return ordered(seq, held.columns, newer.rows()) if count - held.ordered > max(_FEW, held.ordered // 20) else newer


EMPTY = _whole(0, StationColumns())
