"""Reliability: how much of a time a port worked, as the UK Public Charge Point Regulations 2023 count it.

Working is available, in use or reserved; failing is out of service; what is unknown is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from finder.domain.spells import Spell
from finder.domain.status import Report, Status, status_of

OBSERVED = (Status.AVAILABLE, Status.IN_USE, Status.OUT_OF_SERVICE, Status.UNREACHABLE)
_NOTHING = timedelta(0)


class Interval(NamedTuple):
    """A port was this from `start` until before `end`."""

    status: Status
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """For how long a port, or several, were in each status, and how many reports that rests on."""

    times: dict[Status, timedelta] = field(default_factory=dict)
    reports: int = 0

    def __add__(self, other: "Record") -> "Record":
        both = {status: self.times.get(status, _NOTHING) + other.times.get(status, _NOTHING) for status in Status}
        return Record(both, self.reports + other.reports)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Shares of the observed time, which add up to 1; `working` leaves out when nobody could know. None: never seen."""

    shares: dict[Status, Fraction] | None
    working: Fraction | None
    observed: timedelta
    reports: int


def intervals(
    spells: Sequence[Spell], latest: Report | None, now: datetime, unreachable_after_s: int
) -> list[Interval]:
    """What a port was, from its first spell until now, without a gap.

    Silence counts as the last word for as long as that is told, and then as unreachable.
    """
    if not spells:
        return []
    found: list[Interval] = []
    ends = [(spell.began_at, spell.heard_before) for spell in spells[1:]]
    for spell, (end, heard) in zip(spells, [*ends, (now, latest.reported_at if latest else None)], strict=True):
        silent_from = max(heard or end, spell.began_at) + timedelta(seconds=unreachable_after_s)
        told_until = max(min(silent_from, end), spell.began_at)
        found.append(Interval(status_of(spell.technical_status), spell.began_at, told_until))
        found.append(Interval(Status.UNREACHABLE, told_until, max(end, told_until)))
    return [interval for interval in found if interval.start < interval.end]


def tally(some: Iterable[Interval], start: datetime, end: datetime) -> dict[Status, timedelta]:
    """How long each status lasted between two moments."""
    times = dict.fromkeys(Status, _NOTHING)
    for interval in some:
        times[interval.status] += max(_NOTHING, min(interval.end, end) - max(interval.start, start))
    return times


def record_of(
    spells: Sequence[Spell], latest: Report | None, start: datetime, end: datetime, unreachable_after_s: int
) -> Record:
    """A port's record of a time that ends now. Its reports are counted from the spell into which the start falls."""
    times = tally(intervals(spells, latest, end, unreachable_after_s), start, end)
    within = [spell for number, spell in enumerate(spells) if _lasts_until(spells, number, end) > start]
    reports = latest.reports - within[0].reports_before if latest and within else 0
    return Record(times, max(0, reports))


def _lasts_until(spells: Sequence[Spell], number: int, end: datetime) -> datetime:
    return spells[number + 1].began_at if number + 1 < len(spells) else end


def reliability_of(record: Record) -> Reliability:
    """The shares of a record."""
    times = {status: record.times.get(status, _NOTHING) for status in OBSERVED}
    observed = sum(times.values(), _NOTHING)
    if not observed:
        return Reliability(None, None, observed, record.reports)
    second = timedelta(microseconds=1)
    shares = {status: Fraction(time // second, observed // second) for status, time in times.items()}
    working, failing = shares[Status.AVAILABLE] + shares[Status.IN_USE], shares[Status.OUT_OF_SERVICE]
    judged = working + failing
    return Reliability(shares, working / judged if judged else None, observed, record.reports)
