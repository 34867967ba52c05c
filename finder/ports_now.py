"""PortsNow: what the ports of many stations are at one moment, in arrays; the rules are those of one port.

`finder.domain.availability` and `finder.domain.freshness` say what is so, and a property holds this against them.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from finder.announcements import Announcements
from finder.columns import Mask, Rows
from finder.domain.availability import COUNTED, RESERVED, TakenPorts, Wish
from finder.domain.maintenance import Concerning, Maintenance, interruption_by
from finder.domain.opening_hours import is_open
from finder.domain.status import Status, status_of
from finder.filters import ports_of
from finder.live_status import LiveStatus
from finder.snapshot import Snapshot
from finder.status_board import CODES, Said, StatusBoard, microseconds, said_by
from finder.thresholds import NetworkThresholds
from kernel.clock import Clock
from kernel.database import Database

FEW = 500  # stations whose statuses are asked for one by one
_SECOND = 1_000_000
_NO_END = np.iinfo(np.int64).max
_PLACE = {name: place for place, name in enumerate(COUNTED)}
_OF_TECHNICAL = np.full(len(CODES) + 1, _PLACE[Status.UNKNOWN], np.uint8)
_OF_TECHNICAL[list(CODES.values())] = [_PLACE[status_of(technical)] for technical in CODES]


@dataclass(frozen=True, slots=True, eq=False)
class PortsNow:
    """Of each port its station's place among the rows, its status as a place in `COUNTED`, reserved or not, and age."""

    stations: int
    owner: Rows
    status: Rows
    reserved: Mask
    fresh: Mask
    age_s: Rows  # -1 where it was never heard of

    @property
    def surely_free(self) -> Mask:
        """As of one port."""
        free: Mask = (self.status == _PLACE[Status.AVAILABLE]) & ~self.reserved & self.fresh
        return free

    def counts(self) -> Rows:
        """For each station how many ports are in each of `COUNTED`."""
        kept = self.reserved & (self.status == _PLACE[Status.AVAILABLE])
        counted = np.where(kept, _PLACE[RESERVED], self.status)
        flat = np.bincount(self.owner * len(COUNTED) + counted, minlength=self.stations * len(COUNTED))
        return flat.reshape(self.stations, len(COUNTED))

    def some(self, fits: Mask) -> Mask:
        """For each station whether some port of it fits."""
        found: Mask = np.bincount(self.owner[fits], minlength=self.stations) > 0
        return found


