"""What may be reserved: how long and how far ahead; the refusals say what may not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.errors import InvalidBody, Refusal
from kernel.window import Window

LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A station's rules of reserving; what a station does not say itself is as here.

    Numbers of holds and reservations count everywhere, not only at the station. `holds_per_client` is for all drivers
    of an app together. A start sooner than `in_service_within_min` needs a port that is not known to be out of order.
    An extension gives a hold another `hold_min`; all of them together no more than `extensions_min`.
    """

    hold_min: int = 5
    quote_min: int = 10
    shortest_min: int = 15
    longest_min: int = 1440
    furthest_days: int = 30
    earliest_start_min: int = 0
    step_min: int = 1
    cancellation_interval_min: int = 30
    no_show_grace_min: int = 15
    early_start_min: int = 15
    late_stop_min: int = 15
    holds_per_driver: int = 3
    holds_per_card: int = 3
    holds_per_client: int = 1000
    reservations_per_driver: int = 20
    extensions: int = 2
    extensions_min: int = 10
    in_service_within_min: int = 60


class InvalidStart(InvalidBody):
    """A reservation starts at a whole second."""

    code = "invalid_start"
    response_code = "106"


class StartInPast(InvalidBody):
    """A reservation cannot start in the past."""

    code = "start_in_past"
    response_code = "106"


class StartTooSoon(InvalidBody):
    """A reservation at this station is made longer ahead."""

    code = "start_too_soon"
    response_code = "106"


class StartTooFar(InvalidBody):
    """A reservation cannot start so far ahead."""

    code = "start_too_far"
    response_code = "106"


class InvalidDuration(InvalidBody):
    """This is not a duration that can be reserved."""

    code = "invalid_duration"
    response_code = "107"


class CardInvalid(InvalidBody):
    """The driver has no card with this serial number."""

    code = "card_invalid"
    response_code = "147"


class CardNotActive(InvalidBody):
    """This card has not been activated."""

    code = "card_not_active"
    response_code = "105"


class NotReservable(Refusal):
    """This cannot be reserved."""

    status = 409
    code = "not_reservable"
    response_code = "128"


class ClosedThen(Refusal):
    """The station is not open all the time asked for."""

    status = 409
    code = "closed_then"
    response_code = "112"


class ClosedForMaintenance(ClosedThen):
    """Maintenance is announced for this time, in which the station takes no new reservations."""

    code = "closed_for_maintenance"
    response_code = "115"


class PortTaken(Refusal):
    """The port is taken in this window."""

    status = 409
    code = "port_taken"
    response_code = "112"


class StationTaken(PortTaken):
    """Every port that can be reserved is taken in this window."""

    response_code = "109"


class StationUnreachable(Refusal):
    """The station cannot be reached or is out of service at the moment. Please try again later."""

    status = 409
    code = "station_unreachable"
    response_code = "115"


class FreeDriver(Refusal):
    """A driver without a means of payment cannot reserve where a price is charged."""

    status = 403
    code = "payment_method_required"
    response_code = "111"


class FreeDriverChange(FreeDriver):
    """A driver without a means of payment cannot modify a reservation where a price is charged."""

    response_code = "144"


class QuoteExpired(Refusal):
    """The quote has run out, the price is the same. `quote` is a new one."""

    status = 409
    code = "quote_expired"


class PriceChanged(Refusal):
    """The quote has run out and the price or the terms have changed. `quote` is a new one."""

    status = 409
    code = "price_changed"


class QuoteMismatch(InvalidBody):
    """There is no quote with this id for this station, port, start and duration."""

    code = "quote_mismatch"


def window_of(start: datetime, duration_min: int, now: datetime, policy: Policy) -> Window:
    """The window asked for. Raises InvalidStart, StartInPast, StartTooSoon, StartTooFar, InvalidDuration."""
    if start.microsecond:
        raise InvalidStart(errors=_at("/start", "must be a whole second"))
    if start < now:
        raise StartInPast(errors=_at("/start", "must not be in the past"))
    if start - now < timedelta(minutes=policy.earliest_start_min):
        raise StartTooSoon(errors=_at("/start", f"must be at least {policy.earliest_start_min} minutes ahead"))
    if start - now > timedelta(days=policy.furthest_days):
        raise StartTooFar(errors=_at("/start", f"must be at most {policy.furthest_days} days ahead"))
    check_duration(duration_min, policy, session_limit_min=None)
    return Window.lasting(start, timedelta(minutes=duration_min))


def check_duration(duration_min: int, policy: Policy, *, session_limit_min: int | None) -> None:
    """Raises InvalidDuration; a station's own limit on a stay counts where it is the shorter one."""
    most = min(policy.longest_min, session_limit_min or policy.longest_min)
    if not policy.shortest_min <= duration_min <= most:
        raise InvalidDuration(errors=_at("/duration_min", f"must be {policy.shortest_min} to {most} minutes"))
    if duration_min % policy.step_min:
        raise InvalidDuration(errors=_at("/duration_min", f"must be a multiple of {policy.step_min} minutes"))


def cancel_until(start: datetime, cancellation_interval_min: int) -> datetime:
    """The moment from which a reservation can no longer be cancelled or modified."""
    return start - timedelta(minutes=cancellation_interval_min)


def _at(pointer: str, detail: str) -> tuple[dict[str, str]]:
    return ({"pointer": pointer, "detail": detail},)
