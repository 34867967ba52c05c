"""SQL of the history: moves added and read, and the whole book of each reservation. Session first, values out."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from kernel.outbox import OutboxRow
from reservations.domain.history import Book, Cause, Changes, Move
from reservations.domain.lifecycle import State
from reservations.history_tables import HISTORY
from reservations.tables import RESERVATIONS

_H = HISTORY.c
_AT_ONCE = 500


def add_move(
    session: Session, handle: str, *, what: str, to_state: State, at: datetime, cause: Cause, changed: Changes
) -> None:
    """Write a move down; it goes from the state that the last one led to."""
    before = select(_H.to_state).where(_H.handle == handle).order_by(_H.id.desc()).limit(1).scalar_subquery()
    values = {
        "handle": handle,
        "what": what,
        "moved_at": at,
        "cause": cause.value,
        "from_state": before,
        "to_state": to_state.value,
        "changed": dict(changed),
    }
    session.execute(insert(HISTORY).values(values))


def moves(session: Session, handle: str) -> list[Move]:
    """The moves that are written down, oldest first."""
    query = select(HISTORY).where(_H.handle == handle).order_by(_H.id)
    return [_move(row) for row in session.execute(query)]


def _move(row: Row[Any]) -> Move:
    kept = row._mapping
    return Move(
        what=kept["what"],
        at=kept["moved_at"],
        cause=Cause(kept["cause"]),
        from_state=None if kept["from_state"] is None else State(kept["from_state"]),
        to_state=State(kept["to_state"]),
        changed=kept["changed"],
    )


def books(session: Session) -> Iterator[Book]:
    """The book of every reservation there is, by handle."""
    after = ""
    while states := _some_states(session, after):
        yield from _books(session, states)
        *_, after = states


def _some_states(session: Session, after: str) -> dict[str, str]:
    found = RESERVATIONS.c
    query = select(found.handle, found.state).where(found.handle > after).order_by(found.handle).limit(_AT_ONCE)
    return {row.handle: row.state for row in session.execute(query)}


def _books(session: Session, states: dict[str, str]) -> Iterator[Book]:
    written = select(HISTORY).where(_H.handle.in_(states)).order_by(_H.handle, _H.id)
    told = (
        select(OutboxRow.subject, OutboxRow.topic)
        .where(OutboxRow.subject.in_(states), OutboxRow.topic.startswith("reservation.", autoescape=True))
        .order_by(OutboxRow.subject, OutboxRow.id)
    )
    moves_of = {handle: [_move(row) for row in rows] for handle, rows in groupby(session.execute(written), _handle)}
    topics_of = {
        handle: [topic for _, topic in rows] for handle, rows in groupby(session.execute(told), lambda row: row[0])
    }
    for handle, state in states.items():
        yield Book(handle=handle, state=State(state), moves=moves_of.get(handle, []), events=topics_of.get(handle, []))


def _handle(row: Row[Any]) -> str:
    handle: str = row._mapping["handle"]
    return handle
