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


class StaleReason(StrEnum):
    """Why a status is stale: the port is silent, or the network is known not to pass on what ports say."""

    SILENT = "silent"
    MAINTENANCE = "maintenance"
    UPSTREAM_OUTAGE = "upstream_outage"


@dataclass(frozen=True, slots=True)
class Interruption:
    """A known reason why statuses do not get through at the moment, and since when; without `since` only a reason."""

    reason: StaleReason
    since: datetime | None = None


_SILENCE = Interruption(StaleReason.SILENT)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Ages in whole seconds: above the first a status is STALE, above the second the port counts as UNREACHABLE."""

    stale_after_s: int = 900
    unreachable_after_s: int = 3600


@dataclass(frozen=True, slots=True)
class Age:
    """A status's age: seconds, whether it is fresh, why not, and whether the silence is long enough to be a fact."""

    age_s: int | None
    freshness: Freshness
    stale_reason: StaleReason | None
    is_silent_too_long: bool
    message: str | None = None


def age_of(
    report: Report | None, now: datetime, thresholds: Thresholds, interruption: Interruption | None = None
) -> Age:
    """The age of a port's latest report, counted from the earlier of its two times.

    Time alone decides, unless an interruption is known: what was said before it began is stale at once, for its
    reason, and its silence is no news from then on. What is said meanwhile has got through and is as fresh as ever.
    """
    age_s = None if report is None else _seconds(now - report.as_of)
    since = interruption.since if interruption else None
    got_through = report is None or since is None or report.as_of >= since
    if age_s is not None and age_s <= thresholds.stale_after_s and got_through:
        return Age(age_s, Freshness.FRESH, None, is_silent_too_long=False)
    silent_s = age_s if report is None or since is None else _seconds(min(now, since) - report.as_of)
    too_long = silent_s is not None and silent_s > thresholds.unreachable_after_s
    return Age(age_s, Freshness.STALE, (interruption or _SILENCE).reason, is_silent_too_long=too_long)


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))


def believed_time(reported_at: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """The time a report counts for, and whether it was clamped: a clock more than 120 s ahead is not believed."""
    if reported_at - received_at > CLOCK_TOLERANCE:
        return received_at, True
    return reported_at, False
