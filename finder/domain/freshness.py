"""Freshness: how much a status can still be trusted, decided by its age alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from finder.domain.status import Report

CLOCK_TOLERANCE = timedelta(seconds=120)


class Freshness(StrEnum):
    """Whether a status is new enough to be relied on."""

    FRESH = "FRESH"
    STALE = "STALE"


class StaleReason(StrEnum):
    """Why a status is stale: the port is silent, or the network is known not to pass on what ports say."""

    SILENT = "silent"
    MAINTENANCE = "maintenance"
    UPSTREAM_OUTAGE = "upstream_outage"


@dataclass(frozen=True, slots=True)
class Interruption:
    """A known reason why statuses do not get through at the moment, and since when (None: whenever that was).

    Announced maintenance holds back what was said before it began, and counts no silence while it goes on. An outage
    makes nothing stale and nothing fresh: it is the reason given for what has grown stale since it began.
    """

    reason: StaleReason
    since: datetime | None = None


_SILENCE = Interruption(StaleReason.SILENT)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Ages in whole seconds: above the first a status is STALE, above the second the port counts as UNREACHABLE."""

    stale_after_s: int = 900
    unreachable_after_s: int = 3600


class Age(NamedTuple):
    """A status's age: seconds, whether it is fresh, why not, and whether the silence is long enough to be a fact."""

    age_s: int | None
    freshness: Freshness
    stale_reason: StaleReason | None
    is_silent_too_long: bool


def age_of(
    report: Report | None, now: datetime, thresholds: Thresholds, interruption: Interruption | None = None
) -> Age:
    """The age of a port's latest report, counted from the earlier of its two times. Time alone decides.

    What is said during announced maintenance has got through and is as fresh as ever.
    """
    age_s = None if report is None else age_s_of(report.as_of, now)
    since = _held_back_since(interruption)
    got_through = report is None or since is None or report.as_of >= since
    if age_s is not None and age_s <= thresholds.stale_after_s and got_through:
        return Age(age_s, Freshness.FRESH, None, is_silent_too_long=False)
    known = _SILENCE if interruption is None or _was_stale(report, interruption, thresholds) else interruption
    silent_s = age_s if report is None else age_s_of(report.as_of, _counted_until(now, interruption))
    too_long = silent_s is not None and silent_s > thresholds.unreachable_after_s
    return Age(age_s, Freshness.STALE, known.reason, is_silent_too_long=too_long)


def age_s_of(as_of: datetime, now: datetime) -> int:
    """How many whole seconds ago that was; 0 where it is still to come."""
    return max(0, int((now - as_of).total_seconds()))


def same_until(report: Report | None, now: datetime, thresholds: Thresholds) -> datetime | None:
    """Until when, exclusive, time changes nothing about an age but its seconds; None: however long that is.

    Another report, other thresholds and another interruption change it at any time. It may be told too early, never
    too late: maintenance can make a moment meaningless at which something would have changed.
    """
    if report is None:
        return None
    limits = (thresholds.stale_after_s, thresholds.unreachable_after_s)
    passed = (report.as_of + timedelta(seconds=limit_s + 1) for limit_s in limits)
    return min((moment for moment in passed if moment > now), default=None)


def _held_back_since(interruption: Interruption | None) -> datetime | None:
    """Since when nothing is sure to get through, as announced."""
    is_announced = interruption is not None and interruption.reason is StaleReason.MAINTENANCE
    return interruption.since if interruption is not None and is_announced else None


def _counted_until(now: datetime, interruption: Interruption | None) -> datetime:
    """Until when silence is counted: what is silent during announced maintenance is not missing."""
    since = _held_back_since(interruption)
    return now if since is None else min(now, since)


def _was_stale(report: Report | None, interruption: Interruption, thresholds: Thresholds) -> bool:
    """Whether the port was silent for too long already when an outage began, or had never been heard of."""
    if interruption.since is None or interruption.reason is StaleReason.MAINTENANCE:
        return False
    return report is None or interruption.since - report.as_of > timedelta(seconds=thresholds.stale_after_s)


def believed_time(reported_at: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """The time a report counts for, and whether it was clamped: a clock more than 120 s ahead is not believed."""
    if reported_at - received_at > CLOCK_TOLERANCE:
        return received_at, True
    return reported_at, False
