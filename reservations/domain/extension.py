"""Extension: how long a hold may be prolonged, and what forbids it."""

from datetime import datetime, timedelta

from kernel.errors import Refusal
from reservations.domain.lifecycle import HoldExpired, State, WrongState
from reservations.domain.reservation import Reservation


class NoExtensionLeft(Refusal):
    """The hold has been extended as often and as long as the station allows."""

    status = 409
    code = "no_extension_left"
    response_code = "112"


class ExtensionTooLate(Refusal):
    """The hold would outlast the moment by which its reservation must be made."""

    status = 409
    code = "extension_too_late"
    response_code = "112"


def extended_until(hold: Reservation) -> datetime:
    """When the hold runs out once it is extended. Raises NoExtensionLeft, ExtensionTooLate.

    Each extension gives another `hold_min`, the last one what is left of `extensions_min`. A hold never reaches into
    its own window, nor into the minutes ahead of it in which the station takes no reservation (`earliest_start_min`):
    so it can never touch the window that follows on the port either, which begins when its own ends, or later.
    """
    policy = hold.policy
    first_expiry = hold.created_at + timedelta(minutes=policy.hold_min)
    left = timedelta(minutes=policy.extensions_min) - (hold.hold_expires_at - first_expiry)
    if hold.extensions >= policy.extensions or left <= timedelta(0):
        raise NoExtensionLeft
    until = hold.hold_expires_at + min(left, timedelta(minutes=policy.hold_min))
    if until > hold.start - timedelta(minutes=policy.earliest_start_min):
        raise ExtensionTooLate
    return until


def check_extendable(reservation: Reservation) -> None:
    """`reservation` is as it is at the moment. Raises HoldExpired, WrongState."""
    if reservation.state is State.LAPSED:
        raise HoldExpired
    if reservation.state is not State.HELD:
        raise WrongState(f"The reservation is {reservation.state}; only a hold can be extended.")
