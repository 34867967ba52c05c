"""FreePorts: which ports can be reserved for a window (guide 7.2 getReservableStations)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from finder.domain.opening_hours import OpeningHours
from finder.station_columns import Entry
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import InvalidRequest
from kernel.window import Window
from reservations import policy_store, store
from reservations.domain.closures import ClosedWindows, NeverClosed
from reservations.domain.policy import Policy
from reservations.offers import fits_parts, open_throughout, session_limit_min, terms_with
from reservations.service_state import OutAmong, none_known

_POLICY = Policy()
_KINDS_OF_HOURS = 10_000


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read at one moment: the policies of stations that say anything themselves, and the ports taken."""

    now: datetime
    policies: Mapping[str, Policy]
    taken: Mapping[int, Sequence[Window]]

    def policy(self, station: Entry) -> Policy:
        return self.policies.get(station.station_id, _POLICY)

    def untaken(self, station: Entry, window: Window) -> list[int]:
        """The station's ports that nobody has in the window."""
        return [
            port_id
            for port_id in station.reservable_port_ids
            if not any(taken.overlaps(window) for taken in self.taken.get(port_id, ()))
        ]


class FreePorts:
    """Tells the finder which ports are free (`finder.question.FreePorts`), in the same few statements."""

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

    def free_among(self, stations: Sequence[Entry], window: Window) -> frozenset[int]:
        """Ids of the ports that can be reserved now for exactly this window. Raises InvalidRequest."""
        read = self._read(window)
        if window.start < read.now:
            raise InvalidRequest(errors=[{"pointer": "free_from", "detail": "must not be in the past"}])
        return self._free({window: stations}, read)

    def free_each(self, stations: Sequence[Entry], windows: Sequence[Window]) -> frozenset[int]:
        """Ids of the ports that can be reserved now for exactly their station's window; none for a past one."""
        if not windows:
            return frozenset()
        read = self._read(Window(min(one.start for one in windows), max(one.end for one in windows)))
        wanted: dict[Window, list[Entry]] = {}
        for station, window in zip(stations, windows, strict=True):
            if window.start >= read.now:
                wanted.setdefault(window, []).append(station)
        return self._free(wanted, read)

    def _free(self, wanted: Mapping[Window, Sequence[Entry]], read: _Read) -> frozenset[int]:
        here: set[int] = set()
        soon: dict[int, str] = {}
        for window, stations in wanted.items():
            free = {one.pk: ports for one in stations if (ports := read.untaken(one, window))}
            able = self._entered(_allowed([one for one in stations if one.pk in free], window, read), window)
            here.update(port_id for one in able for port_id in free[one.pk])
            soon |= {one.pk: one.station_id for one in able if window.start - read.now < _told_within(read.policy(one))}
        return frozenset(here) - (self._out_among(soon) if soon else frozenset())

    def _read(self, span: Window) -> _Read:
        with self._database.reading() as session:
            now = self._clock.in_transaction(session)
            return _Read(now, policy_store.all_policies(session), store.taken_in(session, span, now))

    def _entered(self, stations: Sequence[Entry], window: Window) -> list[Entry]:
        """Those that are open all the time. There are few different hours for many stations."""
        closed_at = self._closed.during(window)

        @lru_cache(_KINDS_OF_HOURS)
        def is_open(hours: OpeningHours | None, time_zone: str) -> bool:
            return open_throughout(hours, time_zone, window)

        return [
            one
            for one in stations
            if is_open(one.opening_hours, one.time_zone)
            and (one.tariff is None or not one.tariff.part_limits or fits_parts(one.tariff, one.time_zone, window))
            and not any(closed.overlaps(window) for closed in closed_at(one.station_id))
        ]


def _allowed(stations: Sequence[Entry], window: Window, read: _Read) -> list[Entry]:
    """Those whose policy and limit on a stay let the window through. There are few different ones."""

    @lru_cache
    def allows(limit: int | None, own_policy_of: str | None) -> bool:
        policy = _POLICY if own_policy_of is None else read.policies[own_policy_of]
        return terms_with(limit, policy, read.now).allow(window)

    own = read.policies.keys()
    return [
        one for one in stations if allows(session_limit_min(one), one.station_id if one.station_id in own else None)
    ]


def _told_within(policy: Policy) -> timedelta:
    """How soon a start must be for it to matter what a port is now."""
    return timedelta(minutes=policy.in_service_within_min)
