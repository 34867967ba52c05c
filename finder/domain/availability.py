"""Availability: what a driver is told of a port, and whether one can charge there now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from finder.domain.freshness import Age, Freshness, Interruption, Thresholds, age_of
from finder.domain.opening_hours import OpeningHours, is_open
from finder.domain.status import Report, Status, TechnicalStatus, status_of

RESERVED = "RESERVED"
COUNTED = (
    Status.AVAILABLE.value,
    Status.IN_USE.value,
    RESERVED,
    Status.OUT_OF_SERVICE.value,
    Status.UNREACHABLE.value,
    Status.UNKNOWN.value,
)


class TakenPorts(Protocol):
    """Knows which ports are inside a live reservation; the finder asks, the reservations answer."""

    def taken_at(self, moment: datetime) -> frozenset[int]:
        """Ids of the ports that are held or reserved at this moment."""


@dataclass(frozen=True, slots=True)
class PortStatus:
    """A port's status as it is told (guide 6.2.3). `reserved` is independent of AVAILABLE and IN_USE."""

    status: Status
    technical_status: TechnicalStatus
    error_code: str | None
    reserved: bool
    status_changed_at: datetime | None
    as_of: datetime | None
    age: Age

    @property
    def is_surely_free(self) -> bool:
        """Free, not reserved, and heard of lately enough to be believed."""
        return self.status is Status.AVAILABLE and not self.reserved and self.age.freshness is Freshness.FRESH

    @property
    def counted_as(self) -> str:
        """A free but reserved port counts as RESERVED."""
        return RESERVED if self.reserved and self.status is Status.AVAILABLE else self.status.value


def status_as_told(report: Report, age: Age) -> Status:
    """What is told of a port whose latest report, of this age, is this one; a silence that is too long outdoes it."""
    return Status.UNREACHABLE if age.is_silent_too_long else status_of(report.technical_status)


def port_status(
    report: Report | None,
    *,
    reserved: bool,
    now: datetime,
    thresholds: Thresholds,
    interruption: Interruption | None = None,
) -> PortStatus:
    """What is told of a port whose latest report is this one (None: never heard of).

    It is reserved where we know it, and where the charger says so: it may be kept by somebody else's system.
    """
    age = age_of(report, now, thresholds, interruption)
    if report is None:
        return PortStatus(Status.UNKNOWN, TechnicalStatus.UNKNOWN, None, reserved, None, None, age)
    return PortStatus(
        status=status_as_told(report, age),
        technical_status=report.technical_status,
        error_code=report.error_code,
        reserved=reserved or report.says_reserved,
        status_changed_at=report.status_changed_at,
        as_of=report.as_of,
        age=age,
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a station's ports: some port must be all of it (None and empty: nothing is asked)."""

    available: bool | None = None
    statuses: tuple[Status, ...] = ()
    max_age_s: int | None = None

    @property
    def is_any(self) -> bool:
        return self.available is None and not self.statuses and self.max_age_s is None

    def allows(self, status: PortStatus) -> bool:
        """Whether a port is in one of the statuses, as they are told now, and heard of lately enough."""
        if self.statuses and status.status not in self.statuses:
            return False
        return self.max_age_s is None or (status.age.age_s is not None and status.age.age_s <= self.max_age_s)


ANYTHING = Wish()


def fulfils(wish: Wish, statuses: Iterable[PortStatus], hours: OpeningHours | None, zone: str, now: datetime) -> bool:
    """Whether a station with these ports is what was wished for."""
    told = list(statuses)
    fitting = [status for status in told if wish.allows(status)]
    if wish.available is True:
        return can_charge_now(fitting, hours, zone, now)
    if (wish.statuses or wish.max_age_s is not None) and not fitting:
        return False
    return wish.available is None or not can_charge_now(told, hours, zone, now)


def can_charge_now(statuses: Iterable[PortStatus], hours: OpeningHours | None, zone: str, now: datetime) -> bool:
    """Whether some port is surely free and the station is not known to be closed."""
    return any(status.is_surely_free for status in statuses) and is_open(hours, zone, now) is not False


def counts(statuses: Iterable[PortStatus]) -> dict[str, int]:
    """How many ports are in each status, and in all."""
    counted = dict.fromkeys((*COUNTED, "total"), 0)
    for status in statuses:
        counted[status.counted_as] += 1
        counted["total"] += 1
    return counted
