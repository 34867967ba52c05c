"""When a reservation's state, its history and its events tell the same story, and when they do not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations.domain.history import Book, Cause, Move, disagreements, topic_of
from reservations.domain.lifecycle import MOVES, State

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_move(from_state: State | None, to_state: State) -> Move:
    what = to_state.value.lower() if from_state is not to_state else "flagged"
    return Move(what=what, at=NOON, cause=Cause.DRIVER, from_state=from_state, to_state=to_state, changed={})


def a_book(*states: State) -> Book:
    moves = [a_move(before, after) for before, after in zip((None, *states), states, strict=False)]
    return Book(handle="h", state=states[-1], moves=moves, events=[topic_of(move.what) for move in moves])


@st.composite
def true_books(draw) -> Book:
    """A way through the legal moves, with some that keep the state."""
    states = [State.HELD]
    while draw(st.booleans()):
        states.append(draw(st.sampled_from(sorted(MOVES[states[-1]] | {states[-1]}))))
    return a_book(*states)


@given(true_books())
def test_a_true_book_is_agreed_with(book) -> None:
    assert list(disagreements(book)) == []


@given(true_books(), st.data())
def test_a_move_or_an_event_that_is_missing_or_doubled_is_found(book, data) -> None:
    number = data.draw(st.integers(0, len(book.moves) - 1))
    for name in ("moves", "events"):
        kept = list(getattr(book, name))
        for faulty in (kept[:number] + kept[number + 1 :], kept[: number + 1] + kept[number:]):
            assert list(disagreements(replace(book, **{name: faulty})))


@given(true_books(), st.sampled_from(State))
def test_a_state_that_no_move_led_to_is_found(book, state) -> None:
    assert bool(list(disagreements(replace(book, state=state)))) == (state is not book.state)


@pytest.mark.parametrize(
    "states", [(State.CONFIRMED,), (State.HELD, State.ACTIVE), (State.HELD, State.LAPSED, State.CONFIRMED)]
)
def test_a_move_that_may_not_be_is_found(states) -> None:
    assert list(disagreements(a_book(*states)))
