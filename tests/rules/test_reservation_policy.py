"""What may be reserved: which window, and for how long."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidBody
from kernel.window import Window
from reservations.domain.policy import (
    LONGEST,
    InvalidDuration,
    InvalidStart,
    Policy,
    StartInPast,
    StartTooFar,
    cancel_until,
    check_duration,
    window_of,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POLICY = Policy()


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


@given(st.integers(0, 30 * 86_400), st.integers(15, 1440))
def test_what_is_within_the_policy_becomes_exactly_the_window_asked_for(ahead_s, duration_min) -> None:
    start = NOW + ahead_s * SECOND

    assert window_of(start, duration_min, NOW, POLICY) == Window(start, start + minutes(duration_min))


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-(2**31), 2**31 - 1))
def test_every_other_wish_is_refused_as_a_fault_in_the_body_and_never_breaks(start, duration_min) -> None:
    fits = NOW <= start <= NOW + timedelta(days=30) and not start.microsecond and 15 <= duration_min <= 1440

    with nullcontext() if fits else pytest.raises(InvalidBody):
        assert window_of(start, duration_min, NOW, POLICY).duration <= LONGEST


@pytest.mark.parametrize(
    ("start", "duration_min", "refusal"),
    [
        (NOW - SECOND, 60, StartInPast),
        (NOW + timedelta(days=30) + SECOND, 60, StartTooFar),
        (NOW + timedelta(microseconds=1), 60, InvalidStart),
        (NOW, 14, InvalidDuration),
        (NOW, 1441, InvalidDuration),
        (NOW, 0, InvalidDuration),
        (NOW, -60, InvalidDuration),
    ],
)
def test_a_window_just_outside_the_policy_is_refused(start, duration_min, refusal) -> None:
    with pytest.raises(refusal) as caught:
        window_of(start, duration_min, NOW, POLICY)

    assert type(caught.value) is refusal
    assert caught.value.errors


def test_a_stations_own_limit_counts_where_it_is_shorter() -> None:
    check_duration(60, POLICY, session_limit_min=60)

    with pytest.raises(InvalidDuration):
        check_duration(61, POLICY, session_limit_min=60)
    with pytest.raises(InvalidDuration):
        check_duration(1441, POLICY, session_limit_min=5000)


def test_cancelling_ends_half_an_hour_before_the_start() -> None:
    assert cancel_until(NOW, POLICY.cancellation_interval_min) == NOW - minutes(30)
