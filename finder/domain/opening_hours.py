"""Opening hours: when a station can be entered, in its local wall-clock time (OCPI 2.2.1 Hours)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.window import Window

_DAY = timedelta(days=1)
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Regular:
    """Open on one ISO weekday (Monday is 1) from `begin` to `end`; an `end` of 00:00 is midnight at the day's end,
    an `end` before `begin` runs past midnight."""

    weekday: int
    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Around the clock, or regular hours, or, where they were not understood, only the owner's words in `text`."""

    twenty_four_seven: bool = False
    regular: tuple[Regular, ...] = ()
    text: str | None = None


def known(hours: OpeningHours | None) -> bool:
    """Whether the hours say when the station is open, and not only the owner's words or nothing."""
    return hours is not None and (hours.twenty_four_seven or bool(hours.regular))


def is_open(hours: OpeningHours | None, zone: str, moment: datetime) -> bool | None:
    """Whether the station can be entered at an aware moment; None where the hours are not known."""
    if hours is None or not known(hours):
        return None
    if hours.twenty_four_seven:
        return True
    wall = moment.astimezone(ZoneInfo(zone))
    if wall.fold:  # the second pass of a repeated hour: the clock alone does not say which side of a boundary it is
        start = moment.astimezone(UTC)
        return bool(open_windows(hours, zone, Window.lasting(start, timedelta(microseconds=1))))
    naive = wall.replace(tzinfo=None)
    days = (naive.date() - _DAY, naive.date())
    return any(begin <= naive < end for begin, end in _wall_spans(hours.regular, days))


def open_windows(hours: OpeningHours | None, zone: str, window: Window) -> tuple[Window, ...]:
    """When the station can be entered within a window: UTC, sorted, apart from each other.

    Empty where the hours are not known: ask `known` first. A begin or end that the clock skips counts from the
    moment of the change; one that the clock shows twice means the first time (as RFC 5545, 3.3.5).
    """
    if hours is None or not known(hours):
        return ()
    if hours.twenty_four_seven:
        return (window,)
    local = ZoneInfo(zone)
    spans = _wall_spans(hours.regular, _days_touching(window, local))
    exact = ((_instant(begin, local), _instant(end, local)) for begin, end in spans)
    whole = _merged(sorted((start, end) for start, end in exact if start < end))
    return tuple(part for one in whole if (part := one.intersection(window)))


def _days_touching(window: Window, zone: ZoneInfo) -> Iterator[date]:
    """The local dates of a window, and the one before, which may run past midnight."""
    day = window.start.astimezone(zone).date() - _DAY
    last = window.end.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


def _wall_spans(
    regular: Sequence[Regular], days: Iterator[date] | Sequence[date]
) -> Iterator[tuple[datetime, datetime]]:
    for day in days:
        for hours in regular:
            if hours.weekday == day.isoweekday():
                last = day if hours.begin < hours.end else day + _DAY
                yield datetime.combine(day, hours.begin), datetime.combine(last, hours.end)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the local clock shows `wall` or more."""
    before = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if before.astimezone(zone).replace(tzinfo=None) == wall:
        return before
    return _change_between(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), before, zone)


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the zone's offset changes, exact to the second, by halving."""
    offset = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _merged(spans: Sequence[tuple[datetime, datetime]]) -> Iterator[Window]:
    """Sorted spans with those that overlap or touch made one."""
    if not spans:
        return
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start > end:
            yield Window(start, end)
            start, end = next_start, next_end
        end = max(end, next_end)
    yield Window(start, end)


def hours_to_json(hours: OpeningHours | None) -> dict[str, object] | None:
    """The hours in the shape of OCPI 2.2.1 Hours, with the owner's words as `text`; None for None. Nothing is lost."""
    if hours is None:
        return None
    shape: dict[str, object] = {"twenty_four_seven": hours.twenty_four_seven}
    if hours.regular:
        shape["regular_hours"] = [
            {"weekday": one.weekday, "period_begin": f"{one.begin:%H:%M}", "period_end": f"{one.end:%H:%M}"}
            for one in hours.regular
        ]
    if hours.text is not None:
        shape["text"] = hours.text
    return shape


def hours_from_json(shape: Mapping[str, object] | None) -> OpeningHours | None:
    """The hours that `hours_to_json` wrote. Raises ValueError where the shape is not one."""
    if shape is None:
        return None
    always, periods, text = shape.get("twenty_four_seven", False), shape.get("regular_hours", ()), shape.get("text")
    if not isinstance(always, bool) or not isinstance(periods, list | tuple) or not isinstance(text, str | None):
        raise ValueError("opening hours have twenty_four_seven, regular_hours and text")
    return OpeningHours(always, tuple(_regular_from_json(one) for one in periods), text)


def _regular_from_json(shape: object) -> Regular:
    if not isinstance(shape, Mapping):
        raise ValueError("regular hours are a list of objects")
    weekday = shape.get("weekday")
    if not isinstance(weekday, int) or isinstance(weekday, bool) or not 1 <= weekday <= 7:
        raise ValueError("weekday is 1 (Monday) to 7")
    return Regular(weekday, _clock_time(shape.get("period_begin")), _clock_time(shape.get("period_end")))


def _clock_time(word: object) -> time:
    """`"08:00"`; also `"24:00"`, which OCPI parties send for midnight at the day's end."""
    if word == "24:00":
        return _MIDNIGHT
    if not isinstance(word, str) or len(word) != 5:
        raise ValueError("hours are written HH:MM")
    return time.fromisoformat(word)
