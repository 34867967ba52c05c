"""Hours text: what is understood, what is kept as words."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.opening_hours import OpeningHours, Regular, known
from finder.imports.hours_text import hours_from_text

WEEK = range(1, 8)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALWAYS = OpeningHours(twenty_four_seven=True)


def on(days: range, begin: str, end: str) -> tuple[Regular, ...]:
    return tuple(Regular(day, time.fromisoformat(begin), time.fromisoformat(end)) for day in days)


@pytest.mark.parametrize(
    "text",
    [
        "24 hours daily",
        "24 Hours Daily",
        "24 hours daily.",
        "24/7",
        "Open 24 hours",
        "12:00am - 12:00am daily",
        "; ".join(f"{day} 12:00am - 12:00am" for day in DAYS),
        "; ".join(f"{day} 12:00am - 11:59pm" for day in DAYS),
    ],
)
def test_all_day_every_day_is_around_the_clock(text: str) -> None:
    assert hours_from_text(text) == ALWAYS


@pytest.mark.parametrize(
    ("text", "regular"),
    [
        ("6am-9pm daily", on(WEEK, "06:00", "21:00")),
        ("6am - 11pm", on(WEEK, "06:00", "23:00")),
        ("9AM-5PM M-F", on(range(1, 6), "09:00", "17:00")),
        ("7:30am-6:30pm M-Sat", on(range(1, 7), "07:30", "18:30")),
        ("9am-9pm M-Sun", on(WEEK, "09:00", "21:00")),
        ("9 a.m. – 5 p.m. weekdays", on(range(1, 6), "09:00", "17:00")),
        ("6am-midnight daily", on(WEEK, "06:00", "00:00")),
        ("08:00-17:30 Mon-Fri", on(range(1, 6), "08:00", "17:30")),
        ("6pm-2am Fri", on(range(5, 6), "18:00", "02:00")),
        ("8am-5pm M-F, 24 hours Sat-Sun", on(range(1, 6), "08:00", "17:00") + on(range(6, 8), "00:00", "00:00")),
        (
            "Mon 6:00am - 11:59pm; Tue 12:30pm - 5:00pm",
            on(range(1, 2), "06:00", "00:00") + on(range(2, 3), "12:30", "17:00"),
        ),
    ],
)
def test_hours_are_understood(text: str, regular: tuple[Regular, ...]) -> None:
    assert hours_from_text(text) == OpeningHours(regular=regular)


def test_a_range_of_days_may_run_over_the_weekend() -> None:
    hours = hours_from_text("8am-5pm Sat-Mon")

    assert hours is not None
    assert {one.weekday for one in hours.regular} == {6, 7, 1}


@pytest.mark.parametrize("rider", ["; customers only", ". See the front desk for access.", "; 2 hour limit"])
def test_what_is_said_beside_the_hours_is_kept_as_text(rider: str) -> None:
    assert hours_from_text(f"24 hours daily{rider}") == OpeningHours(True, (), f"24 hours daily{rider}")


@pytest.mark.parametrize(
    "text",
    [
        "Dealership business hours",
        "Dawn to dusk daily",
        "7:30-7:30 M-F, 8:00-12:00 S",
        "8-5pm M-F",
        "13am-5pm daily",
        "8am-25pm daily",
        "24 hours daily; closed on Sundays",
        "24 hours daily; staff only 5am-5pm",
        "8am-5pm M-F; guests only; 24 hours Sat-Sun",
    ],
)
def test_what_is_unclear_or_taken_back_is_only_words(text: str) -> None:
    assert hours_from_text(text) == OpeningHours(text=text)


def test_no_words_are_no_hours() -> None:
    assert hours_from_text("  ") is None


@given(st.text(max_size=80) | st.text("0123456789amp:-; MTuFdily24hours/", max_size=40))
def test_any_text_is_either_understood_or_kept(text: str) -> None:
    hours = hours_from_text(text)

    assert hours is None or known(hours) or hours.text == text.strip()
