"""How many passwords may be tried: never more than a window takes, and again after it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.tallies import WINDOW, Tally, TooManyAttempts, source_of
from tests.conftest import NOW

MOST = 10
GAPS = st.lists(st.integers(0, 2 * 3600), min_size=1, max_size=120)


def _admitted(gaps: list[int]) -> list[int]:
    """The seconds at which tries with these pauses before them were let through."""
    tally, at, admitted = Tally(0, NOW), 0, []
    for gap in gaps:
        at += gap
        try:
            tally = tally.with_one_more(NOW + timedelta(seconds=at), most=MOST)
            admitted.append(at)
        except TooManyAttempts:
            continue
    return admitted


@given(GAPS)
def test_no_span_of_a_window_s_length_sees_more_than_two_windows_tries(gaps: list[int]) -> None:
    admitted = _admitted(gaps)

    for first in admitted:
        within = [at for at in admitted if first <= at < first + WINDOW.total_seconds()]
        assert len(within) <= 2 * MOST


@given(st.integers(1, 3600))
def test_steady_guessing_gets_fewer_than_fifty_tries_an_hour_however_it_is_paced(pause_s: int) -> None:
    admitted = _admitted([pause_s] * (8 * 3600 // pause_s))

    for hour in range(8):
        assert len([at for at in admitted if hour * 3600 <= at < (hour + 1) * 3600]) < 50


def test_guessing_at_full_speed_gets_ten_tries_an_hour_in_the_end() -> None:
    admitted = _admitted([1] * (8 * 3600))

    assert len([at for at in admitted if 5 * 3600 <= at < 6 * 3600]) == 10


@given(GAPS)
def test_whoever_waits_as_told_is_let_try_again(gaps: list[int]) -> None:
    tally, at = Tally(0, NOW), NOW
    for gap in gaps:
        at += timedelta(seconds=gap)
        try:
            tally = tally.with_one_more(at, most=MOST)
        except TooManyAttempts as refusal:
            wait_s = int(refusal.headers["Retry-After"])
            assert 1 <= wait_s <= 3600
            assert tally.with_one_more(at + timedelta(seconds=wait_s), most=MOST).tries == 1


def test_windows_grow_while_they_are_used_up_and_are_short_again_after_a_quiet_day() -> None:
    used_up = Tally(MOST, NOW)

    second = used_up.with_one_more(NOW, most=MOST)
    third = Tally(MOST, NOW, streak=1).with_one_more(NOW, most=MOST)
    fourth = Tally(MOST, NOW, streak=2).with_one_more(NOW, most=MOST)
    quiet = Tally(MOST, NOW, streak=2).with_one_more(NOW + timedelta(days=1), most=MOST)

    assert [tally.ends_at - NOW for tally in (second, third, fourth)] == [2 * WINDOW, 4 * WINDOW, 4 * WINDOW]
    assert quiet.ends_at - NOW == timedelta(days=1) + WINDOW


def test_a_try_that_turned_out_well_does_not_count() -> None:
    assert Tally(3, NOW).with_one_given_back() == Tally(2, NOW)
    assert Tally(0, NOW).with_one_given_back() == Tally(0, NOW)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_one_host_is_one_source(address: str, source: str) -> None:
    assert source_of(address) == source
