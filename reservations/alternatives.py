"""Alternatives: what can be reserved instead of what cannot be had, as it stands at the moment of the answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from finder.catalogue import StationCatalogue
from finder.domain.station import Access
from finder.index import StationIndex
from finder.question import Circle, candidates
from finder.question import Question as Search
from finder.records import ListedPort, ListedStation
from kernel.clock import Clock
from kernel.database import Database
from kernel.window import Window
from reservations import store
from reservations.domain.alternatives import Alternative, Kind, best, other_starts
from reservations.domain.closures import ClosedWindows, ClosuresOf, NeverClosed
from reservations.domain.free_windows import Terms, bookable_windows
from reservations.domain.policy import LONGEST, Policy
from reservations.domain.reservation import Wish
from reservations.offers import free_parts, price_of, terms_of

NEARBY_M = 10_000
STATIONS_TRIED = 40
REACH = timedelta(hours=24)  # a time further away is another trip
TO_DECIDE = timedelta(minutes=5)  # another time is not so soon that it is past once the driver has read it
_POLICY = Policy()
_MINUTE = timedelta(minutes=1)
_FURTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What was read, all of it before anything is decided."""

    wish: Wish
    wished: Window
    station: ListedStation
    nearby: Sequence[tuple[ListedStation, float]]
    taken: Mapping[int, Sequence[Window]]
    closed_at: ClosuresOf
    now: datetime


