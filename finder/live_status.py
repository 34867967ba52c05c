"""LiveStatus: takes reports of what ports are, and answers the latest one of each."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from finder import status_store as store
from finder.domain.freshness import Interruption, StaleReason
from finder.intake import PortListener, StatusIntake
from finder.said import Said, Verdict
from finder.status_cache import Mark, StatusCache
from finder.status_mirror import Reports, StatusMirror
from finder.thresholds import NetworkThresholds
from kernel.bell import Bell
from kernel.cache import COOL_DOWN_S, CacheDown
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable

log = structlog.get_logger(__name__)

_RECHECKED = timedelta(minutes=2)
_FIRST_RECHECKED = timedelta(hours=1)
_REFILL_WAIT_S = 0.5


class LiveStatus:
    """The database is the truth and is written first; the cache is told after the commit and may be away."""

    def __init__(
        self,
        database: Database,
        cache: StatusCache,
        clock: Clock,
        thresholds: NetworkThresholds | None = None,
        *,
        listeners: Sequence[PortListener] = (),
        bell: Bell | None = None,
    ) -> None:
        self._database = database
        self._cache = cache
        self._mirror = StatusMirror(cache, bell)
        self._bell = bell
        self._clock = clock
        self._intake = StatusIntake(thresholds or NetworkThresholds(database), listeners)
        self._one_refill = threading.Lock()
        self._unfillable_until = 0.0
        self._told_at: datetime | None = None
        self._outage: Interruption | None = None

    def take(self, reports: Sequence[Said]) -> list[Verdict]:
        """Keep the reports that are newer than what is known; a verdict on each, in their order.

        Durable when it returns. Newest by (`reported_at`, `sequence`) wins, whatever the order of arrival; of two
        that say different things of one moment the more cautious one.
        """
        now = self._clock.now()
        with self._database.writing() as session:
            verdicts, changed = self._intake.take(session, reports, now)
            self._database.when_committed(lambda: self._tell_cache(changed))
        return verdicts

    def latest(self, station_pks: Sequence[int]) -> tuple[Reports, bool]:
        """Station key → port key → latest report, and whether the cache could be asked.

        What the cache does not know comes from the database and is put there. With both away it is what this process
        knew last; a station without an entry is one of which that is nothing.
        """
        if not station_pks:
            return {}, True
        found, with_cache = self._asked(station_pks)
        if len(found) < len(station_pks):
            found |= self._mirror.remembered(pk for pk in station_pks if pk not in found)
        return found, with_cache

    def _asked(self, station_pks: Sequence[int]) -> tuple[Reports, bool]:
        try:
            found, mark = self._mirror.current(station_pks)
            unknown = [pk for pk in station_pks if pk not in found]
            return (found | self._read(unknown, mark) if unknown else found), True
        except CacheDown:
            found = self._from_database(station_pks)
            self._mirror.keep(found)
            return found, False

    def _read(self, station_pks: Sequence[int], mark: Mark | None) -> Reports:
        """From the cache, and what it does not know from the database. Raises CacheDown."""
        cached = self._cache.latest(station_pks)
        found = {pk: reports for pk, reports in cached.items() if reports is not None}
        self._mirror.keep(found, mark)
        missing = [pk for pk in station_pks if pk not in found]
        if missing:
            found |= self._refilled(missing)
            self._mirror.keep(found)
        return found

    def outage(self) -> Interruption | None:
        """Why no newer status can be known: since when nothing can be written down. None where it can."""
        for_s = self._database.outage.nothing_written_for_s()
        if for_s is None:
            self._outage = None
            return None
        if self._outage is None:
            since = self._clock.now() - timedelta(seconds=for_s)
            self._outage = Interruption(StaleReason.UPSTREAM_OUTAGE, since=since)
        return self._outage

    def _from_database(self, station_pks: Sequence[int]) -> Reports:
        try:
            with self._database.reading() as session:
                return store.latest_of_stations(session, station_pks)
        except TemporarilyUnavailable:
            log.warning("no status: database and cache are away")
            return {}

    def _refilled(self, station_pks: Sequence[int]) -> Reports:
        """One thread of a process at a time asks the database, and the others find what it put into the cache.

        Who has waited for long, or finds a cache that takes nothing, asks the database and leaves the cache as it is.
        """
        if time.monotonic() < self._unfillable_until or not self._one_refill.acquire(timeout=_REFILL_WAIT_S):
            return self._from_database(station_pks)
        try:
            cached = self._cache.latest(station_pks)
            missing = [pk for pk, reports in cached.items() if reports is None]
            found = self._from_database(missing)
            self._cache.keep_whole(found)
        except CacheDown:
            self._unfillable_until = time.monotonic() + COOL_DOWN_S
            return self._from_database(station_pks)
        finally:
            self._one_refill.release()
        return {pk: reports for pk, reports in cached.items() if reports is not None} | found

    def last_heard(self, earliest: datetime, latest: datetime) -> dict[int, datetime]:
        """Station key → last contact with any of its ports, of stations whose last contact lies in this span."""
        try:
            found = self._cache.heard_between(earliest, latest)
        except CacheDown:
            return _within(self._contacts(), earliest, latest)
        if found is not None:
            return found
        with self._one_refill:
            try:
                found = self._cache.heard_between(earliest, latest)
                if found is None:
                    self._cache.keep_index(self._contacts())
                    found = self._cache.heard_between(earliest, latest)
            except CacheDown:
                found = None
        return _within(self._contacts(), earliest, latest) if found is None else found

    def _contacts(self) -> dict[int, datetime]:
        with self._database.reading() as session:
            return store.last_contacts(session)

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
        if self._bell is not None:
            self._bell.ring()


def _within(contacts: dict[int, datetime], earliest: datetime, latest: datetime) -> dict[int, datetime]:
    return {pk: at for pk, at in contacts.items() if earliest <= at <= latest}
