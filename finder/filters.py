"""Which stations: filters of a search as masks over rows. Within one filter OR, between filters AND."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from finder.columns import Array, Mask, Rows, spans
from finder.domain.opening_hours import is_open
from finder.domain.station import Visibility
from finder.domain.visibility import ANYBODY, Viewer
from finder.indexed import folded
from finder.port_columns import LEVELS, MODES, PortColumns, bits_of
from finder.snapshot import Snapshot
from finder.station_columns import ACCESSES, VISIBILITIES
from finder.text_filters import addressed, country_code, named

Test = Callable[[Snapshot, Rows], Mask]
PortTest = Callable[[PortColumns, Rows], Mask]
_EVERYONE, _OWNER, _DEMONSTRATION = (VISIBILITIES[one] for one in Visibility)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What one and the same port has to be."""

    connectors: tuple[str, ...] = ()
    all_connectors: bool = False
    levels: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    voltages_v: tuple[float, ...] = ()
    currents_a: tuple[float, ...] = ()
    min_power_kw: float | None = None
    max_power_kw: float | None = None
    only_ports: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Which(Equipment):
    """What a station has to be. Texts are compared without case and accents."""

    station_ids: tuple[str, ...] = ()
    address: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    postal_code: str | None = None
    name: str | None = None
    networks: tuple[int, ...] = ()
    organizations: tuple[str, ...] = ()  # ids or names
    manufacturers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    serial_numbers: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    reservable: bool | None = None
    open_at: datetime | None = None
    demonstrations: tuple[str, ...] = ()  # serial numbers
    viewer: Viewer = ANYBODY


def fitting(which: Which, snapshot: Snapshot, rows: Rows) -> Mask:
    """Which of the rows are seen and fit. Each test looks only at what the ones before it left."""
    seen = _seen(which, snapshot, rows)
    tests = (*_station_tests(which), *_word_tests(which), *_port_tests(which), *_text_tests(which))
    if not tests:
        return seen
    left = np.flatnonzero(seen)
    for test in tests:
        left = left[test(snapshot, rows[left])]
    fits = np.zeros(len(rows), np.bool_)
    fits[left] = True
    return fits


def _seen(which: Which, snapshot: Snapshot, rows: Rows) -> Mask:
    """What the viewer sees; where demonstration units are asked for by their serial numbers, those alone."""
    stations, viewer = snapshot.columns.stations, which.viewer
    visibility = stations["visibility"][rows]
    seen: Mask = visibility == (_DEMONSTRATION if which.demonstrations else _EVERYONE)
    if which.demonstrations:
        return seen & _serial_numbers(which.demonstrations)(snapshot, rows)
    if viewer.operator:
        seen |= visibility == _OWNER
    elif viewer.organization_id is not None:
        code = snapshot.columns.words["organization"].found(folded(viewer.organization_id))
        seen |= (visibility == _OWNER) & (stations["organization"][rows] == code)
    return seen


def _serial_numbers(serial_numbers: Sequence[str]) -> Test:
    hashes = [hash(serial) for serial in map(folded, serial_numbers) if serial]
    return lambda snapshot, rows: np.isin(snapshot.columns.stations["serial_hash"][rows], hashes)


def _station_tests(which: Which) -> Iterator[Test]:
    if which.networks:
        yield lambda snapshot, rows: np.isin(snapshot.columns.stations["network_id"][rows], which.networks)
    if which.reservable is not None:
        yield lambda snapshot, rows: snapshot.columns.stations["reservable"][rows] == which.reservable
    if which.access:
        wanted = [ACCESSES[access] for access in which.access]
        yield lambda snapshot, rows: np.isin(snapshot.columns.stations["access"][rows], wanted)
    if which.serial_numbers:
        yield _serial_numbers(which.serial_numbers)
    if which.open_at is not None:
        yield _open_at(which.open_at)


def _open_at(moment: datetime) -> Test:
    """Known to be open then. Hours are read once for all stations of a time zone that have the same."""

    def test(snapshot: Snapshot, rows: Rows) -> Mask:
        columns = snapshot.columns
        codes = columns.stations["opening"][rows]
        opens = np.zeros(len(columns.openings.values), np.bool_)
        for code in np.flatnonzero(np.bincount(codes)).tolist():
            hours, zone = columns.openings.values[code]
            opens[code] = is_open(columns.opening_hours(hours), columns.words["time_zone"].values[zone], moment) is True
        return opens[codes]

    return test


