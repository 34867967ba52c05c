"""SQL of what becomes of reservations in their ports: who is awaited there, and guarded moves. Session first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from kernel.bulk import among
from reservations.domain.lifecycle import State
from reservations.domain.reservation import Reservation
from reservations.domain.trouble import Trouble
from reservations.passing_store import is_awaited, is_live
from reservations.records import reservation_of, trouble_values
from reservations.tables import RESERVATIONS

_R = RESERVATIONS.c


def awaited(session: Session, port_ids: Sequence[int], now: datetime) -> list[Reservation]:
    """The reservations in these ports that a driver may be there for, in order of their start, locked until the end.

    They are locked by ascending id, as by everybody.
    """
    query = select(RESERVATIONS).where(among(session, _R.port_id, port_ids), is_awaited(now)).order_by(_R.id)
    found = [reservation_of(row) for row in session.execute(query.with_for_update(key_share=True))]
    return sorted(found, key=lambda one: one.start)


def become(session: Session, seen: Reservation, state: State, now: datetime) -> Reservation | None:
    """One guarded UPDATE to another state; None where it is no longer what was seen. Trouble is over with it."""
    values = {"state": state.value, "updated_at": now, **trouble_values(None)}
    return _changed(session, seen, values, now)


def trouble(session: Session, seen: Reservation, told: Trouble | None, now: datetime) -> Reservation | None:
    """One guarded UPDATE of what is told of trouble; None where it is no longer what was seen."""
    return _changed(session, seen, {"updated_at": now, **trouble_values(told)}, now)


def _changed(session: Session, seen: Reservation, values: dict[str, Any], now: datetime) -> Reservation | None:
    changed = update(RESERVATIONS).where(_R.handle == seen.handle, *is_still(seen), is_live(now)).values(values)
    row = session.execute(changed.returning(RESERVATIONS)).one_or_none()
    return None if row is None else reservation_of(row)


def is_still(seen: Reservation) -> Iterator[ColumnElement[bool]]:
    """Of a row: state, port, window and trouble are what was seen."""
    yield _R.state == seen.state.value
    yield _R.port_id == seen.port_id
    yield _R.start_at == seen.start
    yield _R.end_at == seen.end
    yield _R.trouble_since.is_not_distinct_from(seen.trouble and seen.trouble.since)
    yield _R.trouble_reason.is_not_distinct_from(seen.trouble and seen.trouble.reason.value)
