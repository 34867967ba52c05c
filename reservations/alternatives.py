"""Alternatives: what can be reserved instead of what cannot be had, as it stands at the moment of the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from accounts.domain.caller import Driver
from finder.catalogue import StationCatalogue
from finder.domain.station import Access
from finder.index import StationIndex
from finder.question import Circle, candidates
from finder.question import Question as Search
from finder.records import ListedStation
from kernel.clock import Clock
from kernel.database import Database
from kernel.window import Window
from reservations import policy_store, store
from reservations.domain.alternatives import Alternative, best
from reservations.domain.closures import ClosedWindows, NeverClosed
from reservations.domain.policy import LONGEST, Policy
from reservations.domain.reservation import Change, Reservation, Wish
from reservations.offers import is_paid
from reservations.prices import price_of
from reservations.service_state import OutAmong, none_known
from reservations.ways_out import Scene, ways_out

NEARBY_M = 10_000
STATIONS_TRIED = 20
REACH = timedelta(hours=24)  # a time further away is another trip
_MINUTE = timedelta(minutes=1)
_FURTHEST = timedelta(days=3660)
_Away = tuple[ListedStation, float]  # a station, and how far it is from the one that was wished for


class Alternatives:
    """Another time at the same port, another port at the same time, or a station nearby; three at most, with prices.

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
        out_among: OutAmong = none_known,
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._index = index
        self._closed = closed or NeverClosed()
        self._out_among = out_among

    def to(self, driver: Driver, wish: Wish) -> tuple[Alternative, ...]:
        """Instead of a new reservation.

        Raises TemporarilyUnavailable, and leaves a transaction around it as it was.
        """
        with self._database.reading_apart() as session:
            return self._offered(session, driver, wish, None, self._clock.in_transaction(session))

    def to_change(self, driver: Driver, handle: str, change: Change) -> tuple[Alternative, ...]:
        """Instead of a change of a reservation, whose own window is free for it and whose policy stays.

        Raises TemporarilyUnavailable, HandleUnknown.
        """
        with self._database.reading_apart() as session:
            now = self._clock.in_transaction(session)
            seen = store.reservation(session, handle, driver.driver_id).at(now)
            return self._offered(session, driver, change.of(seen), seen, now)

    def _offered(
        self, session: Session, driver: Driver, wish: Wish, seen: Reservation | None, now: datetime
    ) -> tuple[Alternative, ...]:
        if not _MINUTE <= wish.duration_min * _MINUTE <= LONGEST or abs(wish.start - now) > _FURTHEST:
            return ()  # no station could fulfil it, and times around it cannot be reckoned with
        away = self._nearby(wish.station_id)
        listed = self._catalogue.listed_among([wish.station_id, *away])
        if wish.station_id not in listed:
            return ()
        near = [(one, away[name]) for name, one in listed.items() if name in away and self._can_be_had(one)]
        scene = self._scene(session, wish, seen, now, [(listed[wish.station_id], 0.0), *near])
        payable = (one for one in ways_out(scene) if driver.pays or not is_paid(listed[one.station_id].station))
        chosen = best(payable, scene.wished)
        return tuple(_priced(one, listed[one.station_id]) for one in chosen)

    def _nearby(self, station_id: str) -> dict[str, float]:
        """The nearest stations that can be reserved, and how far away they are."""
        snapshot = self._index.snapshot()
        here = snapshot.named(station_id)
        if here is None:
            return {}
        around = Search(circle=Circle(here.lat, here.lon, NEARBY_M), reservable=True)
        nearest = candidates(around, snapshot).first(STATIONS_TRIED)
        return {one.entry.station_id: one.rank for one in nearest if one.entry.station_id != station_id}

    def _can_be_had(self, listed: ListedStation) -> bool:
        return listed.station.access is Access.PUBLIC and not self._closed.is_paused(listed.station.station_id)

    def _scene(
        self, session: Session, wish: Wish, seen: Reservation | None, now: datetime, stations: Sequence[_Away]
    ) -> Scene:
        wished = Window.lasting(wish.start, wish.duration_min * _MINUTE)
        span = Window(wished.start - REACH, wished.end + REACH)
        ports = [port.port_id for one, _ in stations for port in one.ports]
        kept = {} if seen is None else {wish.station_id: seen.policy}
        policies = policy_store.policies(session, [one.station.station_id for one, _ in stations]) | kept
        return Scene(
            wished=wished,
            port_number=wish.port_number,
            station=stations[0][0],
            nearby=stations[1:],
            now=now,
            span=span,
            policies=policies,
            taken=store.live_windows(session, ports, span, now, besides=seen.handle if seen else None),
            out=self._out(stations, policies, wished, now),
            closed_at=self._closed.during(span),
            start_stays=seen is not None and seen.start == wish.start,
        )

    def _out(
        self, stations: Sequence[_Away], policies: Mapping[str, Policy], wished: Window, now: datetime
    ) -> frozenset[int]:
        """The ports that are out of order, where the wish or a time near it begins so soon that it matters."""
        within = max(policy.in_service_within_min for policy in policies.values())
        matters = wished.start - REACH < now + within * _MINUTE
        return self._out_among({one.pk: one.station.station_id for one, _ in stations}) if matters else frozenset()


def _priced(one: Alternative, at: ListedStation) -> Alternative:
    port = next(port.port for port in at.ports if port.port.port_number == one.port_number)
    return replace(one, price=price_of(at.station, port, one.window))
