"""What time alone makes of a reservation, and from when a session counts for it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.window import Window
from reservations.domain.lifecycle import MOVES, OCCUPYING, State, may_become
from reservations.domain.passing import PASSES_TO, begins_from, deadlines, passing
from reservations.domain.policy import Policy

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = Window.lasting(NOON, timedelta(hours=1))
TICK = timedelta(microseconds=1)
minutes = st.integers(0, 3000)
policies = st.builds(Policy, no_show_grace_min=minutes, early_start_min=minutes, late_stop_min=minutes)
windows = st.builds(lambda length: Window.lasting(NOON, timedelta(minutes=length)), st.integers(1, 1440))
spans = st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400))
occupying = st.sampled_from(sorted(OCCUPYING))


def test_every_state_that_takes_a_port_ends_by_time_and_by_a_legal_move() -> None:
    assert set(PASSES_TO) == OCCUPYING
    assert all(may_become(state, later) and not MOVES[later] for state, later in PASSES_TO.items())


@given(windows, policies, spans)
def test_a_hold_has_lapsed_from_the_moment_of_its_expiry_on_and_not_before(window, policy, span) -> None:
    passed = passing(State.HELD, deadlines(window, policy, NOON), NOON + span)

    assert passed == ((State.LAPSED, NOON) if span >= timedelta(0) else None)


@given(occupying, windows, policies, spans, spans)
def test_what_time_has_made_it_never_takes_back(state, window, policy, span, more) -> None:
    due = deadlines(window, policy, NOON)

    earlier, later = (passing(state, due, NOON + one) for one in sorted((span, more)))

    assert earlier in (None, later)


@given(st.sampled_from(sorted(set(State) - OCCUPYING)), windows, policies, spans)
def test_time_changes_nothing_that_has_ended(state, window, policy, span) -> None:
    assert passing(state, deadlines(window, policy, NOON), NOON + span) is None


@given(windows, policies)
def test_nobody_is_a_no_show_before_the_start_nor_waited_for_after_the_end(window, policy) -> None:
    due = deadlines(window, policy, NOON)

    assert window.start <= due.no_show_at <= window.end <= due.over_at
    assert begins_from(window, policy) <= window.start


@pytest.mark.parametrize(
    ("state", "minute", "later"),
    [(State.CONFIRMED, 15, State.NO_SHOW), (State.ACTIVE, 75, State.COMPLETED), (State.HELD, 5, State.LAPSED)],
)
def test_the_instant_of_a_deadline_belongs_to_what_comes_after_it(state, minute, later) -> None:
    due, moment = deadlines(HOUR, Policy(), NOON + timedelta(minutes=5)), NOON + timedelta(minutes=minute)

    assert passing(state, due, moment - TICK) is None
    assert passing(state, due, moment) == (later, moment)
