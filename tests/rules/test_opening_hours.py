"""Opening hours: wall-clock rules turned into moments, on ordinary days and on days when the clock changes."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.opening_hours import (
    OpeningHours,
    Regular,
    hours_from_json,
    hours_to_json,
    is_open,
    known,
    open_windows,
)
from kernel.window import Window

ZONES = (
    "America/New_York",
    "America/Phoenix",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Apia",
    "UTC",
)
ALWAYS = OpeningHours(twenty_four_seven=True)

zones = st.sampled_from(ZONES)
clock_times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
regular = st.builds(Regular, st.integers(1, 7), clock_times, clock_times)
regular_hours = st.builds(OpeningHours, st.just(False), st.lists(regular, min_size=1, max_size=9).map(tuple))
moments = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
windows = st.builds(Window.lasting, moments, st.timedeltas(timedelta(seconds=1), timedelta(days=20)))


def daily(begin: str, end: str) -> OpeningHours:
    first, last = time.fromisoformat(begin), time.fromisoformat(end)
    return OpeningHours(regular=tuple(Regular(day, first, last) for day in range(1, 8)))


def window(start: str, end: str) -> Window:
    return Window(datetime.fromisoformat(start).astimezone(UTC), datetime.fromisoformat(end).astimezone(UTC))


def open_time(hours: OpeningHours, zone: str, span: Window) -> timedelta:
    return sum((one.duration for one in open_windows(hours, zone, span)), timedelta())


@given(zones, windows)
def test_around_the_clock_is_open_for_all_of_any_window(zone: str, span: Window) -> None:
    assert open_time(ALWAYS, zone, span) == span.duration


@given(zones, windows)
def test_midnight_to_midnight_every_day_is_around_the_clock(zone: str, span: Window) -> None:
    assert open_windows(daily("00:00", "00:00"), zone, span) == (span,)


@given(zones, windows, clock_times.filter(lambda one: one > time(0)))
def test_two_stations_that_share_the_day_are_open_for_all_of_it_and_never_both(
    zone: str, span: Window, change: time
) -> None:
    early, late = daily("00:00", f"{change:%H:%M}"), daily(f"{change:%H:%M}", "00:00")

    assert open_time(early, zone, span) + open_time(late, zone, span) == span.duration


@given(regular_hours, zones, windows)
def test_open_windows_are_sorted_and_apart_and_inside_what_was_asked(
    hours: OpeningHours, zone: str, span: Window
) -> None:
    found = open_windows(hours, zone, span)

    assert all(one.end < other.start for one, other in pairwise(found))
    assert all(span.start <= one.start and one.end <= span.end for one in found)


@given(regular_hours, zones, windows, st.floats(0, 1, exclude_max=True))
def test_is_open_agrees_with_the_open_windows(hours: OpeningHours, zone: str, span: Window, part: float) -> None:
    found = open_windows(hours, zone, span)
    edges = [edge for one in found for edge in (one.start, one.end) if edge < span.end]

    inside = min(span.start + span.duration * part, span.end - timedelta.resolution)  # the product may round up
    for moment in [inside, *edges]:
        assert is_open(hours, zone, moment) == any(one.contains(moment) for one in found)


@given(regular_hours, zones, windows, st.floats(0.01, 0.99))
def test_asking_in_two_halves_gives_the_same_open_time(
    hours: OpeningHours, zone: str, span: Window, part: float
) -> None:
    middle = span.start + max(span.duration * part, timedelta(microseconds=1))
    halves = Window(span.start, middle), Window(middle, span.end)

    assert sum((open_time(hours, zone, half) for half in halves), timedelta()) == open_time(hours, zone, span)


@given(st.builds(OpeningHours, st.booleans(), st.lists(regular).map(tuple), st.none() | st.text()) | st.none())
def test_json_loses_nothing(hours: OpeningHours | None) -> None:
    assert hours_from_json(hours_to_json(hours)) == hours


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        ("America/New_York", "2025-03-09T00:00-05:00", "2025-03-10T00:00-04:00", 23),
        ("America/New_York", "2025-11-02T00:00-04:00", "2025-11-03T00:00-05:00", 25),
        ("Australia/Lord_Howe", "2025-10-05T00:00+10:30", "2025-10-06T00:00+11:00", 23.5),
        ("Antarctica/Troll", "2025-10-26T00:00+02:00", "2025-10-27T00:00+00:00", 26),
    ],
)
def test_a_day_on_which_the_clock_changes_is_open_as_long_as_it_lasts(
    zone: str, start: str, end: str, hours: float
) -> None:
    assert open_time(daily("00:00", "00:00"), zone, window(start, end)) == timedelta(hours=hours)


def test_an_end_before_the_begin_runs_past_midnight() -> None:
    friday_night = OpeningHours(regular=(Regular(5, time(20), time(2)),))

    found = open_windows(friday_night, "America/New_York", window("2025-07-04T00:00-04:00", "2025-07-07T00:00-04:00"))

    assert found == (window("2025-07-04T20:00-04:00", "2025-07-05T02:00-04:00"),)


def test_hours_that_begin_in_the_hour_that_is_skipped_begin_at_the_change() -> None:
    found = open_windows(
        daily("02:30", "06:00"), "America/New_York", window("2025-03-09T00:00-05:00", "2025-03-09T23:00-04:00")
    )

    assert found == (window("2025-03-09T03:00-04:00", "2025-03-09T06:00-04:00"),)


def test_hours_inside_the_hour_that_is_skipped_do_not_happen() -> None:
    span = window("2025-03-09T00:00-05:00", "2025-03-09T23:00-04:00")

    assert open_windows(daily("02:10", "02:40"), "America/New_York", span) == ()


def test_a_time_that_the_clock_shows_twice_means_the_first_time() -> None:
    found = open_windows(
        daily("01:30", "06:00"), "America/New_York", window("2025-11-02T00:00-04:00", "2025-11-02T23:00-05:00")
    )

    assert found == (window("2025-11-02T01:30-04:00", "2025-11-02T06:00-05:00"),)
    assert (
        is_open(daily("00:00", "01:30"), "America/New_York", datetime.fromisoformat("2025-11-02T01:10-05:00")) is False
    )


def test_a_date_that_the_zone_skipped_is_not_open() -> None:
    friday = OpeningHours(regular=(Regular(5, time(8), time(20)),))

    assert open_windows(friday, "Pacific/Apia", window("2011-12-29T00:00-10:00", "2012-01-01T00:00+14:00")) == ()


def test_touching_days_are_one_window() -> None:
    span = window("2025-07-05T12:00-04:00", "2025-07-06T12:00-04:00")

    assert open_windows(daily("00:00", "00:00"), "America/New_York", span) == (span,)


@pytest.mark.parametrize("hours", [None, OpeningHours(), OpeningHours(text="Dealership business hours")])
def test_hours_that_are_only_words_are_neither_open_nor_closed(hours: OpeningHours | None) -> None:
    moment = datetime(2025, 7, 4, 12, tzinfo=UTC)

    assert not known(hours)
    assert is_open(hours, "America/New_York", moment) is None
    assert open_windows(hours, "America/New_York", Window.lasting(moment, timedelta(hours=1))) == ()


def test_hours_are_written_in_the_shape_of_ocpi() -> None:
    assert hours_to_json(OpeningHours(regular=(Regular(1, time(8), time(20)),), text="ring the bell")) == {
        "twenty_four_seven": False,
        "regular_hours": [{"weekday": 1, "period_begin": "08:00", "period_end": "20:00"}],
        "text": "ring the bell",
    }
    assert hours_to_json(ALWAYS) == {"twenty_four_seven": True}


@pytest.mark.parametrize(
    "shape",
    [
        {"twenty_four_seven": "yes"},
        {"regular_hours": "8-20"},
        {"regular_hours": ["8-20"]},
        {"regular_hours": [{"weekday": 8, "period_begin": "08:00", "period_end": "20:00"}]},
        {"regular_hours": [{"weekday": True, "period_begin": "08:00", "period_end": "20:00"}]},
        {"regular_hours": [{"weekday": 1, "period_begin": "8:00", "period_end": "20:00"}]},
        {"regular_hours": [{"weekday": 1, "period_begin": "08:00", "period_end": "25:00"}]},
        {"text": 5},
    ],
)
def test_a_shape_that_is_no_opening_hours_is_refused(shape: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        hours_from_json(shape)
