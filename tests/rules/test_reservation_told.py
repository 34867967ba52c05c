"""A reservation told quickly is told as its schema tells it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import orjson
from hypothesis import given
from hypothesis import strategies as st

from reservations.domain.lifecycle import State
from reservations.domain.policy import Policy
from reservations.domain.price import Price, PriceLine
from reservations.domain.trouble import Reason, Trouble
from reservations.records import reservation_told
from reservations.schemas import ReservationSchema
from tests.rules.test_reservation_attendance import a_reservation

AMOUNTS = st.none() | st.decimals("0.00", "999999.99", places=2)
LINE = PriceLine(
    kind="TIME",
    quantity=Decimal("1E+1"),
    unit="h",
    unit_price=Decimal("0.250"),
    amount=Decimal("2.5"),
    tax=Decimal(0),
    vat=None,
)


@given(
    state=st.sampled_from(State),
    reason=st.none() | st.sampled_from(Reason),
    total=AMOUNTS,
    microseconds=st.integers(0, 999_999),
    lines=st.lists(st.sampled_from([LINE, replace(LINE, vat=Decimal("21.0"))]), max_size=2),
)
def test_it_says_the_same_as_its_schema(state, reason, total, microseconds, lines) -> None:
    usual = a_reservation(state)
    moment = usual.created_at + timedelta(microseconds=microseconds)
    price = Price(
        lines=tuple(lines), subtotal=total, tax=total, total=total, currency="EUR", assumptions=("Ä",), reason=None
    )
    told = replace(
        usual,
        price=price,
        policy=Policy(hold_min=7),
        updated_at=moment,
        trouble=reason and Trouble(reason=reason, since=moment),
    )

    assert orjson.loads(orjson.dumps(reservation_told(told))) == ReservationSchema().dump(told)
