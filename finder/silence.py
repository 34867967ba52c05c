"""Silence: ports that fall silent become news once, and stations that did are found by one question."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from finder import status_events
from finder import status_store as store
from finder.domain.availability import port_status
from finder.domain.freshness import Thresholds
from finder.live_status import LiveStatus
from finder.status_store import Held, Place, told_of
from finder.thresholds import NetworkThresholds
from kernel.bulk import insert_rows
from kernel.clock import Clock
from kernel.database import Database

_AT_ONCE = 500


class Silence:
    """Time alone makes a status stale; this says so to those who listen. What was told is kept beside the status."""

    def __init__(
        self, database: Database, clock: Clock, live_status: LiveStatus, thresholds: NetworkThresholds
    ) -> None:
        self._database = database
        self._clock = clock
        self._live_status = live_status
        self._thresholds = thresholds

    def announce(self) -> int:
        """Announce the ports whose silence changed what is told of them since it was told; returns how many.

        Safe to run twice, by two workers and after a restart: each change is announced once, in the transaction
        that remembers it.
        """
        now, count = self._clock.now(), 0
        for thresholds, networks, but in self._groups():
            while True:
                with self._database.writing() as session:
                    some = store.quieter_than_told(session, thresholds, now, networks=networks, but=but, limit=_AT_ONCE)
                    count += _told_anew(session, some, thresholds, now)
                if len(some) < _AT_ONCE:
                    break
        return count

    def _groups(self) -> Iterator[tuple[Thresholds, list[int], bool]]:
        """Thresholds with their networks; last, marked by `but`, the default with the networks that it is not for."""
        own = self._thresholds.own()
        for thresholds in sorted(set(own.values()), key=lambda one: (one.stale_after_s, one.unreachable_after_s)):
            yield thresholds, [network_id for network_id, theirs in own.items() if theirs == thresholds], False
        yield self._thresholds.default, list(own), True

    def stations_gone_silent(self, since: timedelta) -> dict[str, datetime]:
        """Ids of the stations that were last heard of within this time, but not since their network's stale age."""
        now = self._clock.now()
        found = self._live_status.last_heard(now - since, now)
        with self._database.reading() as session:
            named = store.stations_named(session, list(found))
        silent = {
            station_id: found[pk]
            for pk, station_id in named.items()
            if (now - found[pk]).total_seconds() > self._thresholds.of(_network(station_id)).stale_after_s
        }
        return dict(sorted(silent.items(), key=lambda item: (item[1], item[0])))


def _network(station_id: str) -> int:
    return int(station_id.partition(":")[0])


def _told_anew(session: Session, some: list[Place], thresholds: Thresholds, now: datetime) -> int:
    """Look again at these ports, now locked, and announce those of which something else is to be told."""
    held = store.locked(session, [place.port_id for place in some])
    changes = []
    for place in some:
        before = held.get(place.port_id)
        if before is not None:
            told = told_of(port_status(before.report, reserved=False, now=now, thresholds=thresholds))
            if told != before.told:
                changes.append((place, Held(before.report, told)))
    store.set_told(session, {place.port_id: after.told for place, after in changes})
    insert_rows(session, status_events.changes(changes, now))
    return len(changes)
