"""Statuses: one vocabulary turned into another (OCPP 1.6 and 2.0.1, OCPI 2.2.1, guide 6.2.3), totally."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """What a port is, to a driver."""

    AVAILABLE = "AVAILABLE"
    IN_USE = "IN_USE"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"
    UNREACHABLE = "UNREACHABLE"
    UNKNOWN = "UNKNOWN"


class TechnicalStatus(StrEnum):
    """What the charger itself said; the ten values of a back office."""

    AVAILABLE = "available"
    PREPARING = "preparing"
    CHARGING = "charging"
    PAUSED = "paused"
    COMPLETED = "completed"
    FINISHING = "finishing"
    FAULTED = "faulted"
    UNAVAILABLE = "unavailable"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Report:
    """One status of one port with its time of saying (`reported_at`) and of hearing (`received_at`), UTC.

    `raw_status` keeps the charger's own word where it is not one of the ten; `clamped` says that the charger's
    clock ran ahead and `reported_at` was set back to `received_at`. `card` is what the charger read: listeners are
    told of it, and it is kept nowhere.
    """

    technical_status: TechnicalStatus
    reported_at: datetime
    sequence: int
    received_at: datetime
    status_changed_at: datetime
    error_code: str | None = None
    raw_status: str | None = None
    clamped: bool = False
    card: str | None = None

    @property
    def as_of(self) -> datetime:
        """The last communication between station and network (guide 6.2.3 TimeStamp): the earlier of the two."""
        return min(self.reported_at, self.received_at)

    @property
    def order(self) -> tuple[datetime, int]:
        """Reports of a port are ordered by what the charger says, not by when they came."""
        return (self.reported_at, self.sequence)


_STATUS = {
    TechnicalStatus.AVAILABLE: Status.AVAILABLE,
    TechnicalStatus.PREPARING: Status.IN_USE,
    TechnicalStatus.CHARGING: Status.IN_USE,
    TechnicalStatus.PAUSED: Status.IN_USE,
    TechnicalStatus.COMPLETED: Status.IN_USE,
    TechnicalStatus.FINISHING: Status.IN_USE,
    TechnicalStatus.FAULTED: Status.OUT_OF_SERVICE,
    TechnicalStatus.UNAVAILABLE: Status.OUT_OF_SERVICE,
    TechnicalStatus.OFFLINE: Status.UNREACHABLE,
    TechnicalStatus.UNKNOWN: Status.UNKNOWN,
}

_WORDS = {word.value: word for word in TechnicalStatus} | {
    "suspendedevse": TechnicalStatus.PAUSED,
    "suspendedev": TechnicalStatus.COMPLETED,
    "occupied": TechnicalStatus.CHARGING,
    "reserved": TechnicalStatus.AVAILABLE,
    "outoforder": TechnicalStatus.FAULTED,
    "inoperative": TechnicalStatus.UNAVAILABLE,
    "blocked": TechnicalStatus.UNAVAILABLE,
    "planned": TechnicalStatus.UNAVAILABLE,
    "inuse": TechnicalStatus.CHARGING,
    "unreachable": TechnicalStatus.OFFLINE,
}
_IGNORED = str.maketrans("", "", " _-")


def status_of(technical_status: TechnicalStatus) -> Status:
    """What a driver is told. A fault is never shown as occupied."""
    return _STATUS[technical_status]


def technical_status_of(word: str) -> TechnicalStatus:
    """The technical status that a word of OCPP, OCPI, the guide or a back office means; `unknown` for any other."""
    folded = word.lower().translate(_IGNORED)
    return _WORDS.get(folded, TechnicalStatus.UNKNOWN)
