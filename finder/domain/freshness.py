"""Freshness: how much a status can still be trusted, decided by its age alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from finder.domain.status import Report

CLOCK_TOLERANCE = timedelta(seconds=120)


class Freshness(StrEnum):
    """Whether a status is new enough to be relied on."""

    FRESH = "FRESH"
    STALE = "STALE"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Ages in seconds: above the first a status is STALE, above the second the port counts as UNREACHABLE."""

    stale_after_s: int = 900
    unreachable_after_s: int = 3600


@dataclass(frozen=True, slots=True)
class Age:
    """A status's age: seconds, whether it is fresh, why not, and whether the silence is long enough to be a fact."""

    age_s: int | None
    freshness: Freshness
    stale_reason: str | None
    is_silent_too_long: bool


_NEVER_HEARD_OF = Age(None, Freshness.STALE, "silent", is_silent_too_long=False)


def age_of(report: Report | None, now: datetime, thresholds: Thresholds) -> Age:
    """The age of a port's latest report, counted from the earlier of its two times."""
    if report is None:
        return _NEVER_HEARD_OF
    age_s = max(0, int((now - report.as_of).total_seconds()))
    if age_s <= thresholds.stale_after_s:
        return Age(age_s, Freshness.FRESH, None, is_silent_too_long=False)
    return Age(age_s, Freshness.STALE, "silent", is_silent_too_long=age_s > thresholds.unreachable_after_s)


def believed_time(reported_at: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """The time a report counts for, and whether it was clamped: a clock more than 120 s ahead is not believed."""
    if reported_at - received_at > CLOCK_TOLERANCE:
        return received_at, True
    return reported_at, False
