"""Rows turned into values and back: what is kept of a reservation, a quote and their price."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from kernel.fields import moment_text
from kernel.money import as_text
from kernel.window import Window
from reservations.domain.lifecycle import State
from reservations.domain.limits import policy_values
from reservations.domain.policy import Policy
from reservations.domain.price import Price, PriceLine
from reservations.domain.reservation import Quote, Reservation
from reservations.domain.trouble import Reason, Trouble

_SAME_IN_BOTH = ("driver_id", "port_id", "station_id", "port_number", "cancellation_interval_min", "cancel_until")
_OF_RESERVATION = (
    *_SAME_IN_BOTH,
    *("handle", "card", "hold_expires_at", "confirmed_at", "created_at", "updated_at", "client_id", "extensions"),
)
_OF_QUOTE = (*_SAME_IN_BOTH, "quote_id", "hold_min", "created_at", "expires_at")


def reservation_of(row: Row[Any]) -> Reservation:
    """The reservation in a row of the table."""
    kept = row._mapping
    return Reservation(
        **{name: kept[name] for name in _OF_RESERVATION},
        state=State(kept["state"]),
        window=Window(kept["start_at"], kept["end_at"]),
        price=price_of(kept["price"]),
        policy=Policy(**kept["policy"]),
        trouble=_trouble(kept["trouble_reason"], kept["trouble_since"]),
    )


def reservation_values(reservation: Reservation) -> dict[str, Any]:
    """What is written of a reservation."""
    return {
        **{name: getattr(reservation, name) for name in _OF_RESERVATION},
        "state": reservation.state.value,
        "start_at": reservation.start,
        "end_at": reservation.end,
        "price": price_values(reservation.price),
        "policy": policy_values(reservation.policy),
        **trouble_values(reservation.trouble),
    }


def trouble_values(trouble: Trouble | None) -> dict[str, Any]:
    """What is written of trouble, or of none."""
    return {
        "trouble_reason": None if trouble is None else trouble.reason.value,
        "trouble_since": None if trouble is None else trouble.since,
    }


def _trouble(reason: str | None, since: datetime | None) -> Trouble | None:
    return None if reason is None or since is None else Trouble(reason=Reason(reason), since=since)


def quote_of(row: Row[Any]) -> Quote:
    """The quote in a row of the table."""
    kept = row._mapping
    return Quote(
        **{name: kept[name] for name in _OF_QUOTE},
        window=Window(kept["start_at"], kept["end_at"]),
        price=price_of(kept["price"]),
        policy=Policy(**kept["policy"]),
    )


def quote_values(quote: Quote) -> dict[str, Any]:
    """What is written of a quote, besides the tariff."""
    return {
        **{name: getattr(quote, name) for name in _OF_QUOTE},
        "start_at": quote.start,
        "end_at": quote.end,
        "price": price_values(quote.price),
        "policy": policy_values(quote.policy),
    }


def quote_told(quote: Quote) -> dict[str, Any]:
    """A quote as a client reads it, for the problem that offers it: the same as the answer of POST /v1/quotes."""
    moments = ("start", "end", "cancel_until", "created_at", "expires_at")
    same = ("quote_id", "station_id", "port_number", "duration_min", "hold_min", "cancellation_interval_min")
    return {
        **{name: getattr(quote, name) for name in same},
        **{name: moment_text(getattr(quote, name)) for name in moments},
        "price": price_values(quote.price),
        "policy": policy_values(quote.policy),
    }


def reservation_told(reservation: Reservation) -> dict[str, Any]:
    """A reservation as a client reads it: the same as its schema makes of it, at a tenth of the cost."""
    moments = ("start", "end", "cancel_until", "hold_expires_at", "created_at", "updated_at")
    same = ("handle", "station_id", "port_number", "duration_min", "card", "cancellation_interval_min", "extensions")
    confirmed_at, trouble = reservation.confirmed_at, reservation.trouble
    return {
        **{name: getattr(reservation, name) for name in same},
        **{name: moment_text(getattr(reservation, name)) for name in moments},
        "state": reservation.state.value,
        "confirmed_at": None if confirmed_at is None else moment_text(confirmed_at),
        "price": price_values(reservation.price),
        "policy": policy_values(reservation.policy),
        "trouble": trouble and {"reason": trouble.reason.value, "since": moment_text(trouble.since)},
    }


def price_values(price: Price) -> dict[str, Any]:
    """A price as JSON, its numbers as strings: exactly what was promised."""
    return {
        "lines": [_line_values(line) for line in price.lines],
        "subtotal": _text(price.subtotal),
        "tax": _text(price.tax),
        "total": _text(price.total),
        "currency": price.currency,
        "assumptions": list(price.assumptions),
        "reason": price.reason,
    }


def price_of(kept: dict[str, Any]) -> Price:
    """The price that `price_values` wrote."""
    return Price(
        lines=tuple(_line(line) for line in kept["lines"]),
        subtotal=_decimal(kept["subtotal"]),
        tax=_decimal(kept["tax"]),
        total=_decimal(kept["total"]),
        currency=kept["currency"],
        assumptions=tuple(kept["assumptions"]),
        reason=kept["reason"],
    )


def _line_values(line: PriceLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "quantity": _text(line.quantity),
        "unit": line.unit,
        "unit_price": _text(line.unit_price),
        "amount": _text(line.amount),
        "tax": _text(line.tax),
        "vat": _text(line.vat),
    }


def _line(kept: dict[str, Any]) -> PriceLine:
    return PriceLine(
        kind=kept["kind"],
        quantity=Decimal(kept["quantity"]),
        unit=kept["unit"],
        unit_price=Decimal(kept["unit_price"]),
        amount=Decimal(kept["amount"]),
        tax=Decimal(kept["tax"]),
        vat=_decimal(kept["vat"]),
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else as_text(number)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
