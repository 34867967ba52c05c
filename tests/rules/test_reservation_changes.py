"""When a hold may be extended and a reservation modified, and what it then is."""

from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kernel.errors import Refusal
from kernel.window import Window
from reservations.domain.extension import ExtensionTooLate, NoExtensionLeft, check_extendable, extended_until
from reservations.domain.lifecycle import HoldExpired, State, WrongState
from reservations.domain.modification import (
    ModificationTooLate,
    NotModifiable,
    check_modifiable,
    differences,
)
from reservations.domain.policy import Policy
from reservations.domain.price import Price
from reservations.domain.reservation import Change, Reservation

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
FREE = Price(lines=(), subtotal=None, tax=None, total=None, currency=None, assumptions=(), reason=None)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def a_hold(*, starts_after_min: int = 60, policy: Policy | None = None, **changes) -> Reservation:
    policy = policy or Policy()
    start = NOON + minutes(starts_after_min)
    usual = {
        "handle": "rsv",
        "driver_id": 1,
        "port_id": 1,
        "station_id": "1:1",
        "port_number": 1,
        "card": "1",
        "state": State.HELD,
        "window": Window(start, start + HOUR),
        "price": FREE,
        "cancellation_interval_min": 30,
        "cancel_until": start - minutes(30),
        "hold_expires_at": NOON + minutes(policy.hold_min),
        "created_at": NOON,
        "updated_at": NOON,
        "policy": policy,
    }
    return Reservation(**(usual | changes))


def extended(hold: Reservation) -> Reservation:
    return replace(hold, hold_expires_at=extended_until(hold), extensions=hold.extensions + 1)


policies = st.builds(
    Policy,
    hold_min=st.integers(1, 60),
    extensions=st.integers(0, 20),
    extensions_min=st.integers(0, 120),
    earliest_start_min=st.integers(0, 60),
)


@given(policies, st.integers(0, 300))
def test_however_often_a_hold_is_extended_it_stays_within_number_time_and_its_start(policy, starts_after_min) -> None:
    hold = first = a_hold(starts_after_min=starts_after_min, policy=policy)
    with suppress(NoExtensionLeft, ExtensionTooLate):
        while (longer := extended(hold)).hold_expires_at > hold.hold_expires_at:
            hold = longer

    assert hold.extensions <= policy.extensions
    assert hold.hold_expires_at - first.hold_expires_at <= minutes(policy.extensions_min)
    assert hold.extensions == 0 or hold.hold_expires_at <= hold.start - minutes(policy.earliest_start_min)


def test_the_last_extension_gives_what_is_left_of_the_time() -> None:
    hold = a_hold(policy=Policy(hold_min=5, extensions=9, extensions_min=7))

    assert extended(extended(hold)).hold_expires_at == NOON + minutes(12)


def test_a_hold_may_be_extended_up_to_its_start_and_not_into_its_window() -> None:
    assert extended_until(a_hold(starts_after_min=10)) == NOON + minutes(10)

    with pytest.raises(ExtensionTooLate):
        extended_until(a_hold(starts_after_min=9))


def test_a_hold_is_not_extended_into_the_minutes_in_which_the_station_takes_no_reservation() -> None:
    with pytest.raises(ExtensionTooLate):
        extended_until(a_hold(starts_after_min=39, policy=Policy(earliest_start_min=30)))


@pytest.mark.parametrize(("state", "refusal"), [(State.LAPSED, HoldExpired), (State.CONFIRMED, WrongState)])
def test_only_a_live_hold_is_extended(state, refusal) -> None:
    check_extendable(a_hold())

    with pytest.raises(refusal):
        check_extendable(a_hold(state=state))


@pytest.mark.parametrize(
    ("state", "moment", "refusal"),
    [
        (State.CONFIRMED, NOON + minutes(30), ModificationTooLate),
        (State.LAPSED, NOON, HoldExpired),
        (State.RELEASED, NOON, NotModifiable),
        (State.CANCELLED, NOON, NotModifiable),
        (State.ACTIVE, NOON, NotModifiable),
        (State.COMPLETED, NOON, NotModifiable),
        (State.NO_SHOW, NOON, NotModifiable),
    ],
)
def test_what_cannot_be_modified_says_why(state, moment, refusal) -> None:
    with pytest.raises(refusal) as caught:
        check_modifiable(a_hold(state=state), moment)

    assert type(caught.value) is refusal


def test_a_live_hold_is_modifiable_and_a_reservation_until_just_before_cancelling_ends() -> None:
    check_modifiable(a_hold(), NOON)
    check_modifiable(a_hold(state=State.CONFIRMED), NOON + minutes(30) - TICK)


@given(st.sampled_from(State), st.integers(-100, 100))
def test_a_reservation_is_modified_only_while_it_is_held_or_confirmed(state, minute) -> None:
    moment = NOON + minutes(minute)
    reservation = a_hold(state=state).at(moment)
    may_be = reservation.state is State.HELD or (state is State.CONFIRMED and moment < reservation.cancel_until)

    with nullcontext() if may_be else pytest.raises(Refusal):
        check_modifiable(reservation, moment)


@given(st.builds(Change, start=st.none() | st.just(NOON), duration_min=st.none() | st.integers(15, 1440)))
def test_what_a_change_leaves_out_stays_as_it_was(change) -> None:
    assume(change.start or change.duration_min)
    wish = change.of(a_hold())

    assert wish.start == (change.start or NOON + HOUR)
    assert wish.duration_min == (change.duration_min or 60)
    assert wish.port_number == 1


def test_a_change_tells_what_is_different_and_nothing_else() -> None:
    before = a_hold()
    after = replace(before, port_number=2, updated_at=NOON + HOUR)

    assert differences(before, after) == {"port_number": {"from": 1, "to": 2}}
