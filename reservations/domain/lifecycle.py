"""What a reservation may become next, and what a driver may do to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import NotFound, Refusal


class State(StrEnum):
    """Where a reservation stands."""

    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    LAPSED = "LAPSED"
    RELEASED = "RELEASED"
    CANCELLED = "CANCELLED"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    NO_SHOW = "NO_SHOW"


_NOTHING: frozenset[State] = frozenset()
MOVES: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.CONFIRMED, State.LAPSED, State.RELEASED}),
    State.CONFIRMED: frozenset({State.CANCELLED, State.ACTIVE, State.COMPLETED, State.NO_SHOW}),
    State.ACTIVE: frozenset({State.COMPLETED}),
    State.LAPSED: _NOTHING,
    State.RELEASED: _NOTHING,
    State.CANCELLED: _NOTHING,
    State.COMPLETED: _NOTHING,
    State.NO_SHOW: _NOTHING,
}
OCCUPYING = frozenset({State.HELD, State.CONFIRMED, State.ACTIVE})
COMING = frozenset({State.HELD, State.CONFIRMED})
UNCONFIRMED = frozenset({State.HELD, State.LAPSED, State.RELEASED})


class HandleUnknown(NotFound):
    """There is no reservation with this handle."""

    code = "handle_unknown"
    response_code = "113"


class HoldExpired(Refusal):
    """The hold has run out. Hold the port again."""

    status = 409
    code = "hold_expired"
    response_code = "112"


class CancellationTooLate(Refusal):
    """The reservation can no longer be cancelled: `cancel_until` has passed."""

    status = 409
    code = "cancellation_too_late"
    response_code = "114"


class AlreadyCancelled(Refusal):
    """The reservation has been cancelled before."""

    status = 409
    code = "already_cancelled"
    response_code = "116"


class WrongState(Refusal):
    """The reservation is not in a state in which this can be done."""

    status = 409
    code = "wrong_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a driver does to a reservation: takes it from one state to another, before the state's deadline.

    The deadline of HELD is `hold_expires_at`, that of CONFIRMED `cancel_until`. A `repeatable` deed that is done
    already is answered like the first time.
    """

    source: State
    target: State
    repeatable: bool = True


CONFIRM = Deed(source=State.HELD, target=State.CONFIRMED)
RELEASE = Deed(source=State.HELD, target=State.RELEASED)
CANCEL = Deed(source=State.CONFIRMED, target=State.CANCELLED, repeatable=False)
DEEDS = (CONFIRM, RELEASE, CANCEL)


def may_become(state: State, later: State) -> bool:
    """Whether the move is legal."""
    return later in MOVES[state]


def is_done_already(deed: Deed, state: State) -> bool:
    """Whether the deed is answered like the first time, because it is done."""
    return deed.repeatable and state is deed.target


def refusal_of(deed: Deed, state: State) -> Refusal:
    """Why the deed is refused to a reservation that is in this state at the moment."""
    if state is deed.source:
        return CancellationTooLate() if state is State.CONFIRMED else HoldExpired()
    if deed.source is State.HELD and state is State.LAPSED:
        return HoldExpired()
    if deed is CANCEL and state is State.CANCELLED:
        return AlreadyCancelled()
    return WrongState(f"The reservation is {state} and cannot become {deed.target}.")
