"""Limits: what a station may write into its policy, and how many holds and reservations one may have at once."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter

from kernel.errors import InvalidBody, Refusal
from reservations.domain.policy import LONGEST, Policy

_DAY_MIN = LONGEST // timedelta(minutes=1)
_NAMES = tuple(field.name for field in fields(Policy))
_values = attrgetter(*_NAMES)

BOUNDS: Mapping[str, tuple[int, int]] = {
    "hold_min": (1, 60),
    "quote_min": (1, 60),
    "earliest_start_min": (0, 7 * _DAY_MIN),
    "furthest_days": (1, 365),
    "shortest_min": (1, _DAY_MIN),
    "longest_min": (1, _DAY_MIN),
    "step_min": (1, _DAY_MIN),
    "cancellation_interval_min": (0, 7 * _DAY_MIN),
    "no_show_grace_min": (0, _DAY_MIN),
    "early_start_min": (0, _DAY_MIN),
    "late_stop_min": (0, _DAY_MIN),
    "holds_per_driver": (1, 100),
    "holds_per_card": (1, 100),
    "holds_per_client": (1, 100_000),
    "reservations_per_driver": (1, 1000),
    "extensions": (0, 20),
    "extensions_min": (0, 120),
    "in_service_within_min": (0, 7 * _DAY_MIN),
}
"""What each number of a policy may be, both ends inclusive."""


class PolicyNotPossible(InvalidBody):
    """With this policy nothing could be reserved."""

    code = "policy_not_possible"


class PolicySaysNothing(InvalidBody):
    """A station's policy says at least one thing itself; DELETE lets it be as everywhere."""

    code = "policy_says_nothing"


class TooManyHolds(Refusal):
    """As many ports are held as one driver, card or client may hold. Confirm or release one first."""

    status = 429
    code = "too_many_holds"


class TooManyReservations(Refusal):
    """You have as many reservations ahead as a driver may. Cancel one first."""

    status = 429
    code = "too_many_reservations"


@dataclass(frozen=True, slots=True)
class LiveHold:
    """What counts of a hold that has not run out."""

    card: str
    expires_at: datetime


def policy_with(own: Mapping[str, int | None]) -> Policy:
    """The policy of a station that says this itself. Raises PolicyNotPossible."""
    policy = Policy(**{name: value for name, value in own.items() if value is not None})
    if not _some_duration(policy):
        raise PolicyNotPossible(errors=_at("/longest_min", "leaves no duration between least, most and step"))
    if timedelta(minutes=policy.earliest_start_min) > timedelta(days=policy.furthest_days):
        raise PolicyNotPossible(errors=_at("/earliest_start_min", "is after the latest start"))
    return policy


def _some_duration(policy: Policy) -> bool:
    first = -(-policy.shortest_min // policy.step_min) * policy.step_min
    return first <= policy.longest_min


def policy_values(policy: Policy) -> dict[str, int]:
    """A policy as it is kept with what was promised under it."""
    return dict(zip(_NAMES, _values(policy), strict=True))


def check_holds(own: Collection[LiveHold], card: str, now: datetime, policy: Policy) -> None:
    """Raises TooManyHolds, to be tried again when the first of the driver's live holds runs out."""
    check_number([one.expires_at for one in own], now, policy.holds_per_driver)
    check_number([one.expires_at for one in own if one.card == card], now, policy.holds_per_card)


def check_number(expiries: Collection[datetime], now: datetime, most: int) -> None:
    """Raises TooManyHolds where so many live holds are as many as there may be."""
    if len(expiries) >= most:
        wait_s = math.ceil((min(expiries) - now).total_seconds())
        raise TooManyHolds(headers={"Retry-After": str(max(1, wait_s))})


def check_reservations(ahead: int, policy: Policy) -> None:
    """Raises TooManyReservations where a driver has so many confirmed ones ahead."""
    if ahead >= policy.reservations_per_driver:
        raise TooManyReservations(headers={"Retry-After": "60"})


def _at(pointer: str, detail: str) -> tuple[dict[str, str]]:
    return ({"pointer": pointer, "detail": detail},)