class StatusOfMany:
    """Of few stations what the search would tell now; of many what the board knows, at most two seconds old."""

    def __init__(
        self,
        database: Database,
        live_status: LiveStatus,
        taken: TakenPorts,
        clock: Clock,
        thresholds: NetworkThresholds,
        announcements: Announcements,
    ) -> None:
        self._live_status = live_status
        self._board = StatusBoard(database, clock)
        self._taken = taken
        self._thresholds = thresholds
        self._announcements = announcements
        self._clock = clock

    def of(self, snapshot: Snapshot, rows: Rows) -> tuple[PortsNow, bool]:
        """The ports of these stations, and whether the cache could be asked where it was."""
        owner, own = ports_of(snapshot, rows)
        port_ids = snapshot.columns.ports["port_id"][own]
        said, with_cache = self._asked(snapshot, rows) if len(rows) <= FEW else (self._board.of(port_ids), True)
        now = self._clock.now()
        kept = np.fromiter(self._taken.taken_at(now), np.int64)
        until_us = held_back(self._announcements.active(now), snapshot, rows)[owner]
        stale_s, gone_s = self._limits(snapshot, rows)
        heard, now_us = said.code > 0, microseconds(now)
        age_s = np.maximum((now_us - said.as_of_us) // _SECOND, 0)
        silent_s = np.maximum((np.minimum(now_us, until_us) - said.as_of_us) // _SECOND, 0)
        fresh = heard & (age_s <= stale_s[owner]) & ((until_us == _NO_END) | (said.as_of_us >= until_us))
        gone = heard & ~fresh & (silent_s > gone_s[owner])
        return PortsNow(
            stations=len(rows),
            owner=owner,
            status=np.where(gone, _PLACE[Status.UNREACHABLE], _OF_TECHNICAL[said.code]),
            reserved=said.says_reserved | np.isin(port_ids, kept),
            fresh=fresh,
            age_s=np.where(heard, age_s, -1),
        ), with_cache

    def _asked(self, snapshot: Snapshot, rows: Rows) -> tuple[Said, bool]:
        entries = [snapshot.entry(row) for row in rows.tolist()]
        latest, with_cache = self._live_status.latest([entry.pk for entry in entries])
        reports = (latest.get(entry.pk, {}).get(port_id) for entry in entries for port_id in entry.port_ids)
        return said_by(reports), with_cache

    def _limits(self, snapshot: Snapshot, rows: Rows) -> tuple[Rows, Rows]:
        """Above which ages, in seconds, each station's ports are stale and unreachable."""
        networks, which = np.unique(snapshot.columns.stations["network_id"][rows], return_inverse=True)
        known = [self._thresholds.of(network_id) for network_id in networks.tolist()]
        stale = np.array([one.stale_after_s for one in known], np.int64)
        return stale[which], np.array([one.unreachable_after_s for one in known], np.int64)[which]


def held_back(active: Concerning, snapshot: Snapshot, rows: Rows) -> Rows:
    """For each station since when announced maintenance holds its statuses back, in microseconds; else no end."""
    since = np.full(len(rows), _since(active.of_everything), np.int64)
    stations, words = snapshot.columns.stations, snapshot.columns.words
    for network_id, windows in active.of_network.items():
        _earlier(since, stations["network_id"][rows] == network_id, windows)
    for organization, windows in active.of_organization.items():
        _earlier(since, stations["organization"][rows] == words["organization"].found(organization), windows)
    for station_id, windows in active.of_station.items():
        row = snapshot.row_named(station_id)
        if row is not None:
            _earlier(since, rows == row, windows)
    return since


def _earlier(since: Rows, those: Mask, windows: tuple[Maintenance, ...]) -> None:
    since[those] = np.minimum(since[those], _since(windows))


def _since(windows: tuple[Maintenance, ...]) -> int:
    interruption = interruption_by(windows)
    return _NO_END if interruption is None or interruption.since is None else microseconds(interruption.since)


def fulfilling(wish: Wish, snapshot: Snapshot, rows: Rows, ports: PortsNow, now: datetime) -> Mask:
    """Which of the stations are what is wished for (`finder.domain.availability.fulfils`)."""
    allowed = np.ones(len(ports.owner), np.bool_)
    if wish.statuses:
        allowed &= np.isin(ports.status, [_PLACE[status] for status in wish.statuses])
    if wish.max_age_s is not None:
        allowed &= (ports.age_s >= 0) & (ports.age_s <= wish.max_age_s)
    if wish.available is True:
        return ports.some(allowed & ports.surely_free) & _not_closed(snapshot, rows, now)
    fits = ports.some(allowed) if wish.statuses or wish.max_age_s is not None else np.ones(len(rows), np.bool_)
    if wish.available is False:
        fits &= ~(ports.some(ports.surely_free) & _not_closed(snapshot, rows, now))
    return fits


def _not_closed(snapshot: Snapshot, rows: Rows, now: datetime) -> Mask:
    """Which of the stations are not known to be closed; there are few different hours."""
    stations, zones = snapshot.columns.stations, snapshot.columns.words["time_zone"].values
    pairs, which = np.unique(
        stations["opening_hours"][rows].astype(np.int64) * len(zones) + stations["time_zone"][rows], return_inverse=True
    )
    told = [
        is_open(snapshot.columns.opening_hours(pair // len(zones)), zones[pair % len(zones)], now) is not False
        for pair in pairs.tolist()
    ]
    return np.array(told, np.bool_)[which]
