"""What a port's report says of the reservations in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.window import Window
from reservations.domain.attendance import Seen, Sign, signs
from reservations.domain.lifecycle import State
from reservations.domain.price import Price
from reservations.domain.reservation import Reservation
from reservations.domain.trouble import Reason, Trouble

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FREE = Price(lines=(), subtotal=Decimal(), tax=Decimal(), total=Decimal(), currency="USD", assumptions=(), reason=None)
TAKEN = Trouble(reason=Reason.OTHER_CARD, since=NOON)


def minute(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def a_reservation(state: State = State.CONFIRMED, *, card: str = "own", starts: int = 0, trouble=None) -> Reservation:
    """An hour in the port, from noon on."""
    return Reservation(
        handle=f"{card} {starts}",
        driver_id=1,
        port_id=1,
        station_id="1:1",
        port_number=1,
        card=card,
        state=state,
        window=Window.lasting(minute(starts), timedelta(hours=1)),
        price=FREE,
        cancellation_interval_min=30,
        cancel_until=NOON,
        hold_expires_at=NOON,
        created_at=NOON,
        updated_at=NOON,
        trouble=trouble,
    )


def seen(at: float = 0, *, card: str | None = None, in_use=True, was_in_use=False, late=False) -> Seen:
    return Seen(in_use=in_use, was_in_use=was_in_use, at=minute(at), card=card, late=late)


def said(what: Seen, *reservations: Reservation) -> list[Sign]:
    return [sign for _, sign in signs(reservations, what)]


LEFT = seen(in_use=False, was_in_use=True)
BEGINS = [
    ("from a quarter of an hour before", seen(-15), True),
    ("not before that", seen(-15.001), False),
    ("to the end of the grace", seen(14.999), True),
    ("not from then on", seen(15), False),
    ("with the own card", seen(0, card="own"), True),
    ("with the own card in a port that is in use already", seen(0, card="own", was_in_use=True), True),
    ("with the own card though the report is late", seen(0, card="own", late=True), True),
    ("not with another card", seen(0, card="other"), False),
    ("not without a card in a port that was in use before", seen(0, was_in_use=True), False),
    ("not without a card by a late report", seen(0, late=True), False),
]


@pytest.mark.parametrize(("what", "begins"), [case[1:] for case in BEGINS], ids=[case[0] for case in BEGINS])
def test_a_session_begins_a_reservation(what, begins) -> None:
    assert (Sign.BEGINS in said(what, a_reservation())) == begins


def test_another_card_takes_the_port_from_the_start_on_and_is_told_once() -> None:
    other = seen(0, card="other")

    assert said(other, a_reservation()) == [Sign.TAKEN_BY_OTHER]
    assert said(seen(-1, card="other"), a_reservation()) == []
    assert said(other, a_reservation(trouble=TAKEN)) == []
    assert said(LEFT, a_reservation(trouble=TAKEN)) == [Sign.OTHER_GONE]


def test_a_port_that_is_left_ends_what_was_active_and_nothing_else() -> None:
    assert said(LEFT, a_reservation(State.ACTIVE)) == [Sign.ENDS]
    assert said(LEFT, a_reservation()) == []
    assert said(replace(LEFT, late=True), a_reservation(State.ACTIVE)) == []


def test_the_next_drivers_card_ends_the_session_before_it() -> None:
    before, after = a_reservation(State.ACTIVE), a_reservation(card="next", starts=60)

    assert dict(signs((before, after), seen(59, card="next", was_in_use=True))) == {
        after: Sign.BEGINS,
        before: Sign.ENDS,
    }


def test_a_session_without_a_card_is_that_of_the_active_reservation_while_there_is_one() -> None:
    assert said(seen(59), a_reservation(State.ACTIVE), a_reservation(card="next", starts=60)) == []


reservations = st.lists(
    st.builds(
        a_reservation,
        st.sampled_from([State.CONFIRMED, State.ACTIVE, State.NO_SHOW, State.COMPLETED, State.CANCELLED]),
        card=st.sampled_from(["own", "other", "third"]),
        starts=st.integers(-120, 120),
        trouble=st.sampled_from([None, TAKEN]),
    ),
    max_size=4,
    unique_by=lambda one: one.handle,
).map(lambda some: sorted(some, key=lambda one: one.start))
sights = st.builds(
    seen,
    st.integers(-200, 200),
    card=st.sampled_from([None, "own", "other"]),
    in_use=st.booleans(),
    was_in_use=st.booleans(),
    late=st.booleans(),
)
SOURCE = {
    Sign.BEGINS: State.CONFIRMED,
    Sign.ENDS: State.ACTIVE,
    Sign.TAKEN_BY_OTHER: State.CONFIRMED,
    Sign.OTHER_GONE: State.CONFIRMED,
}


@given(reservations, sights)
def test_every_sign_is_for_a_state_that_can_follow_it_and_one_at_most_for_each(here, what) -> None:
    found = list(signs(here, what))

    assert all(one.state is SOURCE[sign] for one, sign in found)
    assert len({one.handle for one, _ in found}) == len(found)


@given(reservations, sights)
def test_one_session_begins_one_reservation_at_most_and_never_with_another_card(here, what) -> None:
    begun = [one for one, sign in signs(here, what) if sign is Sign.BEGINS]

    assert len(begun) <= 1
    assert all(what.card in (None, one.card) for one in begun)


@given(reservations, sights)
def test_seeing_the_same_again_begins_and_ends_nothing_more(here, what) -> None:
    becomes = {Sign.BEGINS: State.ACTIVE, Sign.ENDS: State.COMPLETED}
    found = dict(signs(here, what))
    after = [replace(one, state=becomes.get(found.get(one), one.state)) for one in here]

    again = [sign for _, sign in signs(after, replace(what, was_in_use=what.in_use))]

    assert Sign.ENDS not in again
    assert Sign.BEGINS not in again or len([one for one in here if one.card == what.card]) > 1