class Alternatives:
    """Another time at the same port, another port at the same time, or a station nearby.

    Asked after the refused transaction was undone, so no port, driver or reservation is locked meanwhile. What is
    taken is one statement's answer. What is offered can be had when it is read; nothing is held for anybody.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        catalogue: StationCatalogue,
        index: StationIndex,
        *,
        closed: ClosedWindows | None = None,
        policy: Policy = _POLICY,
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._index = index
        self._closed = closed or NeverClosed()
        self._policy = policy

    def to(self, wish: Wish, *, besides: str | None = None) -> tuple[Alternative, ...]:
        """Three at most, with their prices; the window of the reservation with the handle `besides` counts as free.

        Raises TemporarilyUnavailable, and leaves a transaction around it as it was.
        """
        scene = self._read(wish, besides)
        if scene is None:
            return ()
        stations = {one.station.station_id: one for one in (scene.station, *(near for near, _ in scene.nearby))}
        chosen = best(self._all(scene), scene.wished)
        return tuple(_priced(one, stations[one.station_id]) for one in chosen)

    def _read(self, wish: Wish, besides: str | None) -> _Scene | None:
        with self._database.reading_apart() as session:
            now = self._clock.in_transaction(session)
            away = self._nearby(wish.station_id)
            listed = self._catalogue.listed_among([wish.station_id, *away])
            if wish.station_id not in listed or not _is_possible(wish, now):
                return None
            wished = Window.lasting(wish.start, wish.duration_min * _MINUTE)
            span = Window(wished.start - REACH, wished.end + REACH)
            ports = [port.port_id for one in listed.values() for port in one.ports]
            taken = store.live_windows(session, ports, span, now, besides=besides)
        station = listed.pop(wish.station_id)
        return _Scene(
            wish=wish,
            wished=wished,
            station=station,
            nearby=[(one, away[station_id]) for station_id, one in listed.items()],
            taken=taken,
            closed_at=self._closed.during(span),
            now=now,
        )

    def _nearby(self, station_id: str) -> dict[str, float]:
        """The nearest stations that can be reserved, and how far away they are."""
        snapshot = self._index.snapshot()
        here = snapshot.by_station_id.get(station_id)
        if here is None:
            return {}
        around = Search(circle=Circle(here.lat, here.lon, NEARBY_M), reservable=True)
        found = (one for one in candidates(around, snapshot) if one.entry.station_id != station_id)
        return {one.entry.station_id: one.rank for one, _ in zip(found, range(STATIONS_TRIED), strict=False)}

    def _all(self, scene: _Scene) -> Iterator[Alternative]:
        wanted, plugs = _wanted(scene.wish, scene.station), _plugs(scene.wish, scene.station)
        yield from self._other_times(scene, wanted)
        others = [port for port in _fitting(scene.station, plugs) if port not in wanted]
        yield from self._same_time(scene, scene.station, others, Kind.OTHER_PORT, 0.0)
        for near, away_m in scene.nearby:
            if near.station.access is Access.PUBLIC:
                free = self._same_time(scene, near, _fitting(near, plugs), Kind.NEARBY_STATION, away_m)
                yield from (one for one, _ in zip(free, range(1), strict=False))

    def _other_times(self, scene: _Scene, ports: Sequence[ListedPort]) -> Iterator[Alternative]:
        """The nearest starts at the ports that were wished for, each start once."""
        terms = self._terms(scene, scene.station)
        soon = (terms.first_start + TO_DECIDE).replace(second=0) + _MINUTE
        later = replace(terms, first_start=soon)
        seen: set[datetime] = set()
        for port in ports:
            for start in other_starts(self._bookable(scene, scene.station, port, later), later, scene.wished):
                if start not in seen:
                    seen.add(start)
                    window = Window.lasting(start, scene.wished.duration)
                    yield _alternative(Kind.OTHER_TIME, scene.station, port, window, 0.0)

    def _same_time(
        self, scene: _Scene, at: ListedStation, ports: Sequence[ListedPort], kind: Kind, away_m: float
    ) -> Iterator[Alternative]:
        terms, wished = self._terms(scene, at), scene.wished
        if not terms.allow(wished):
            return
        for port in ports:
            free = self._bookable(scene, at, port, terms)
            if any(one.start <= wished.start and wished.end <= one.end for one in free):
                yield _alternative(kind, at, port, wished, away_m)

    def _terms(self, scene: _Scene, at: ListedStation) -> Terms:
        return terms_of(at.station, self._policy, scene.now)

    def _bookable(self, scene: _Scene, at: ListedStation, port: ListedPort, terms: Terms) -> tuple[Window, ...]:
        around = Window(scene.wished.start - REACH, scene.wished.end + REACH)
        taken = [*scene.taken[port.port_id], *scene.closed_at(at.station.station_id)]
        return bookable_windows(free_parts(at.station, around, taken), terms, scene.wished.duration)


def _is_possible(wish: Wish, now: datetime) -> bool:
    """Whether it is a wish that some station could fulfil, so that times around it can be reckoned with."""
    return _MINUTE <= wish.duration_min * _MINUTE <= LONGEST and abs(wish.start - now) < _FURTHEST


def _reservable(listed: ListedStation) -> tuple[ListedPort, ...]:
    return tuple(one for one in listed.ports if listed.station.reservable and one.port.reservable)


def _wanted(wish: Wish, listed: ListedStation) -> list[ListedPort]:
    """The ports that would have done, if they had been free."""
    return [one for one in _reservable(listed) if wish.port_number in (None, one.port.port_number)]


def _plugs(wish: Wish, listed: ListedStation) -> frozenset[str]:
    """The connectors that the driver may have had in mind; none where nothing is known."""
    asked = (one.port for one in listed.ports if wish.port_number in (None, one.port.port_number))
    return frozenset(name for port in asked for name in port.connectors)


def _fitting(listed: ListedStation, plugs: frozenset[str]) -> list[ListedPort]:
    return [one for one in _reservable(listed) if not plugs or not plugs.isdisjoint(one.port.connectors)]


def _alternative(kind: Kind, at: ListedStation, port: ListedPort, window: Window, away_m: float) -> Alternative:
    number = port.port.port_number
    return Alternative(
        kind=kind, station_id=at.station.station_id, port_number=number, window=window, distance_m=round(away_m, 1)
    )


def _priced(one: Alternative, at: ListedStation) -> Alternative:
    port = next(port.port for port in at.ports if port.port.port_number == one.port_number)
    return replace(one, price=price_of(at.station, port, one.window))
