"""SQL of sign-ins: tallies of tries, and the places that drivers have signed in from."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from accounts.domain.tallies import Tally
from accounts.tables import PlaceRow, TallyRow
from kernel.transaction import is_postgresql


def locked_tally(session: Session, name: str, now: datetime) -> Tally:
    """The tally, nobody else's until the transaction ends; one that was not there is made, and over already."""
    made = {"name": name, "tries": 0, "streak": 0, "ends_at": now}
    session.execute(_dialect(session).insert(TallyRow).values(made).on_conflict_do_nothing())
    query = select(TallyRow).where(TallyRow.name == name).with_for_update()
    row = session.execute(query.execution_options(populate_existing=True)).scalar_one()
    return Tally(row.tries, row.ends_at, row.streak)


def keep_tally(session: Session, name: str, tally: Tally) -> None:
    kept = {"tries": tally.tries, "streak": tally.streak, "ends_at": tally.ends_at}
    session.execute(update(TallyRow).where(TallyRow.name == name).values(kept))


def knows_place(session: Session, name: str, *, since: datetime) -> bool:
    """Whether there was a sign-in from the place since then."""
    query = select(PlaceRow.name).where(PlaceRow.name == name, PlaceRow.last_at >= since)
    return session.execute(query).first() is not None


def remember_place(session: Session, name: str, *, driver_id: int, now: datetime) -> None:
    row = {"name": name, "driver_id": driver_id, "last_at": now}
    upsert = _dialect(session).insert(PlaceRow).values(row)
    session.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=row))


def forget_places(session: Session, driver_id: int) -> None:
    session.execute(delete(PlaceRow).where(PlaceRow.driver_id == driver_id))


def forget_old(session: Session, *, tallies_before: datetime, places_before: datetime) -> int:
    """Drop what ended before; returns how many rows."""
    tallies = session.execute(delete(TallyRow).where(TallyRow.ends_at < tallies_before))
    places = session.execute(delete(PlaceRow).where(PlaceRow.last_at < places_before))
    return int(tallies.rowcount + places.rowcount)  # type: ignore[attr-defined]


def _dialect(session: Session):  # type: ignore[no-untyped-def]
    """The module whose `insert` knows ON CONFLICT."""
    return postgresql if is_postgresql(session) else sqlite
