"""A search question: where, which, and how it decides whether a station is an answer."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from operator import itemgetter
from typing import NamedTuple, Protocol

from finder.domain.countries import NAMES
from finder.domain.geo import Box, box_around, distance_m
from finder.domain.ranking import Sort, by_distance
from finder.domain.usage import Question as Charge
from finder.index import Entry, Snapshot, folded
from kernel.window import Window


class Candidate(NamedTuple):
    """A station that fits: its rank, its key, and how far away it is in metres where a point was asked for.

    A plain tuple, since a wide search makes one for each of a hundred thousand stations.
    """

    rank: float
    pk: int
    entry: Entry
    away_m: float | None

    @property
    def key(self) -> tuple[float, int]:
        """Orders candidates, the same way at every call."""
        return (self.rank, self.pk)


Rank = Callable[[Entry, float | None], float]


class FreeStations(Protocol):
    """Knows which stations can be reserved for a window; the finder asks, the reservations answer."""

    def free_among(self, entries: Sequence[Entry], window: Window) -> frozenset[int]:
        """Keys of the stations with a port that can be reserved now for exactly this window.

        However many stations are asked about, what is taken is read once. Raises InvalidRequest for a past window.
        """


_COUNTRY_NAMES = {folded(code): folded(name) for code, name in NAMES.items()}


@dataclass(frozen=True, slots=True)
class Circle:
    """A point and a radius in metres; stations on the edge belong to it."""

    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Within one filter OR, between filters AND. Everywhere and everything where nothing is said."""

    circle: Circle | None = None
    box: Box | None = None
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
    available: bool | None = None
    free_in: Window | None = None
    charge: Charge | None = None
    sort: Sort = Sort.DISTANCE


def nearest(_entry: Entry, away_m: float | None) -> float:
    """Ranks by distance."""
    return by_distance(away_m)


def candidates(question: Question, snapshot: Snapshot, rank: Rank = nearest) -> list[Candidate]:
    """The stations that fit, without regard to their status and to what is reserved, in order of rank."""
    fits = _filter(question)
    found = [
        Candidate(rank(entry, away_m), entry.pk, entry, away_m)
        for away_m, entry in _located(question, snapshot)
        if fits(entry)
    ]
    found.sort(key=itemgetter(0, 1))
    return found


def _located(question: Question, snapshot: Snapshot) -> Iterator[tuple[float | None, Entry]]:
    circle = question.circle
    if circle is not None:
        for entry in snapshot.inside(box_around(circle.lat, circle.lon, circle.radius_m)):
            away = distance_m(circle.lat, circle.lon, entry.lat, entry.lon)
            if away <= circle.radius_m:
                yield away, entry
        return
    box = question.box
    entries = snapshot.by_pk.values() if box is None else snapshot.inside(box)
    for entry in entries:
        if box is None or box.contains(entry.lat, entry.lon):
            yield None, entry


def _filter(question: Question) -> Callable[[Entry], bool]:
    """One test made of those that the question asks for, the cheap ones first."""
    tests = [*_kind_tests(question), *_equipment_tests(question), *_text_tests(question)]
    return lambda entry: all(test(entry) for test in tests)


def _kind_tests(question: Question) -> Iterator[Callable[[Entry], bool]]:
    if question.station_ids:
        wanted = frozenset(question.station_ids)
        yield lambda entry: entry.station_id in wanted
    if question.networks:
        yield lambda entry: entry.network_id in question.networks
    if question.free_in is not None:
        yield lambda entry: bool(entry.reservable_port_ids)
    if question.reservable is not None:
        yield lambda entry: entry.reservable is question.reservable


def _equipment_tests(question: Question) -> Iterator[Callable[[Entry], bool]]:
    connectors, levels, least = frozenset(question.connectors), frozenset(question.levels), question.min_power_kw
    if connectors and question.all_connectors:
        yield lambda entry: connectors <= entry.connectors
    elif connectors:
        yield lambda entry: not connectors.isdisjoint(entry.connectors)
    if levels:
        yield lambda entry: not levels.isdisjoint(entry.levels)
    if least is not None:
        yield lambda entry: bool(entry.powers_kw) and entry.powers_kw[-1] >= least


def _text_tests(question: Question) -> Iterator[Callable[[Entry], bool]]:
    if question.name is not None:
        pattern = _wildcard(folded(question.name))
        yield lambda entry: any(pattern.fullmatch(name) for name in entry.names)
    if question.city is not None:
        city = folded(question.city)
        yield lambda entry: entry.city == city
    if question.state is not None:
        state = folded(question.state)
        yield lambda entry: entry.state == state
    if question.country is not None:
        country = folded(question.country)
        yield lambda entry: country in (entry.country, _COUNTRY_NAMES.get(entry.country))
    if question.postal_code is not None:
        postal_code = folded(question.postal_code)
        yield lambda entry: entry.postal_code == postal_code
    if question.address is not None:
        address = folded(question.address)
        yield lambda entry: address in entry.address


def _wildcard(text: str) -> re.Pattern[str]:
    """`*` is any text, `?` any one letter; everything else, `%`, `_` and `[` too, is itself. Never tries back."""
    return re.compile(translate(text.replace("[", "[[]")))
