"""What a station may say of its reserving, and how many holds and reservations one may have."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations.domain.limits import (
    BOUNDS,
    LiveHold,
    PolicyNotPossible,
    TooManyHolds,
    TooManyReservations,
    check_holds,
    check_number,
    check_reservations,
    policy_values,
    policy_with,
)
from reservations.domain.policy import Policy, window_of

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POLICY = Policy()
own_words = st.fixed_dictionaries({}, optional={name: st.none() | st.integers(*both) for name, both in BOUNDS.items()})


def holds(*ahead_s: int, card: str = "1") -> list[LiveHold]:
    return [LiveHold(card, NOW + seconds * SECOND) for seconds in ahead_s]


def test_every_number_of_a_policy_has_bounds_and_the_usual_one_is_within() -> None:
    assert {field.name for field in fields(Policy)} == set(BOUNDS)
    assert all(least <= policy_values(POLICY)[name] <= most for name, (least, most) in BOUNDS.items())


def test_a_station_that_says_nothing_is_as_everywhere() -> None:
    assert policy_with({}) == policy_with(dict.fromkeys(BOUNDS)) == POLICY


@given(own_words)
def test_whatever_policy_is_accepted_lets_some_window_be_reserved_and_is_kept_whole(own) -> None:
    try:
        policy = policy_with(own)
    except PolicyNotPossible:
        return
    duration = -(-policy.shortest_min // policy.step_min) * policy.step_min
    start = NOW + timedelta(minutes=policy.earliest_start_min)

    assert window_of(start, duration, NOW, policy).start == start
    assert policy_with(policy_values(policy)) == policy


@pytest.mark.parametrize(
    "own",
    [
        {"shortest_min": 60, "longest_min": 59},
        {"longest_min": 14},
        {"step_min": 60, "longest_min": 59},
        {"step_min": 50, "shortest_min": 51, "longest_min": 99},
        {"earliest_start_min": 2 * 1440, "furthest_days": 1},
    ],
)
def test_a_policy_under_which_nothing_could_be_reserved_is_refused(own) -> None:
    with pytest.raises(PolicyNotPossible):
        policy_with(own)


@given(st.lists(st.integers(1, 300), max_size=2))
def test_fewer_live_holds_than_the_limit_forbid_nothing(ahead_s) -> None:
    check_holds(holds(*ahead_s), "1", NOW, POLICY)


@given(st.lists(st.integers(1, 300), min_size=3, max_size=8))
def test_at_the_limit_the_refusal_says_when_the_first_hold_runs_out(ahead_s) -> None:
    with pytest.raises(TooManyHolds) as caught:
        check_holds(holds(*ahead_s), "1", NOW, POLICY)

    assert caught.value.headers["Retry-After"] == str(min(ahead_s))


def test_a_card_has_a_limit_of_its_own() -> None:
    policy = Policy(holds_per_driver=5, holds_per_card=1)
    held = [*holds(9, card="1"), *holds(9, card="2")]

    check_holds(held, "3", NOW, policy)
    with pytest.raises(TooManyHolds):
        check_holds(held, "2", NOW, policy)


def test_a_retry_is_never_advised_at_once() -> None:
    with pytest.raises(TooManyHolds) as caught:
        check_number([NOW + timedelta(milliseconds=1)], NOW, 1)

    assert caught.value.headers["Retry-After"] == "1"


def test_reservations_ahead_are_limited() -> None:
    check_reservations(19, POLICY)

    with pytest.raises(TooManyReservations):
        check_reservations(20, POLICY)
