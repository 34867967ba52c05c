"""SQL of what time does to reservations: who is live at a moment, and the guarded updates that write it down."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from kernel.database import Instant
from reservations.domain.lifecycle import State
from reservations.domain.passing import PASSES_TO
from reservations.domain.policy import Policy
from reservations.domain.reservation import Reservation
from reservations.records import reservation_of
from reservations.tables import RESERVATIONS

_R = RESERVATIONS.c
Moment = datetime | ColumnElement[datetime]


class _MinutesAfter(GenericFunction[datetime]):
    """A moment so many minutes after another, of two columns."""

    type = Instant()
    inherit_cache = True
    name = "minutes_after"


@compiles(_MinutesAfter)
def _in_microseconds(made: _MinutesAfter, compiler: SQLCompiler, **more: Any) -> str:
    moment, minutes = (compiler.process(part, **more) for part in made.clauses)
    return f"({moment} + {minutes} * 60000000)"


@compiles(_MinutesAfter, "postgresql")
def _in_intervals(made: _MinutesAfter, compiler: SQLCompiler, **more: Any) -> str:
    moment, minutes = (compiler.process(part, **more) for part in made.clauses)
    return f"({moment} + {minutes} * interval '1 minute')"


_USUAL = Policy()


def _promised(name: str) -> ColumnElement[int]:
    """A number of the policy that was promised with the reservation."""
    return func.coalesce(_R.policy[name].as_integer(), literal_column(str(getattr(_USUAL, name))))


_GRACE_ENDS_AT = _MinutesAfter(_R.start_at, _promised("no_show_grace_min"))
_NO_SHOW_AT: ColumnElement[datetime] = case((_R.end_at > _GRACE_ENDS_AT, _GRACE_ENDS_AT), else_=_R.end_at)
_OVER_AT = _MinutesAfter(_R.end_at, _promised("late_stop_min"))
_ENDS_AT: Mapping[State, ColumnElement[datetime]] = {
    State.HELD: _R.hold_expires_at,
    State.CONFIRMED: _NO_SHOW_AT,
    State.ACTIVE: _OVER_AT,
}
# Literals: what is bound to a prepared statement cannot tell the database which of the partial indexes it may use.
_IS: Mapping[State, ColumnElement[bool]] = {state: _R.state == literal_column(f"'{state}'") for state in State}
_INDEXED = {State.HELD: _R.hold_expires_at, State.CONFIRMED: _R.start_at, State.ACTIVE: _R.end_at}


def is_awaited(now: datetime) -> ColumnElement[bool]:
    """A driver may be at the port for it: confirmed or active, from the moment on from which a session counts."""
    begins_from = _MinutesAfter(_R.start_at, -_promised("early_start_min"))
    return and_(or_(_stays(State.CONFIRMED, now), _stays(State.ACTIVE, now)), begins_from <= now)


def is_held(now: Moment) -> ColumnElement[bool]:
    """A hold that has not run out."""
    return _stays(State.HELD, now)


def is_live(now: Moment) -> ColumnElement[bool]:
    """What takes its port in its window: time has not ended it, whether or not anybody wrote that down."""
    return or_(*(_stays(state, now) for state in _ENDS_AT))


def is_ahead(now: Moment) -> ColumnElement[bool]:
    """Confirmed, and neither begun nor given up."""
    return _stays(State.CONFIRMED, now)


def have_passed(which: ColumnElement[bool], now: Moment) -> Iterator[ColumnElement[bool]]:
    """For each state whether time has ended one of these that nobody wrote down; each is looked up by an index."""
    return (exists().where(which, _has_passed(state, now)) for state in _ENDS_AT)


def state_at(now: datetime) -> ColumnElement[str]:
    """The state at the moment."""
    passed = ((_has_passed(state, now), PASSES_TO[state].value) for state in _ENDS_AT)
    return case(*passed, else_=_R.state)


def _stays(state: State, now: Moment) -> ColumnElement[bool]:
    return and_(_IS[state], _ENDS_AT[state] > now)


def _has_passed(state: State, now: Moment) -> ColumnElement[bool]:
    """The deadline is never before the indexed moment, which narrows the search."""
    return and_(_IS[state], _INDEXED[state] <= now, _ENDS_AT[state] <= now)


def pass_on_port(session: Session, port_id: int, now: datetime) -> list[Reservation]:
    """Write down what time has ended on a port; returns it as it became."""
    return [one for state in _ENDS_AT for one in _passed(session, state, _R.port_id == port_id, now)]


def pass_some(session: Session, state: State, now: datetime, limit: int) -> list[Reservation]:
    """Write down what time has ended of a state, `limit` at most; leaves out those that somebody is busy with."""
    some = select(_R.id).where(_has_passed(state, now)).order_by(_INDEXED[state]).limit(limit)
    ids = session.execute(some.with_for_update(key_share=True, skip_locked=True)).scalars().all()
    return _passed(session, state, _R.id.in_(ids), now) if ids else []


def _passed(session: Session, state: State, which: ColumnElement[bool], now: datetime) -> list[Reservation]:
    values = {"state": PASSES_TO[state].value, "updated_at": _ENDS_AT[state]}
    passed = update(RESERVATIONS).where(which, _has_passed(state, now)).values(values)
    return [reservation_of(row) for row in session.execute(passed.returning(RESERVATIONS))]
