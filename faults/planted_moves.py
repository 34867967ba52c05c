"""Bugs in what drivers do to a reservation: moves, deadlines, prices and owners."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, update
from sqlalchemy.orm import Session

from faults.planting import Bug, Soil
from reservations import modification, store
from reservations.domain.lifecycle import CANCEL, CONFIRM, RELEASE, Deed
from reservations.prices import price_of
from reservations.records import price_values, reservation_of
from reservations.tables import RESERVATIONS
from tests.model.entries import STATION_ID

_R = RESERVATIONS.c
_LONG = timedelta(days=60)
_INSTANT = timedelta(microseconds=1)


def blind_moves(soil: Soil) -> None:
    """The UPDATE looks neither at the state nor at the deadline."""

    def move(session: Session, handle: str, driver_id: int, deed: Deed, now: datetime) -> Any:
        confirmed_at = None if deed is RELEASE else now
        values = {"state": deed.target.value, "updated_at": now, "confirmed_at": confirmed_at}
        mine = and_(_R.handle == handle, _R.driver_id == driver_id)
        row = session.execute(update(RESERVATIONS).where(mine).values(values).returning(RESERVATIONS)).one_or_none()
        return None if row is None else reservation_of(row)

    soil.put(store, "move", lambda _: move)


def confirmed_after_expiry(soil: Soil) -> None:
    _move_as_if(soil, CONFIRM, _LONG)


def confirmed_at_the_very_expiry(soil: Soil) -> None:
    """Less or equal instead of less."""
    _move_as_if(soil, CONFIRM, _INSTANT)


def cancelled_too_late(soil: Soil) -> None:
    _move_as_if(soil, CANCEL, _LONG)


def cancelled_at_the_very_deadline(soil: Soil) -> None:
    _move_as_if(soil, CANCEL, _INSTANT)


def _move_as_if(soil: Soil, late: Deed, span: timedelta) -> None:
    """A move that believes it to be earlier than it is."""

    def make(there: Any) -> Any:
        def move(session: Session, handle: str, driver_id: int, deed: Deed, now: datetime) -> Any:
            return there(session, handle, driver_id, deed, now - span if deed is late else now)

        return move

    soil.put(store, "move", make)


def price_made_anew_at_confirming(soil: Soil) -> None:
    def again(session: Session, done: Any) -> None:
        listed = soil.ground.catalogue.listed(STATION_ID)
        price = price_of(listed.station, listed.ports[0].port, done.window)
        session.execute(update(RESERVATIONS).where(_R.handle == done.handle).values(price=price_values(price)))

    _after_move(soil, CONFIRM, again)


def _after_move(soil: Soil, wanted: Deed, work: Callable[[Session, Any], None]) -> None:
    def make(there: Any) -> Any:
        def move(session: Session, handle: str, driver_id: int, deed: Deed, now: datetime) -> Any:
            done = there(session, handle, driver_id, deed, now)
            if done is not None and deed is wanted:
                work(session, done)
            return done

        return move

    soil.put(store, "move", make)


def anybody_confirms(soil: Soil) -> None:
    """A handle is enough, whoever's it is."""
    soil.put(store, "_owned", lambda _: lambda handle, _driver_id: _R.handle == handle)


def extended_without_end(soil: Soil) -> None:
    soil.put(modification, "extended_until", lambda _: lambda hold: hold.hold_expires_at + timedelta(minutes=5))


MOVE_BUGS: Mapping[str, Bug] = {
    bug.__name__: bug
    for bug in (
        *(blind_moves, confirmed_after_expiry, confirmed_at_the_very_expiry, cancelled_too_late),
        *(cancelled_at_the_very_deadline, price_made_anew_at_confirming, anybody_confirms, extended_without_end),
    )
}
