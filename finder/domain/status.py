"""Statuses: one vocabulary turned into another (OCPP 1.6 and 2.0.1, OCPI 2.2.1, guide 6.2.3), totally."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple


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


class Report(NamedTuple):
    """One status of one port with its time of saying (`reported_at`) and of hearing (`received_at`), UTC.

    `raw_status` keeps the charger's own word where it is not one of the ten; `clamped` says that the charger's
    clock ran ahead and `reported_at` was set back to `received_at`. `card` is what the charger read: listeners are
    told of it, and it is kept nowhere. `reports` counts the port's reports up to this.
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
    reports: int = 1

    @property
    def as_of(self) -> datetime:
        """The last communication between station and network (guide 6.2.3 TimeStamp): the earlier of the two."""
        return min(self.reported_at, self.received_at)

    @property
    def weight(self) -> int:
        """Decides between reports of one time and sequence: the more cautious status, then a digest of the words."""
        return _weight(self.technical_status, self.raw_status, self.error_code)

    @property
    def order(self) -> tuple[datetime, int, int]:
        """Reports of a port are ordered by what the charger says, not by when they came; equal only if they say the
        same."""
        return (self.reported_at, self.sequence, self.weight)

    @property
    def says_reserved(self) -> bool:
        """Whether the charger's own word is that the port is kept for somebody."""
        return means_reserved(self.raw_status)


def in_order(reports: Iterable[Report]) -> list[Report]:
    """Reports in the order of what they say."""
    several = list(reports)
    return several if len(several) < 2 else sorted(several, key=lambda one: one.order)


def means_reserved(raw_status: str | None) -> bool:
    """Whether a charger's own word says that its port is kept for somebody."""
    return raw_status is not None and _folded(raw_status) == "reserved"


_CAUTION = {
    TechnicalStatus.UNKNOWN: 0,
    TechnicalStatus.AVAILABLE: 1,
    TechnicalStatus.OFFLINE: 2,
    TechnicalStatus.FINISHING: 3,
    TechnicalStatus.COMPLETED: 4,
    TechnicalStatus.PAUSED: 5,
    TechnicalStatus.PREPARING: 6,
    TechnicalStatus.CHARGING: 7,
    TechnicalStatus.UNAVAILABLE: 8,
    TechnicalStatus.FAULTED: 9,
}


@lru_cache(maxsize=1_000)
def _weight(technical_status: TechnicalStatus, raw_status: str | None, error_code: str | None) -> int:
    """Below 2**53, so that it is exact in the cache's numbers too."""
    words = f"{raw_status or ''}\t{error_code or ''}"
    digest = 0 if words == "\t" else int.from_bytes(blake2b(words.encode(), digest_size=6).digest())
    return _CAUTION[technical_status] << 48 | digest


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


@dataclass(frozen=True, slots=True)
class Words:
    """What a status is called in other vocabularies. OCPP has no word for a port without contact: None."""

    ocpp_16: str | None
    ocpp_201: str | None
    ocpi: str
    guide: str


# OCPI has one word for every kind of being in use; the guide has none for what is out of order.
_WORDS_OF: Mapping[TechnicalStatus, Words] = MappingProxyType(
    {
        TechnicalStatus.AVAILABLE: Words("Available", "Available", "AVAILABLE", "AVAILABLE"),
        TechnicalStatus.PREPARING: Words("Preparing", "Occupied", "CHARGING", "INUSE"),
        TechnicalStatus.CHARGING: Words("Charging", "Occupied", "CHARGING", "INUSE"),
        TechnicalStatus.PAUSED: Words("SuspendedEVSE", "Occupied", "CHARGING", "INUSE"),
        TechnicalStatus.COMPLETED: Words("SuspendedEV", "Occupied", "CHARGING", "INUSE"),
        TechnicalStatus.FINISHING: Words("Finishing", "Occupied", "CHARGING", "INUSE"),
        TechnicalStatus.FAULTED: Words("Faulted", "Faulted", "OUTOFORDER", "UNKNOWN"),
        TechnicalStatus.UNAVAILABLE: Words("Unavailable", "Unavailable", "INOPERATIVE", "UNKNOWN"),
        TechnicalStatus.OFFLINE: Words(None, None, "UNKNOWN", "UNREACHABLE"),
        TechnicalStatus.UNKNOWN: Words(None, None, "UNKNOWN", "UNKNOWN"),
    }
)
_RESERVED = Words("Reserved", "Reserved", "RESERVED", "AVAILABLE")


def status_of(technical_status: TechnicalStatus) -> Status:
    """What a driver is told. A fault is never shown as occupied."""
    return _STATUS[technical_status]


@lru_cache(maxsize=1_000)
def technical_status_of(word: str) -> TechnicalStatus:
    """The technical status that a word of OCPP, OCPI, the guide or a back office means; `unknown` for any other.

    No word means one thing in one vocabulary and another in the next, so nobody has to say which one he speaks.
    """
    return _WORDS.get(_folded(word), TechnicalStatus.UNKNOWN)


def words_of(technical_status: TechnicalStatus, *, reserved: bool = False) -> Words:
    """What others call it. A port that is reserved has a word of its own only while it is available."""
    if reserved and technical_status is TechnicalStatus.AVAILABLE:
        return _RESERVED
    return _WORDS_OF[technical_status]


def _folded(word: str) -> str:
    """A word without case and separators: OCPP writes `SuspendedEV`, a portal `suspended_ev`."""
    return word.lower().translate(_IGNORED)
