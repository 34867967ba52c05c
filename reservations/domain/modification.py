"""Modification: when a reservation may become another one, what it then is, and the refusals (guide codes 137, 138)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from kernel.errors import Overtaken, Refusal, TemporarilyUnavailable
from reservations.domain.lifecycle import HoldExpired, State
from reservations.domain.reservation import Quote, Reservation

_TOLD = ("port_number", "start", "end", "hold_expires_at", "cancel_until")


class NotModifiable(Refusal):
    """The reservation is not in a state in which it can be modified."""

    status = 409
    code = "not_modifiable"
    response_code = "138"


class ModificationTooLate(NotModifiable):
    """The reservation can no longer be modified: `cancel_until` has passed."""

    code = "modification_too_late"


class ModifiedMeanwhile(NotModifiable):
    """The reservation was changed at the same moment. Read it again and decide anew."""

    code = "modified_meanwhile"


class VersionGone(Refusal):
    """The reservation was changed since the version that If-Match names. Read it again."""

    status = 412
    code = "changed_meanwhile"
    response_code = "138"


class ModificationUnavailable(TemporarilyUnavailable):
    """The old window cannot be given up at the moment, so it is kept. Please try again shortly."""

    code = "modification_unavailable"
    response_code = "137"


class ModificationOvertaken(ModificationUnavailable, Overtaken):
    """The old window could not be given up, so it is kept: others had the right of way. Please try again shortly."""


def check_modifiable(reservation: Reservation, now: datetime) -> None:
    """A live hold may be modified, a confirmed one before `cancel_until` (guide 7.8.3).

    `reservation` is as it is at the moment. Raises HoldExpired, ModificationTooLate, NotModifiable.
    """
    if reservation.state is State.LAPSED:
        raise HoldExpired
    if reservation.state is State.CONFIRMED and reservation.cancel_until <= now:
        raise ModificationTooLate
    if reservation.state not in (State.HELD, State.CONFIRMED):
        raise NotModifiable(f"The reservation is {reservation.state} and cannot be modified.")


def modified(reservation: Reservation, terms: Quote, now: datetime) -> Reservation:
    """The reservation with another window, port and price. How long a hold lasts stays as it was."""
    return replace(
        reservation,
        port_id=terms.port_id,
        port_number=terms.port_number,
        window=terms.window,
        price=terms.price,
        policy=terms.policy,
        cancellation_interval_min=terms.cancellation_interval_min,
        cancel_until=terms.cancel_until,
        updated_at=now,
    )


def differences(before: Reservation, after: Reservation) -> Mapping[str, Mapping[str, object]]:
    """What is told of a change: name → from, to."""
    both = {name: (getattr(before, name), getattr(after, name)) for name in _TOLD}
    both["total"] = (before.price.total, after.price.total)
    return {name: {"from": _said(old), "to": _said(new)} for name, (old, new) in both.items() if old != new}


def _said(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, int) else str(value)
