"""Which stations: filters of a search as masks over rows. Within one filter OR, between filters AND."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from finder.columns import Columns, Mask, Rows, Texts, spans
from finder.domain.countries import NAMES
from finder.indexed import folded
from finder.snapshot import Snapshot
from finder.station_columns import LEVELS, NAME_END, bits_of

_COUNTRY_CODES = {folded(name): folded(code) for code, name in NAMES.items()}
_WORDS = ("city", "state", "postal_code")
_FEW = 20_000  # rows whose texts are looked at one by one; of more all texts are searched in one go
Test = Callable[[Snapshot, Rows], Mask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """What a station has to be."""

    station_ids: tuple[str, ...] = ()
    address: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    postal_code: str | None = None
    name: str | None = None
    networks: tuple[int, ...] = ()
    connectors: tuple[str, ...] = ()
    all_connectors: bool = False
    levels: tuple[str, ...] = ()
    min_power_kw: float | None = None
    reservable: bool | None = None
    only_ports: frozenset[int] | None = None


def fitting(which: Which, snapshot: Snapshot, rows: Rows) -> Mask | None:
    """Which of the rows fit; None where nothing is asked. Each test looks only at what the ones before it left."""
    left = np.arange(len(rows))
    tests = [*_station_tests(which), *_port_tests(which), *_text_tests(which)]
    for test in tests:
        left = left[test(snapshot, rows[left])]
    if not tests:
        return None
    fits = np.zeros(len(rows), np.bool_)
    fits[left] = True
    return fits


def _station_tests(which: Which) -> Iterator[Test]:
    if which.networks:
        yield lambda snapshot, rows: np.isin(snapshot.columns.stations["network_id"][rows], which.networks)
    if which.reservable is not None:
        yield lambda snapshot, rows: snapshot.columns.stations["reservable"][rows] == which.reservable
    for name in _WORDS:
        text = getattr(which, name)
        if text is not None:
            yield _worded(name, folded(text))
    if which.country is not None:
        country = folded(which.country)
        yield _worded("country", _COUNTRY_CODES.get(country, country))


def _worded(name: str, text: str) -> Test:
    return lambda snapshot, rows: snapshot.columns.stations[name][rows] == snapshot.columns.words[name].found(text)


def _port_tests(which: Which) -> Iterator[Test]:
    """Equipment is asked of one port: `connector=CCS1&min_power_kw=150` is a port that has both."""
    tests = list(_equipment(which))
    if tests:
        yield lambda snapshot, rows: _some_port(
            snapshot, rows, lambda ports, own: np.logical_and.reduce([test(ports, own) for test in tests])
        )
    if which.connectors and which.all_connectors:
        for name in which.connectors:
            bits = bits_of([name])
            yield lambda snapshot, rows, bits=bits: _some_port(  # type: ignore[misc]
                snapshot, rows, lambda ports, own: (ports["connectors"][own] & bits) != 0
            )


def _equipment(which: Which) -> Iterator[Callable[[Columns, Rows], Mask]]:
    if which.connectors:
        bits = bits_of(which.connectors)
        yield lambda ports, own: (ports["connectors"][own] & bits) != 0
    if which.levels:
        levels = [LEVELS[level] for level in which.levels]
        yield lambda ports, own: np.isin(ports["level"][own], levels)
    if which.min_power_kw is not None:
        yield lambda ports, own: ports["power_kw"][own] >= which.min_power_kw
    if which.only_ports is not None:
        wanted = np.fromiter(which.only_ports, np.int64)
        yield lambda ports, own: np.isin(ports["port_id"][own], wanted)


def _some_port(snapshot: Snapshot, rows: Rows, test: Callable[[Columns, Rows], Mask]) -> Mask:
    """Whether some port of each station passes."""
    owner, own = ports_of(snapshot, rows)
    passed = np.bincount(owner[test(snapshot.columns.ports, own)], minlength=len(rows))
    return passed > 0


def ports_of(snapshot: Snapshot, rows: Rows) -> tuple[Rows, Rows]:
    """The port rows of these stations, and for each the place of its station among them."""
    stations = snapshot.columns.stations
    counts = stations["ports"][rows].astype(np.int64)
    return np.repeat(np.arange(len(rows)), counts), spans(stations["first_port"][rows], counts)


def _text_tests(which: Which) -> Iterator[Test]:
    if which.name is not None:
        pattern = _wildcard(folded(which.name))
        yield lambda snapshot, rows: _matching(snapshot.columns.names, pattern, rows)
    if which.address is not None:
        street = re.compile(re.escape(folded(which.address)).encode())
        yield lambda snapshot, rows: _matching(snapshot.columns.streets, street, rows)


def _matching(texts: Texts, pattern: re.Pattern[bytes], rows: Rows) -> Mask:
    if len(rows) <= _FEW:
        return np.fromiter(
            (pattern.search(texts[row].encode()) is not None for row in rows.tolist()), np.bool_, len(rows)
        )
    joined, ends = texts.joined()
    hits = np.fromiter((match.start() for match in pattern.finditer(joined)), np.int64)
    return np.isin(rows, np.searchsorted(ends, hits, "right"))


_ANY = rb"[^\n]"
_ONE_LETTER = rb"(?:[\x00-\x09\x0b-\x7f]|[\xc2-\xf4][\x80-\xbf]+)"


def _wildcard(text: str) -> re.Pattern[bytes]:
    """`*` is any text, `?` any one letter; everything else, `%`, `_` and `[` too, is itself. Never tries back."""
    first, *others = (_literal(part) for part in text.split("*"))
    if not others:
        return re.compile(_line(first))
    middle = b"".join(b"(?>" + _ANY + b"*?" + part + b")" for part in others[:-1])
    return re.compile(_line(first + middle + _ANY + b"*" + others[-1]))


def _line(pattern: bytes) -> bytes:
    end = re.escape(NAME_END.encode())
    return b"(?<=" + end + b")" + pattern + b"(?=" + end + b")"


def _literal(part: str) -> bytes:
    return b"".join(_ONE_LETTER if letter == "?" else re.escape(letter.encode()) for letter in part)