def _word_tests(which: Which) -> Iterator[Test]:
    for column in ("city", "state", "postal_code"):
        text = getattr(which, column)
        if text is not None:
            yield _worded([column], [folded(text)])
    if which.country is not None:
        yield _worded(["country"], [country_code(which.country)])
    for column, texts in (("manufacturer", which.manufacturers), ("model", which.models)):
        if texts:
            yield _worded([column], list(map(folded, texts)))
    if which.organizations:
        yield _worded(["organization", "organization_name"], list(map(folded, which.organizations)))


def _worded(columns: Sequence[str], texts: Sequence[str]) -> Test:
    """Whether one of the columns is one of the texts."""

    def is_one(snapshot: Snapshot, rows: Rows, column: str) -> Mask:
        codes = [snapshot.columns.words[column].found(text) for text in texts if text]
        return np.isin(snapshot.columns.stations[column][rows], codes)

    return lambda snapshot, rows: np.logical_or.reduce([is_one(snapshot, rows, column) for column in columns])


def _port_tests(which: Equipment) -> Iterator[Test]:
    """Of all connectors that must be there each may be at a port of its own, which has the rest that is asked for."""
    tests = list(_equipment(which))
    if which.connectors and which.all_connectors:
        for name in which.connectors:
            yield _some_port([*tests, _plugged([name])])
    elif tests or which.connectors:
        yield _some_port([*tests, *([_plugged(which.connectors)] if which.connectors else [])])


def _plugged(connectors: Sequence[str]) -> PortTest:
    bits = bits_of(connectors)
    return lambda ports, own: ports.passing("connectors", own, lambda held: (held & bits) != 0)


def _equipment(which: Equipment) -> Iterator[PortTest]:
    """What is asked of a port, but for its connectors."""
    if which.levels:
        yield _one_of("level", [LEVELS[level] for level in which.levels])
    if which.modes:
        yield _one_of("mode", [MODES[mode] for mode in which.modes])
    if which.voltages_v:
        yield _one_of("voltage_v", which.voltages_v)
    if which.currents_a:
        yield _one_of("current_a", which.currents_a)
    if which.min_power_kw is not None:
        yield lambda ports, own: ports.passing("power_kw", own, lambda held: held >= which.min_power_kw)
    if which.max_power_kw is not None:
        yield lambda ports, own: ports.passing("power_kw", own, lambda held: held <= which.max_power_kw)
    if which.only_ports is not None:
        yield _one_of("port_id", np.fromiter(which.only_ports, np.int64))


def _one_of(column: str, values: Sequence[float] | Array) -> PortTest:
    return lambda ports, own: ports.passing(column, own, lambda held: np.isin(held, values))


def _some_port(tests: Sequence[PortTest]) -> Test:
    """Whether some one port of each station passes all of the tests."""

    def test(snapshot: Snapshot, rows: Rows) -> Mask:
        owner, own = ports_of(snapshot, rows)
        for port_test in tests:
            passed = port_test(snapshot.columns.ports, own)
            owner, own = owner[passed], own[passed]
        return np.bincount(owner, minlength=len(rows)) > 0

    return test


def able_ports(which: Equipment, snapshot: Snapshot, rows: Sequence[int]) -> frozenset[int] | None:
    """Ids of these stations' ports that have the equipment; None where none is asked for."""
    _, own = ports_of(snapshot, np.array(rows, np.int64))
    able = are_able(which, snapshot, own)
    return None if able is None else frozenset(snapshot.columns.ports["port_id"][own[able]].tolist())


def are_able(which: Equipment, snapshot: Snapshot, own: Rows) -> Mask | None:
    """Which of these ports have the equipment; None where none is asked for."""
    tests = [*_equipment(which), *([_plugged(which.connectors)] if which.connectors else [])]
    if not tests:
        return None
    passed: Mask = np.logical_and.reduce([test(snapshot.columns.ports, own) for test in tests])
    return passed


def ports_of(snapshot: Snapshot, rows: Rows) -> tuple[Rows, Rows]:
    """The port rows of these stations, and for each the place of its station among them."""
    stations = snapshot.columns.stations
    counts = stations["ports"][rows].astype(np.int64)
    return np.repeat(np.arange(len(rows)), counts), spans(stations["first_port"][rows], counts)


def _text_tests(which: Which) -> Iterator[Test]:
    name, address = which.name, which.address
    if name is not None:
        yield lambda snapshot, rows: named(snapshot, rows, name)
    if address is not None:
        yield lambda snapshot, rows: addressed(snapshot, rows, address)
