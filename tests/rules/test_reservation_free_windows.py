"""Free windows, compared minute by minute with what was open and what was taken."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kernel.window import Window
from reservations.domain.free_windows import free_windows

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NONE = timedelta(0)


def window(start: int, end: int) -> Window:
    return Window(NOON + start * MINUTE, NOON + end * MINUTE)


@st.composite
def windows(draw):
    return [window(start, start + lasts) for start, lasts in draw(st.lists(st.tuples(minutes, lengths), max_size=6))]


@st.composite
def apart(draw):
    edges = sorted(draw(st.sets(minutes, max_size=8)))
    return [window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]


minutes, lengths = st.integers(0, 60), st.integers(1, 20)


def within(parts, minute: int) -> bool:
    return any(part.contains(NOON + minute * MINUTE) for part in parts)


@given(apart(), windows())
def test_a_minute_is_free_exactly_if_it_is_open_and_not_taken(entered, taken) -> None:
    free = free_windows(entered, taken, NONE)

    for minute in range(90):
        assert within(free, minute) == (within(entered, minute) and not within(taken, minute))


@given(apart(), windows(), st.integers(0, 30))
def test_free_windows_are_in_order_apart_and_long_enough(entered, taken, least) -> None:
    free = free_windows(entered, taken, least * MINUTE)

    assert all(a.end <= b.start for a, b in pairwise(free))
    assert all(part.duration >= least * MINUTE for part in free)
    assert not any(part.overlaps(one) for part in free for one in taken)


@given(apart(), windows(), st.integers(0, 30))
def test_a_least_length_only_leaves_out_the_shorter_ones(entered, taken, least) -> None:
    everything = free_windows(entered, taken, NONE)

    assert free_windows(entered, taken, least * MINUTE) == tuple(
        part for part in everything if part.duration >= least * MINUTE
    )


def test_windows_that_touch_leave_no_gap_and_no_sliver() -> None:
    free = free_windows([window(0, 60)], [window(10, 20), window(20, 30), window(60, 70)], NONE)

    assert free == (window(0, 10), window(30, 60))
