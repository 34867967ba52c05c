"""What time alone makes of a reservation: holds lapse, drivers who do not come are no-shows, sessions are over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.window import Window
from reservations.domain.lifecycle import State
from reservations.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The moments at which time ends a state, if nobody did before."""

    hold_expires_at: datetime
    no_show_at: datetime
    over_at: datetime


PASSES_TO: Mapping[State, State] = {
    State.HELD: State.LAPSED,
    State.CONFIRMED: State.NO_SHOW,
    State.ACTIVE: State.COMPLETED,
}


def deadlines(window: Window, policy: Policy, hold_expires_at: datetime) -> Deadlines:
    """A driver has until the end of the window to come, and then to unplug, however long the station waits."""
    return Deadlines(
        hold_expires_at=hold_expires_at,
        no_show_at=min(window.start + _minutes(policy.no_show_grace_min), window.end),
        over_at=window.end + _minutes(policy.late_stop_min),
    )


def begins_from(window: Window, policy: Policy) -> datetime:
    """The moment from which a session counts for the reservation."""
    return window.start - _minutes(policy.early_start_min)


def passing(state: State, due: Deadlines, moment: datetime) -> tuple[State, datetime] | None:
    """What time has made of a state at a moment, and when; None where it is what it was.

    The instant of a deadline belongs to what comes after it.
    """
    ends_at = {
        State.HELD: due.hold_expires_at,
        State.CONFIRMED: due.no_show_at,
        State.ACTIVE: due.over_at,
    }.get(state)
    if ends_at is None or moment < ends_at:
        return None
    return PASSES_TO[state], ends_at


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
