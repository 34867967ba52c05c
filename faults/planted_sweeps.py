"""Bugs in what becomes of a reservation by itself, by time and ports, and in what is told and written of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import and_, update
from sqlalchemy.orm import Session

from faults.planting import Bug, Soil
from reservations import attendance, events, expiry, history_store, passing_store
from reservations.domain.history import Cause
from reservations.domain.lifecycle import State
from reservations.tables import RESERVATIONS

_R = RESERVATIONS.c


def any_card_begins_a_session(soil: Soil) -> None:
    soil.put(attendance, "signs", lambda there: lambda here, seen: there(here, replace(seen, card=None)))


def sweep_lapses_confirmed_ones(soil: Soil) -> None:
    """It looks at when the hold would have run out, and not at the state."""

    def make(there: Any) -> Any:
        def pass_some(session: Session, state: State, now: datetime, limit: int) -> Any:
            if state is State.HELD:
                over = and_(_R.state == State.CONFIRMED.value, _R.hold_expires_at <= now)
                lapsed = {"state": State.LAPSED.value, "confirmed_at": None}
                session.execute(update(RESERVATIONS).where(over).values(lapsed))
            return there(session, state, now, limit)

        return pass_some

    soil.put(passing_store, "pass_some", make)


def sweep_tells_twice(soil: Soil) -> None:
    def make(there: Any) -> Any:
        return lambda session, passed: there(session, [*passed, *passed])

    soil.put(expiry, "_tell_all", make)


def event_told_after_the_commit(soil: Soil) -> None:
    """In a transaction of its own: what breaks that off leaves a move of which nobody hears."""
    database = soil.ground.database
    waiting: list[Callable[[Session], None]] = []

    def make(there: Any) -> Any:
        @contextmanager
        def writing() -> Iterator[Session]:
            try:
                with there() as session:
                    yield session
                while waiting:
                    with there() as apart:
                        waiting.pop(0)(apart)
            finally:
                waiting.clear()

        return writing

    soil.put(events, "announce", lambda there: lambda _, **event: waiting.append(partial(there, **event)))
    soil.put(database, "writing", make)


def no_history_of_what_time_does(soil: Soil) -> None:
    def make(there: Any) -> Any:
        def add_move(session: Session, handle: str, **move: Any) -> None:
            if move["cause"] is not Cause.TIME:
                there(session, handle, **move)

        return add_move

    soil.put(history_store, "add_move", make)


SWEEP_BUGS: Mapping[str, Bug] = {
    bug.__name__: bug
    for bug in (
        *(any_card_begins_a_session, sweep_lapses_confirmed_ones, sweep_tells_twice),
        *(event_told_after_the_commit, no_history_of_what_time_does),
    )
}
