"""Maintenance: windows announced ahead, whom they concern, and what they do to statuses, writes and reservations."""

import math
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from finder.domain.freshness import Interruption, StaleReason
from kernel.errors import InvalidBody, TemporarilyUnavailable
from kernel.window import Window

LONGEST = timedelta(days=31)
FURTHEST = timedelta(days=366)
TOLERATED = timedelta(seconds=120)  # how far back a start may lie, for clocks that differ
LONGEST_WAIT_S = 3600
LONGEST_MESSAGE = 500
_RANDOM_BYTES = 12
_ID = re.compile(r"mnt_[A-Za-z0-9_-]{16}")


class Effect(StrEnum):
    """What a window does while it lasts; every announced window does at least one of these."""

    STATUS_DELAYED = "status_delayed"
    WRITES_PAUSED = "writes_paused"
    RESERVATIONS_CLOSED = "reservations_closed"


class State(StrEnum):
    """What has become of a window by now."""

    ANNOUNCED = "ANNOUNCED"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class MaintenanceWindowNotPossible(InvalidBody):
    """A maintenance window of this start and end cannot be announced."""

    code = "invalid_maintenance_window"


class WritesPaused(TemporarilyUnavailable):
    """Announced maintenance: nothing can be changed until it ends. What was reserved before holds."""

    code = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whom a window concerns: a network, an organization or some stations; with none of them, the installation."""

    network_id: int | None = None
    organization_id: str | None = None
    station_ids: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        return self.network_id is None and self.organization_id is None and not self.station_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """An announced window; `message` is what drivers read."""

    maintenance_id: str
    scope: Scope
    window: Window
    message: str
    effects: frozenset[Effect]
    announced_at: datetime
    cancelled_at: datetime | None = None

    def state_at(self, now: datetime) -> State:
        """A window is active from its start, and has ended at its end."""
        if self.cancelled_at is not None:
            return State.CANCELLED
        if now < self.window.start:
            return State.ANNOUNCED
        return State.ACTIVE if now < self.window.end else State.ENDED


def new_maintenance_id() -> str:
    """The id of a new window: `mnt_` and 16 letters."""
    return f"mnt_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def is_maintenance_id(text: str) -> bool:
    """Whether the text can be a window's id at all."""
    return _ID.fullmatch(text) is not None


def window_of(start: datetime | None, end: datetime, now: datetime) -> Window:
    """The window to be announced; without a start it begins now. Raises MaintenanceWindowNotPossible."""
    start = now if start is None else start
    if end <= start:
        raise _not_possible("/end", "must be after the start")
    if end <= now:
        raise _not_possible("/end", "must not be in the past")
    if start < now - TOLERATED:
        raise _not_possible("/start", "must not be in the past; leave it out for now")
    if start > now + FURTHEST:
        raise _not_possible("/start", f"must be within {FURTHEST.days} days")
    if end - start > LONGEST:
        raise _not_possible("/end", f"must be within {LONGEST.days} days of the start")
    return Window(start, end)


def _not_possible(pointer: str, detail: str) -> MaintenanceWindowNotPossible:
    return MaintenanceWindowNotPossible(errors=({"pointer": pointer, "detail": detail},))


@dataclass(frozen=True, slots=True)
class Concerning:
    """Some windows, found by what they concern, however many there are."""

    of_everything: tuple[Maintenance, ...]
    of_network: Mapping[int, tuple[Maintenance, ...]]
    of_organization: Mapping[str, tuple[Maintenance, ...]]
    of_station: Mapping[str, tuple[Maintenance, ...]]

    def __bool__(self) -> bool:
        return bool(self.of_everything or self.of_network or self.of_organization or self.of_station)

    def at(self, station_id: str, organization: str) -> tuple[Maintenance, ...]:
        """The windows that concern this station, earliest first; its owner as `concerning` was told to write it."""
        own = self.of_organization.get(organization, ())
        network = self.of_network.get(network_of(station_id), ())
        found = (*self.of_everything, *network, *own, *self.of_station.get(station_id, ()))
        return found if len(found) < 2 else tuple(sorted(found, key=_order))


def network_of(station_id: str) -> int:
    """The network of a station id: the part before the colon."""
    return int(station_id.partition(":")[0])


def concerning(windows: Iterable[Maintenance], written: Callable[[str], str] = str) -> Concerning:
    """The windows sorted by what they concern; `written` is how the caller writes ids of organizations."""
    everything: list[Maintenance] = []
    networks: dict[int, tuple[Maintenance, ...]] = {}
    organizations: dict[str, tuple[Maintenance, ...]] = {}
    stations: dict[str, tuple[Maintenance, ...]] = {}
    for one in windows:
        scope = one.scope
        if scope.is_everything:
            everything.append(one)
        if scope.network_id is not None:
            networks[scope.network_id] = (*networks.get(scope.network_id, ()), one)
        if scope.organization_id is not None:
            owner = written(scope.organization_id)
            organizations[owner] = (*organizations.get(owner, ()), one)
        for station_id in scope.station_ids:
            stations[station_id] = (*stations.get(station_id, ()), one)
    return Concerning(tuple(everything), networks, organizations, stations)


NOTHING = concerning(())


def _order(one: Maintenance) -> tuple[datetime, str]:
    return one.window.start, one.maintenance_id


def interruption_by(active: Sequence[Maintenance]) -> Interruption | None:
    """Why statuses do not get through, of windows that are active at a station; since when the first of them is."""
    starts = [one.window.start for one in active if Effect.STATUS_DELAYED in one.effects]
    return Interruption(StaleReason.MAINTENANCE, since=min(starts)) if starts else None


def check_writes(active: Collection[Maintenance], now: datetime) -> None:
    """Raises WritesPaused where one of the active windows pauses writes; it says when to come back, at most an hour."""
    pausing = [one for one in active if Effect.WRITES_PAUSED in one.effects]
    if pausing:
        last = max(pausing, key=lambda one: one.window.end)
        wait_s = math.ceil((last.window.end - now).total_seconds())
        raise WritesPaused(f"Announced maintenance: {last.message}", retry_after_s=max(1, min(LONGEST_WAIT_S, wait_s)))
