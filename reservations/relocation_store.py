"""SQL of relocation: who is to come to which port, and the guarded change of the port. Session first, values out."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from reservations.attendance_store import is_still
from reservations.domain.lifecycle import COMING
from reservations.domain.reservation import Reservation
from reservations.passing_store import is_live
from reservations.records import reservation_of, trouble_values
from reservations.store import guard_heard
from reservations.tables import RESERVATIONS

_R = RESERVATIONS.c
_AT_ONCE = 5000


def ports_awaiting(session: Session, now: datetime, until: datetime) -> set[int]:
    """The ports to which a driver is to come that starts before a moment."""
    query = select(_R.port_id).where(_is_coming(now), _R.start_at <= until).distinct()
    return set(session.execute(query).scalars())


def coming_to(session: Session, port_ids: Collection[int], now: datetime, until: datetime) -> list[Reservation]:
    """The reservations in these ports that start before a moment, by their start."""
    wanted, found = sorted(port_ids), []
    for start in range(0, len(wanted), _AT_ONCE):
        some = _R.port_id.in_(wanted[start : start + _AT_ONCE])
        query = select(RESERVATIONS).where(_is_coming(now), _R.start_at <= until, some)
        found += [reservation_of(row) for row in session.execute(query)]
    return sorted(found, key=lambda one: (one.start, one.handle))


def troubled(session: Session, now: datetime) -> list[Reservation]:
    """The reservations to come of which trouble is told."""
    query = select(RESERVATIONS).where(_is_coming(now), _R.trouble_since.is_not(None))
    return [reservation_of(row) for row in session.execute(query)]


def _is_coming(now: datetime) -> ColumnElement[bool]:
    return and_(_R.state.in_(sorted(COMING)), is_live(now))


def lock_seen(session: Session, seen: Reservation) -> bool:
    """Whether the reservation is what was seen, once nobody else is changing it."""
    query = select(_R.id).where(_R.handle == seen.handle, *is_still(seen)).with_for_update(key_share=True)
    return session.execute(query).first() is not None


def relocate(session: Session, seen: Reservation, port_id: int, port_number: int, now: datetime) -> Reservation | None:
    """One guarded UPDATE of the port; None where the reservation is no longer what was seen. Trouble is over with it.

    Raises PortTaken where the database's own guard refuses it.
    """
    moved = update(RESERVATIONS).where(_R.handle == seen.handle, *is_still(seen), is_live(now))
    values = {"port_id": port_id, "port_number": port_number, "updated_at": now, **trouble_values(None)}
    with guard_heard():
        row = session.execute(moved.values(values).returning(RESERVATIONS)).one_or_none()
    return None if row is None else reservation_of(row)
