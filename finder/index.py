"""StationIndex: the search columns of every station in memory, kept current from the catalogue's change log."""

import threading
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import floor

import structlog

from finder import store
from finder.domain.geo import Box
from finder.domain.opening_hours import OpeningHours
from finder.domain.station import Station
from finder.domain.tariff import Tariff
from finder.records import ListedStation
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable

log = structlog.get_logger(__name__)

CELL_DEGREES = 0.1
CHECKED_EVERY_S = 1.0

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A station as the search sees it; texts are folded (case and accents do not matter)."""

    pk: int
    station_id: str
    lat: float
    lon: float
    network_id: int
    names: tuple[str, ...]
    city: str
    state: str
    country: str
    postal_code: str
    address: str
    connectors: frozenset[str]
    levels: frozenset[str]
    powers_kw: tuple[float, ...]
    reservable: bool
    port_ids: tuple[int, ...]
    port_numbers: tuple[int, ...]
    reservable_port_ids: tuple[int, ...]  # none where the station cannot be reserved
    time_zone: str
    opening_hours: OpeningHours | None
    tariff: Tariff | None
    draws: tuple[tuple[float | None, float | None], ...]  # kW and A of each port


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The stations at one moment of the change log; never changed, only replaced."""

    seq: int
    by_pk: Mapping[int, Entry]
    by_station_id: Mapping[str, Entry]
    by_cell: Mapping[Cell, tuple[Entry, ...]]

    def inside(self, box: Box) -> Iterator[Entry]:
        """Stations in the cells that the box touches; the caller decides what is really inside."""
        cells = {cell for half in box.halves() for cell in self._cells(half)}  # two halves may touch the same one
        for cell in cells:
            yield from self.by_cell.get(cell, ())

    def _cells(self, box: Box) -> Iterable[Cell]:
        south, west = _cell(box.south, box.west)
        north, east = _cell(box.north, box.east)
        if (north - south + 1) * (east - west + 1) > len(self.by_cell):
            return (cell for cell in self.by_cell if south <= cell[0] <= north and west <= cell[1] <= east)
        return ((row, column) for row in range(south, north + 1) for column in range(west, east + 1))


EMPTY = Snapshot(0, {}, {}, {})


class StationIndex:
    """Answers from the newest snapshot; a newer one is built beside it and swapped in whole.

    The change log is looked at once a second at most, by one thread of a process; the others go on answering from
    the snapshot that is there. With the database away the last snapshot stays.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._snapshot: Snapshot | None = None
        self._check_at = 0.0
        self._refreshing = threading.Lock()

    def snapshot(self) -> Snapshot:
        """The stations now. Raises TemporarilyUnavailable where none could be loaded yet."""
        if self._snapshot is None:
            with self._refreshing:
                self._refresh()
        elif time.monotonic() >= self._check_at and self._refreshing.acquire(blocking=False):
            try:
                self._refresh()
            except TemporarilyUnavailable:
                log.warning("station index not refreshed: the database is away")
            finally:
                self._refreshing.release()
        return self._snapshot or EMPTY

    def look_again(self) -> None:
        """Look at the change log with the next question: this process has just written to it."""
        self._check_at = 0.0

    def _refresh(self) -> None:
        self._check_at = time.monotonic() + CHECKED_EVERY_S
        held = self._snapshot
        with self._database.reading() as session:
            seq = store.latest_change(session)
            if held is None:
                self._snapshot = _loaded(seq, store.all_stations(session))
            elif seq != held.seq:
                changed = sorted(store.changed_since(session, held.seq))
                self._snapshot = _patched(held, seq, changed, store.stations_by_pk(session, changed))


def _loaded(seq: int, stations: Iterable[ListedStation]) -> Snapshot:
    by_pk: dict[int, Entry] = {}
    cells: dict[Cell, list[Entry]] = {}
    for station in stations:
        entry = _entry(station)
        by_pk[entry.pk] = entry
        cells.setdefault(_cell(entry.lat, entry.lon), []).append(entry)
    return Snapshot(seq, by_pk, _by_station_id(by_pk), {cell: tuple(entries) for cell, entries in cells.items()})


def _patched(held: Snapshot, seq: int, changed: Iterable[int], stations: Iterable[ListedStation]) -> Snapshot:
    """The held snapshot with these stations as they are now; those that are no longer there are left out."""
    by_pk, by_cell = dict(held.by_pk), dict(held.by_cell)
    for pk in changed:
        old = by_pk.pop(pk, None)
        if old is not None:
            cell = _cell(old.lat, old.lon)
            by_cell[cell] = tuple(entry for entry in by_cell[cell] if entry.pk != pk)
    for station in stations:
        entry = _entry(station)
        cell = _cell(entry.lat, entry.lon)
        by_pk[entry.pk] = entry
        by_cell[cell] = (*by_cell.get(cell, ()), entry)
    return Snapshot(seq, by_pk, _by_station_id(by_pk), by_cell)


def _by_station_id(by_pk: Mapping[int, Entry]) -> dict[str, Entry]:
    return {entry.station_id: entry for entry in by_pk.values()}


def _cell(lat: float, lon: float) -> Cell:
    return floor(lat / CELL_DEGREES), floor(lon / CELL_DEGREES)


def folded(text: str | None) -> str:
    """Text without case and accents, for comparing."""
    decomposed = unicodedata.normalize("NFKD", text or "")
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def _entry(listed: ListedStation) -> Entry:
    station, ports = listed.station, listed.station.ports
    address = station.address
    port_ids = tuple(listed_port.port_id for listed_port in listed.ports)
    return Entry(
        pk=listed.pk,
        station_id=station.station_id,
        lat=station.lat,
        lon=station.lon,
        network_id=station.network_id,
        names=_names(station),
        city=folded(address.city),
        state=folded(address.state),
        country=folded(address.country),
        postal_code=folded(address.postal_code),
        address=folded(", ".join(part for part in (address.line1, address.city, address.state) if part)),
        connectors=frozenset(name for port in ports for name in port.connectors),
        levels=frozenset(port.level.value for port in ports if port.level),
        powers_kw=tuple(sorted({port.power_kw for port in ports if port.power_kw is not None})),
        reservable=station.reservable,
        port_ids=port_ids,
        port_numbers=tuple(port.port_number for port in ports),
        reservable_port_ids=_reservable(listed, port_ids),
        time_zone=station.time_zone,
        opening_hours=station.opening_hours,
        tariff=station.tariff,
        draws=tuple((port.power_kw, port.current_a) for port in ports),
    )


def _reservable(listed: ListedStation, port_ids: tuple[int, ...]) -> tuple[int, ...]:
    """The ports that can be reserved; the very tuple of all ports where all can, since there are many stations."""
    if not listed.station.reservable:
        return ()
    found = tuple(one.port_id for one in listed.ports if one.port.reservable)
    return port_ids if found == port_ids else found


def _names(station: Station) -> tuple[str, ...]:
    """What the name filter is held against: the organization, the station, and a display name's two lines."""
    owner = (station.organization.name,) if station.organization else ()
    lines = station.name.split(" / ", 1) if " / " in station.name else ()
    return tuple(folded(name) for name in (*owner, station.name, *lines))
