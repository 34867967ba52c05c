"""LiveStatus: takes reports of what ports are, and answers the latest one of each."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from finder import status_store as store
from finder.domain.freshness import believed_time
from finder.domain.hearing import Heard, heard_of
from finder.domain.status import Report, technical_status_of
from finder.status_cache import StatusCache
from kernel.cache import CacheDown
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable

log = structlog.get_logger(__name__)

EARLIEST = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
_RECHECKED = timedelta(minutes=2)
_FIRST_RECHECKED = timedelta(hours=1)


class Outcome(StrEnum):
    """What became of one report of a call."""

    ACCEPTED = "accepted"
    OLDER = "older"
    UNKNOWN_PORT = "unknown_port"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One report as it came in: the charger's own word and time."""

    station_id: str
    port_number: int
    technical_status: str
    reported_at: datetime
    sequence: int = 0
    error_code: str | None = None
    card: str | None = None


class PortListener(Protocol):
    """Wants to know what becomes of ports, in the transaction that writes it down."""

    def heard(self, session: Session, changes: Sequence[Heard]) -> None:
        """What ports have become; of one port in the order in which it did."""


Reports = dict[int, dict[int, Report]]


class LiveStatus:
    """The database is the truth and is written first; the cache is told after the commit and may be away."""

    def __init__(
        self, database: Database, cache: StatusCache, clock: Clock, *, listeners: Sequence[PortListener] = ()
    ) -> None:
        self._database = database
        self._listeners = listeners
        self._cache = cache
        self._clock = clock
        self._one_refill = threading.Lock()
        self._told_at: datetime | None = None

    def take(self, reports: Sequence[Said]) -> list[Outcome]:
        """Keep the reports that are newer than what is known; one outcome per report, in their order.

        Durable when it returns. Newest by (`reported_at`, `sequence`) wins, whatever the order of arrival.
        """
        now = self._clock.now()
        with self._database.writing() as session:
            keys = store.port_keys(session, [(said.station_id, said.port_number) for said in reports])
            heard = [(keys.get((said.station_id, said.port_number)), _report(said, now)) for said in reports]
            known = [(key, report) for key, report in heard if key is not None and report is not None]
            newest = self._kept(session, known)
            self._database.when_committed(session, lambda: self._tell_cache(newest))
        won = {(key, report.order) for key, report in _pairs(newest)}
        return [_outcome(key, report, won) for key, report in heard]

    def _kept(self, session: Session, known: Sequence[tuple[tuple[int, int], Report]]) -> Reports:
        """Write the newest report of each port where it is newer than what is there; all go to the log."""
        newest: dict[int, tuple[int, Report]] = {}
        for (station_pk, port_id), report in known:
            if port_id not in newest or report.order > newest[port_id][1].order:
                newest[port_id] = (station_pk, report)
        before = store.latest(session, list(newest))
        self._tell_listeners(session, before, known)
        dated = {port: _with_change_time(report, before.get(port)) for port, (_, report) in newest.items()}
        written = store.keep_if_newer(session, dated)
        store.log_reports(session, [(port_id, report) for (_, port_id), report in known])
        found: Reports = {}
        for port_id in written:
            found.setdefault(newest[port_id][0], {})[port_id] = dated[port_id]
        return found

    def _tell_listeners(
        self, session: Session, before: Mapping[int, Report], known: Sequence[tuple[tuple[int, int], Report]]
    ) -> None:
        came: dict[int, list[Report]] = {}
        for (_, port_id), report in known:
            came.setdefault(port_id, []).append(report)
        changes = [
            heard for port_id, reports in came.items() for heard in heard_of(port_id, before.get(port_id), reports)
        ]
        for listener in self._listeners:
            listener.heard(session, changes)

    def latest(self, station_pks: Sequence[int]) -> tuple[Reports, bool]:
        """Station key → port key → latest report, and whether the cache could be asked.

        What the cache does not know comes from the database and is put there. With both away the answer is empty:
        every port is then told as unknown, never left out.
        """
        try:
            cached = self._cache.latest(station_pks)
        except CacheDown:
            return self._from_database(station_pks), False
        missing = [pk for pk, reports in cached.items() if reports is None]
        found = {pk: reports for pk, reports in cached.items() if reports is not None}
        if missing:
            found |= self._refilled(missing)
        return found, True

    def _from_database(self, station_pks: Sequence[int]) -> Reports:
        try:
            with self._database.reading() as session:
                return store.latest_of_stations(session, station_pks)
        except TemporarilyUnavailable:
            log.warning("no status: database and cache are away")
            return {}

    def _refilled(self, station_pks: Sequence[int]) -> Reports:
        """One thread of a process at a time asks the database, and the others find what it put into the cache."""
        with self._one_refill:
            try:
                cached = self._cache.latest(station_pks)
                missing = [pk for pk, reports in cached.items() if reports is None]
                found = self._from_database(missing)
                self._cache.keep_whole(found)
            except CacheDown:
                return self._from_database(station_pks)
        return {pk: reports for pk, reports in cached.items() if reports is not None} | found

    def reconcile(self) -> int:
        """Tell the cache again what came since it was last told, in case it missed some; returns how many reports.

        A cache that was cut off keeps what it held, so what came meanwhile is told however long that was.
        """
        now = self._clock.now()
        since = now - _FIRST_RECHECKED if self._told_at is None else self._told_at - _RECHECKED
        with self._database.reading() as session:
            recent = store.received_since(session, since)
        try:
            self._cache.keep_if_newer(recent)
            self._told_at = now
        except CacheDown:
            log.warning("cache not told", stations=len(recent))
        return sum(map(len, recent.values()))

    def _tell_cache(self, reports: Reports) -> None:
        try:
            self._cache.keep_if_newer(reports)
        except CacheDown:
            log.warning("cache not told", stations=len(reports))

    def log_of(self, station_pk: int, *, port_number: int | None, limit: int) -> list[dict[str, object]]:
        """The reports of a station as received, newest first."""
        with self._database.reading() as session:
            return store.log_of_station(session, station_pk, port_number=port_number, limit=limit)

    def forget_old_log(self) -> int:
        """Take old entries out of the log: 90 days of real stations are kept, one day of demo ones."""
        now = self._clock.now()
        with self._database.writing() as session:
            return store.forget_reports_before(session, now - timedelta(days=90), demo=False) + (
                store.forget_reports_before(session, now - timedelta(days=1), demo=True)
            )


