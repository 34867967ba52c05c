"""What may be reserved: how long, how far ahead, how many at once; the refusals say what may not."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.errors import InvalidBody, Refusal
from kernel.window import Window

LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of reserving. `longest_min` is at most `LONGEST`, which the database holds too."""

    hold_min: int = 5
    quote_min: int = 10
    shortest_min: int = 15
    longest_min: int = 1440
    furthest_days: int = 30
    cancellation_interval_min: int = 30
    most_holds: int = 3


class InvalidStart(InvalidBody):
    """A reservation starts at a whole second."""

    code = "invalid_start"
    response_code = "106"


class StartInPast(InvalidBody):
    """A reservation cannot start in the past."""

    code = "start_in_past"
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


class PortTaken(Refusal):
    """The port is taken in this window."""

    status = 409
    code = "port_taken"
    response_code = "112"


class StationTaken(PortTaken):
    """Every port that can be reserved is taken in this window."""

    response_code = "109"


class TooManyHolds(Refusal):
    """You hold as many ports as a driver may. Confirm or release one first."""

    status = 429
    code = "too_many_holds"


class QuoteExpired(Refusal):
    """The quote has run out. Ask for a new one."""

    status = 409
    code = "quote_expired"


class QuoteMismatch(InvalidBody):
    """There is no quote with this id for this station, port, start and duration."""

    code = "quote_mismatch"


def window_of(start: datetime, duration_min: int, now: datetime, policy: Policy) -> Window:
    """The window asked for. Raises InvalidStart, StartInPast, StartTooFar, InvalidDuration."""
    if start.microsecond:
        raise InvalidStart(errors=_at("/start", "must be a whole second"))
    if start < now:
        raise StartInPast(errors=_at("/start", "must not be in the past"))
    if start - now > timedelta(days=policy.furthest_days):
        raise StartTooFar(errors=_at("/start", f"must be at most {policy.furthest_days} days ahead"))
    check_duration(duration_min, policy, session_limit_min=None)
    return Window.lasting(start, timedelta(minutes=duration_min))


def check_duration(duration_min: int, policy: Policy, *, session_limit_min: int | None) -> None:
    """Raises InvalidDuration; a station's own limit on a stay counts where it is the shorter one."""
    most = min(policy.longest_min, session_limit_min or policy.longest_min)
    if not policy.shortest_min <= duration_min <= most:
        raise InvalidDuration(errors=_at("/duration_min", f"must be {policy.shortest_min} to {most} minutes"))


def check_holds(expiries: Collection[datetime], now: datetime, policy: Policy) -> None:
    """Raises TooManyHolds, to be tried again when the first of these live holds runs out."""
    if len(expiries) >= policy.most_holds:
        wait_s = math.ceil((min(expiries) - now).total_seconds())
        raise TooManyHolds(headers={"Retry-After": str(max(1, wait_s))})


def cancel_until(start: datetime, cancellation_interval_min: int) -> datetime:
    """The moment from which a reservation can no longer be cancelled."""
    return start - timedelta(minutes=cancellation_interval_min)


def reservable_part(span: Window, now: datetime, policy: Policy) -> Window | None:
    """The part of a span in which a reservation made now can lie; from a whole second on."""
    first = now if not now.microsecond else now.replace(microsecond=0) + timedelta(seconds=1)
    most = timedelta(days=policy.furthest_days, minutes=policy.longest_min)
    return span.intersection(Window.lasting(first, most))


def _at(pointer: str, detail: str) -> tuple[dict[str, str]]:
    return ({"pointer": pointer, "detail": detail},)
