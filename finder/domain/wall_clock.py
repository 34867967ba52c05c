"""The wall clock of a station: its zone, and the moments at which it shows a time or is put forward or back."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from kernel.errors import InvalidBody

MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_ANY_DAY = date(2000, 1, 1)


class UnknownTimeZone(InvalidBody):
    """The time zone is not an IANA time zone."""

    code = "unknown_time_zone"


def zone_named(time_zone: str) -> ZoneInfo:
    """The zone of an IANA name. Raises UnknownTimeZone."""
    try:
        return ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownTimeZone from error


def seconds_between(earlier: datetime, later: datetime) -> Fraction:
    """Elapsed seconds between two moments in UTC, exactly."""
    return Fraction((later - earlier) // _TICK, 1_000_000)


def clock_cuts(start: datetime, end: datetime, times: Iterable[time], zone: ZoneInfo) -> set[datetime]:
    """Every moment from `start` to `end` at which the wall clock shows one of the times or is put forward or back.

    A time that occurs twice on a day gives two moments; one that is left out gives that of the clock change.
    """
    moments = set(_clock_changes(start, end, zone))
    day = start.astimezone(zone).date() - _DAY
    last = end.astimezone(zone).date() + _DAY
    while day <= last:
        for shown in times:
            local = datetime.combine(day, shown, tzinfo=zone)
            moments |= {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
        day += _DAY
    return {moment for moment in moments if start <= moment <= end}


def _clock_changes(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    while start < end:
        later = min(start + _DAY, end)
        if start.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield _change_between(start, later, zone)
        start = later


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    offset = before.astimezone(zone).utcoffset()
    while after - before > _TICK:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def in_band(moment: time, begin: time, end: time) -> bool:
    """Whether a time of day is from `begin` to `end`, which may be past midnight; the same time is the whole day."""
    return _between(begin, moment) < (_between(begin, end) or _DAY)


def _between(begin: time, end: time) -> timedelta:
    return (datetime.combine(_ANY_DAY, end) - datetime.combine(_ANY_DAY, begin)) % _DAY