def _report(said: Said, now: datetime) -> Report | None:
    """What came in, as a report; None where its time cannot be."""
    if said.reported_at < EARLIEST:
        return None
    reported_at, clamped = believed_time(said.reported_at, now)
    technical_status = technical_status_of(said.technical_status)
    is_own_word = said.technical_status == technical_status.value
    return Report(
        technical_status=technical_status,
        reported_at=reported_at,
        sequence=said.sequence,
        received_at=now,
        status_changed_at=reported_at,
        error_code=said.error_code,
        raw_status=None if is_own_word else said.technical_status,
        clamped=clamped,
        card=said.card,
    )


def _with_change_time(report: Report, before: Report | None) -> Report:
    """A report that only repeats the status leaves the time of its last change as it was."""
    if before is None or before.technical_status is not report.technical_status:
        return report
    return replace(report, status_changed_at=before.status_changed_at)


def _pairs(reports: Mapping[int, Mapping[int, Report]]) -> Iterable[tuple[tuple[int, int], Report]]:
    for station_pk, by_port in reports.items():
        for port_id, report in by_port.items():
            yield (station_pk, port_id), report


def _outcome(
    key: tuple[int, int] | None, report: Report | None, won: set[tuple[tuple[int, int], tuple[datetime, int]]]
) -> Outcome:
    if report is None:
        return Outcome.INVALID
    if key is None:
        return Outcome.UNKNOWN_PORT
    return Outcome.ACCEPTED if (key, report.order) in won else Outcome.OLDER
