"""Announcements: the maintenance windows that are active or to come, in memory; looked at at most once a second."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from finder import maintenance_store as store
from finder.domain.maintenance import NOTHING, Concerning, Effect, Maintenance, check_writes, concerning
from finder.index import StationIndex
from finder.indexed import folded
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from kernel.window import Window

log = structlog.get_logger(__name__)

LOOKED_AT_EVERY_S = 1.0


class Announcements:
    """What is announced, for those who answer. Every process looks for itself, so all know within a second.

    One thread of a process looks at the tables; with the database away what was known last goes on holding.
    """

    def __init__(self, database: Database, clock: Clock, index: StationIndex) -> None:
        self._database = database
        self._clock = clock
        self._index = index
        self._known: tuple[Maintenance, ...] | None = None
        self._active: tuple[Sequence[Maintenance], list[Maintenance], Concerning] = (), [], NOTHING
        self._look_at = 0.0
        self._looking = threading.Lock()

    def known(self) -> Sequence[Maintenance]:
        """The windows that are not over."""
        first = self._known is None
        if time.monotonic() >= self._look_at and self._looking.acquire(blocking=first):
            try:
                if time.monotonic() >= self._look_at:
                    self._look()
            except TemporarilyUnavailable:
                self._known = self._known or ()
                log.warning("maintenance not looked at: the database is away")
            finally:
                self._looking.release()
        return self._known or ()

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOKED_AT_EVERY_S
        with self._database.reading() as session:
            self._known = store.not_over(session, self._clock.now())

    def look_again(self) -> None:
        """Look when next asked: this process has committed an announcement."""
        self._look_at = 0.0

    def active(self, now: datetime) -> Concerning:
        """The windows that are active at this moment."""
        known = self.known()
        if not known:
            return NOTHING
        active = [one for one in known if one.window.contains(now)]
        of, held, sorted_out = self._active
        if of is not known or held != active:
            sorted_out = concerning(active, folded)
            self._active = known, active, sorted_out
        return sorted_out

    def at_station(self, station_id: str, now: datetime) -> tuple[Maintenance, ...]:
        """The windows that are active at this station."""
        return self._at(self.active(now), station_id)

    def _at(self, windows: Concerning, station_id: str) -> tuple[Maintenance, ...]:
        if not windows:
            return ()
        return windows.at(station_id, self._owner(station_id) if windows.of_organization else "")

    def _owner(self, station_id: str) -> str:
        entry = self._index.snapshot().named(station_id)
        return entry.organization if entry else ""

    def check_writes(self, station_id: str) -> None:
        """Raises WritesPaused where nothing that concerns this station can be changed now."""
        now = self._clock.now()
        check_writes(self.at_station(station_id, now), now)

    def is_paused(self, station_id: str) -> bool:
        """Whether `check_writes` refuses now."""
        return any(Effect.WRITES_PAUSED in one.effects for one in self.at_station(station_id, self._clock.now()))

    def check_all_writes(self) -> None:
        """Raises WritesPaused where nothing at all can be changed now: the maintenance mode."""
        now = self._clock.now()
        active = self.active(now)
        if active:
            check_writes(active.of_everything, now)

    def during(self, span: Window) -> Callable[[str], Sequence[Window]]:
        """Station id → the windows that touch the span and in which the station takes no reservations."""
        closing = [
            one for one in self.known() if Effect.RESERVATIONS_CLOSED in one.effects and one.window.overlaps(span)
        ]
        if not closing:
            return lambda _: ()
        closed = concerning(closing, folded)
        return lambda station_id: [one.window for one in self._at(closed, station_id)]
