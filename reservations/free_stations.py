"""FreeStations: which stations can be reserved for a window (guide 7.2 getReservableStations)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from finder.domain.opening_hours import OpeningHours
from finder.index import Entry
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import InvalidRequest
from kernel.window import Window
from reservations import policy_store, store
from reservations.domain.closures import ClosedWindows, NeverClosed
from reservations.domain.policy import Policy
from reservations.offers import open_throughout, terms_of
from reservations.service_state import OutAmong, none_known

_POLICY = Policy()
_KINDS_OF_HOURS = 10_000


class FreeStations:
    """Tells the finder which stations are free (`finder.question.FreeStations`), in the same few statements."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        closed: ClosedWindows | None = None,
        out_among: OutAmong = none_known,
    ) -> None:
        self._database = database
        self._clock = clock
        self._closed = closed or NeverClosed()
        self._out_among = out_among

    def free_among(self, entries: Sequence[Entry], window: Window) -> frozenset[int]:
        """Keys of the stations with a port that can be reserved now for exactly this window. Raises InvalidRequest."""
        with self._database.reading() as session:
            now = self._clock.in_transaction(session)
            policies = policy_store.all_policies(session)
            taken = store.ports_taken_in(session, window, now)
        if window.start < now:
            raise InvalidRequest(errors=[{"pointer": "free_from", "detail": "must not be in the past"}])
        untaken = [entry for entry in entries if not taken.issuperset(entry.reservable_port_ids)]
        allowed = [entry for entry in untaken if _allows(entry, policies.get(entry.station_id, _POLICY), window, now)]
        free = self._entered(allowed, window)
        soon = [one.pk for one in free if _is_soon(policies.get(one.station_id, _POLICY), window, now)]
        unfit = taken | (self._out_among(soon) if soon else frozenset())
        at_any_rate = {entry.pk for entry in free} - set(soon)
        return frozenset(
            one.pk for one in free if one.pk in at_any_rate or not unfit.issuperset(one.reservable_port_ids)
        )

    def _entered(self, entries: Sequence[Entry], window: Window) -> list[Entry]:
        """Those that are open all the time. There are few different hours for many stations."""
        closed_at = self._closed.during(window)

        @lru_cache(_KINDS_OF_HOURS)
        def is_open(hours: OpeningHours | None, time_zone: str) -> bool:
            return open_throughout(hours, time_zone, window)

        return [
            entry
            for entry in entries
            if is_open(entry.opening_hours, entry.time_zone)
            and not any(one.overlaps(window) for one in closed_at(entry.station_id))
        ]


def _allows(entry: Entry, policy: Policy, window: Window, now: datetime) -> bool:
    return terms_of(entry, policy, now).allow(window)


def _is_soon(policy: Policy, window: Window, now: datetime) -> bool:
    """Whether it matters what a port is now."""
    return window.start - now < timedelta(minutes=policy.in_service_within_min)
