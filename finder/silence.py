"""Silence: ports that fall silent become news once, and stations that did are found by one question."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from finder import maintenance_store, silence_store, status_events
from finder import status_store as store
from finder.announcements import Announcements
from finder.domain.availability import port_status
from finder.domain.freshness import Thresholds
from finder.domain.maintenance import Concerning, interruption_by, network_of
from finder.indexed import folded
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
        self,
        database: Database,
        clock: Clock,
        live_status: LiveStatus,
        thresholds: NetworkThresholds,
        announcements: Announcements,
    ) -> None:
        self._database = database
        self._clock = clock
        self._live_status = live_status
        self._thresholds = thresholds
        self._announcements = announcements

    def announce(self) -> int:
        """Announce the ports whose silence changed what is told of them since it was told; returns how many.

        Safe to run twice, by two workers and after a restart: each change is announced once, in the transaction
        that remembers it.
        """
        now = self._clock.now()
        active = self._announcements.active(now)
        if interruption_by(active.of_everything):
            return 0
        delayed = {network_id for network_id, windows in active.of_network.items() if interruption_by(windows)}
        return sum(self._announce(active, now, *group) for group in self._groups(delayed))

    def _announce(
        self, active: Concerning, now: datetime, thresholds: Thresholds, networks: list[int], but: bool
    ) -> int:
        """Those that are left as they are, for maintenance, are passed over."""
        count = passed = 0
        while True:
            with self._database.writing() as session:
                some = silence_store.quieter_than_told(
                    session, thresholds, now, networks=networks, but=but, limit=_AT_ONCE, offset=passed
                )
                told = _told_anew(session, _not_delayed(session, active, some), thresholds, now)
            count, passed = count + told, passed + len(some) - told
            if len(some) < _AT_ONCE:
                return count

    def _groups(self, delayed: set[int]) -> Iterator[tuple[Thresholds, list[int], bool]]:
        """Thresholds with their networks; last, marked by `but`, the default with the networks that it is not for.

        Silence is no news of the networks whose statuses are delayed by maintenance.
        """
        own = self._thresholds.own()
        for thresholds in sorted(set(own.values()), key=lambda one: (one.stale_after_s, one.unreachable_after_s)):
            networks = {network_id for network_id, theirs in own.items() if theirs == thresholds}
            yield thresholds, sorted(networks - delayed), False
        yield self._thresholds.default, sorted(own.keys() | delayed), True

    def stations_gone_silent(self, since: timedelta) -> dict[str, datetime]:
        """Ids of the stations that were last heard of within this time, but not since their network's stale age."""
        now = self._clock.now()
        found = self._live_status.last_heard(now - since, now)
        with self._database.reading() as session:
            named = silence_store.stations_named(session, list(found))
        silent = {
            station_id: found[pk]
            for pk, station_id in named.items()
            if (now - found[pk]).total_seconds() > self._thresholds.of(network_of(station_id)).stale_after_s
        }
        return dict(sorted(silent.items(), key=lambda item: (item[1], item[0])))


def _not_delayed(session: Session, active: Concerning, some: list[Place]) -> list[Place]:
    """Without the ports of stations whose statuses are delayed; owners are asked of the database, not of the index."""
    if not active.of_organization and not active.of_station:
        return some
    owners = maintenance_store.owners(session, [place.station_id for place in some]) if active.of_organization else {}
    return [
        place
        for place in some
        if not interruption_by(active.at(place.station_id, folded(owners.get(place.station_id))))
    ]


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
