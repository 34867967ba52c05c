"""SQL of limits: who is locked so that live holds and reservations ahead can be counted, and the counting."""

from datetime import datetime

from sqlalchemy import column, func, select, table
from sqlalchemy.orm import Session

from kernel.transaction import Asker
from reservations.domain.limits import LiveHold
from reservations.passing_store import is_ahead, is_held
from reservations.tables import RESERVATIONS

_DRIVERS = table("drivers", column("id"))
_CLIENTS = table("clients", column("id"))
_R = RESERVATIONS.c


def lock_driver(asker: Asker, driver_id: int) -> None:
    """Let one transaction at a time hold, confirm and modify for a driver, so that what there is can be counted."""
    asker.execute(select(_DRIVERS.c.id).where(_DRIVERS.c.id == driver_id).with_for_update(key_share=True))


def lock_client(session: Session, client_id: int) -> None:
    """Let one transaction at a time hold for a client. Taken last: whoever has it waits for nobody."""
    session.execute(select(_CLIENTS.c.id).where(_CLIENTS.c.id == client_id).with_for_update(key_share=True))


def live_holds(session: Session, driver_id: int, now: datetime) -> list[LiveHold]:
    """A driver's live holds. A card belongs to one driver, so they are all of each card's too."""
    query = select(_R.card, _R.hold_expires_at).where(_R.driver_id == driver_id, is_held(now))
    return [LiveHold(card, expires_at) for card, expires_at in session.execute(query)]


def client_hold_expiries(session: Session, client_id: int, now: datetime) -> list[datetime]:
    """When each of a client's live holds runs out."""
    query = select(_R.hold_expires_at).where(_R.client_id == client_id, is_held(now))
    return list(session.execute(query).scalars())


def count_ahead(session: Session, driver_id: int, now: datetime) -> int:
    """How many confirmed reservations of a driver are not over yet."""
    query = select(func.count()).select_from(RESERVATIONS).where(_R.driver_id == driver_id, is_ahead(now))
    return session.execute(query).scalar_one()
