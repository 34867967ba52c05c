"""What a reservation may become, and what a driver is told where it may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations.domain.lifecycle import (
    CANCEL,
    CONFIRM,
    DEEDS,
    MOVES,
    OCCUPYING,
    RELEASE,
    UNCONFIRMED,
    AlreadyCancelled,
    CancellationTooLate,
    HoldExpired,
    State,
    WrongState,
    is_done_already,
    may_become,
    refusal_of,
)

states = st.sampled_from(State)


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(State)


@given(st.sampled_from(DEEDS))
def test_a_deed_is_a_legal_move(deed) -> None:
    assert may_become(deed.source, deed.target)


@given(states, states)
def test_nothing_that_has_ended_ever_occupies_a_port_again(state, later) -> None:
    if state not in OCCUPYING:
        assert not (may_become(state, later) and later in OCCUPYING)


def ways_from(state, *before) -> list[tuple]:
    """Every way from a state to an end; fails to end where the moves go round in a circle."""
    way = (*before, state)
    return [one for later in MOVES[state] for one in ways_from(later, *way)] if MOVES[state] else [way]


def test_every_way_from_a_hold_comes_to_an_end_that_occupies_nothing() -> None:
    ends = {way[-1] for way in ways_from(State.HELD)}

    assert ends == set(State) - OCCUPYING


def test_what_has_been_used_or_cancelled_was_confirmed_before() -> None:
    for way in ways_from(State.HELD):
        assert (State.CONFIRMED in way) == (way[-1] not in UNCONFIRMED)


@given(st.sampled_from(DEEDS), states)
def test_a_deed_that_is_not_done_already_is_refused_with_a_conflict(deed, state) -> None:
    refusal = refusal_of(deed, state)

    assert is_done_already(deed, state) or refusal.status == 409


@pytest.mark.parametrize(
    ("deed", "state", "refusal"),
    [
        (CONFIRM, State.LAPSED, HoldExpired),
        (CONFIRM, State.HELD, HoldExpired),
        (CONFIRM, State.RELEASED, WrongState),
        (RELEASE, State.LAPSED, HoldExpired),
        (RELEASE, State.CONFIRMED, WrongState),
        (CANCEL, State.HELD, WrongState),
        (CANCEL, State.CONFIRMED, CancellationTooLate),
        (CANCEL, State.CANCELLED, AlreadyCancelled),
    ],
)
def test_the_refusal_says_what_is_in_the_way(deed, state, refusal) -> None:
    assert type(refusal_of(deed, state)) is refusal


def test_confirming_and_releasing_again_is_answered_like_the_first_time_and_cancelling_is_not() -> None:
    assert [is_done_already(deed, deed.target) for deed in (CONFIRM, RELEASE, CANCEL)] == [True, True, False]


def test_a_reservation_that_was_never_confirmed_can_only_be_held_lapsed_or_released() -> None:
    assert {State.HELD} | (MOVES[State.HELD] - {State.CONFIRMED}) == UNCONFIRMED
