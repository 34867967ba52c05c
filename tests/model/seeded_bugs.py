"""Bugs put in on purpose, one at a time: what the machine must find, or else it finds nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from reservations import (
    attendance,
    desk,
    events,
    expiry,
    hoarding,
    modification,
    offers,
    passing_store,
    quote_store,
    store,
)
from reservations.domain.history import Cause
from reservations.domain.lifecycle import CANCEL, CONFIRM, RELEASE, State
from reservations.events import tell
from reservations.modification import Modification
from reservations.records import price_values
from reservations.tables import RESERVATIONS
from tests.model.ground import Ground
from tests.model.model import STATION_ID
from tests.stores.test_reservation_guard import drop_guard

Bug = Callable[[Ground, pytest.MonkeyPatch], None]
_R = RESERVATIONS.c
_LONG = timedelta(days=60)


def lapsed_hold_still_blocks(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    """Nobody writes the lapse down, so the guard refuses what the check let pass."""
    patch.setattr(desk, "lapse_on_port", lambda *_: None)


def confirm_ignores_the_expiry(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    _move_as_if(patch, lambda deed, now: now - _LONG if deed is CONFIRM else now)


def confirm_at_the_very_expiry(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    """Less or equal instead of less."""
    _move_as_if(patch, lambda deed, now: now - timedelta(microseconds=1) if deed is CONFIRM else now)


def cancel_after_its_deadline(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    _move_as_if(patch, lambda deed, now: now - _LONG if deed is CANCEL else now)


def touching_windows_refused(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    def find_overlap(session: Session, port_id: int, window: Any, now: Any, besides: str | None = None) -> bool:
        touches = and_(_R.start_at <= window.end, _R.end_at >= window.start, _R.handle != (besides or ""))
        found = exists().where(_R.port_id == port_id, touches, passing_store.is_live(now))
        return bool(session.execute(select(found)).scalar_one())

    _replace_desk(ground, patch, find_overlap=find_overlap)


def overlaps_unchecked_and_unguarded(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    drop_guard(ground.database)
    _replace_desk(ground, patch, find_overlap=lambda *_: False)


def confirmed_ones_released(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    move = store.move

    def moved(session: Session, handle: str, driver_id: int, deed: Any, now: Any) -> Any:
        done = move(session, handle, driver_id, deed, now)
        if done is None and deed is RELEASE:
            is_confirmed = and_(_R.handle == handle, _R.state == State.CONFIRMED.value)
            released = {"state": State.RELEASED.value, "confirmed_at": None, "updated_at": now}
            session.execute(update(RESERVATIONS).where(is_confirmed).values(released))
            return store.reservation(session, handle, driver_id)
        return done

    patch.setattr(store, "move", moved)


def price_made_anew_at_confirming(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    move = store.move

    def moved(session: Session, handle: str, driver_id: int, deed: Any, now: Any) -> Any:
        done = move(session, handle, driver_id, deed, now)
        if done is not None and deed is CONFIRM:
            listed = ground.catalogue.listed(STATION_ID)
            price = offers.price_of(listed.station, listed.ports[0].port, done.window)
            session.execute(update(RESERVATIONS).where(_R.handle == handle).values(price=price_values(price)))
        return done

    patch.setattr(store, "move", moved)


def quoted_price_forgotten(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    quote = quote_store.quote

    def quoted(session: Session, quote_id: str, driver_id: int) -> Any:
        found = quote(session, quote_id, driver_id)
        listed = ground.catalogue.listed(STATION_ID)
        return replace(found, price=offers.price_of(listed.station, listed.ports[0].port, found.window))

    patch.setattr(quote_store, "quote", quoted)


def sweep_announces_twice(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    def tell_twice(session: Session, passed: Any) -> None:
        for one in (*passed, *passed):
            tell(session, one, one.updated_at)

    patch.setattr(expiry, "_tell_all", tell_twice)


def foreign_driver_confirms(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store, "_owned", lambda handle, _: _R.handle == handle)


def hold_limit_off(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hoarding, "check_holds", lambda *_: None)


def old_window_kept_in_the_way(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    """A reservation that is modified is refused because of itself."""
    find_overlap = ground.desk.find_overlap
    _replace_desk(
        ground, patch, find_overlap=lambda session, port, window, now, *_: find_overlap(session, port, window, now)
    )


def modified_at_the_old_price(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    modified = modification.modified
    patch.setattr(modification, "modified", lambda old, terms, now: replace(modified(old, terms, now), price=old.price))


def extended_without_end(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(modification, "extended_until", lambda hold: hold.hold_expires_at + timedelta(minutes=5))


def any_card_begins_a_session(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    signs = attendance.signs
    patch.setattr(attendance, "signs", lambda here, seen: signs(here, replace(seen, card=None)))


def no_history_of_what_time_does(ground: Ground, patch: pytest.MonkeyPatch) -> None:
    add_move = events.history_store.add_move

    def added(session: Session, handle: str, **move: Any) -> None:
        if move["cause"] is not Cause.TIME:
            add_move(session, handle, **move)

    patch.setattr(events.history_store, "add_move", added)


BUGS: Mapping[str, Bug] = {
    bug.__name__: bug
    for bug in (
        lapsed_hold_still_blocks,
        confirm_ignores_the_expiry,
        confirm_at_the_very_expiry,
        cancel_after_its_deadline,
        touching_windows_refused,
        overlaps_unchecked_and_unguarded,
        confirmed_ones_released,
        price_made_anew_at_confirming,
        quoted_price_forgotten,
        sweep_announces_twice,
        foreign_driver_confirms,
        hold_limit_off,
        old_window_kept_in_the_way,
        modified_at_the_old_price,
        extended_without_end,
        any_card_begins_a_session,
        no_history_of_what_time_does,
    )
}


@contextmanager
def seeded(ground: Ground, bug: Bug) -> Iterator[None]:
    """The product with the bug, inside the block."""
    with pytest.MonkeyPatch.context() as patch:
        bug(ground, patch)
        yield


def _replace_desk(ground: Ground, patch: pytest.MonkeyPatch, **changes: Any) -> None:
    changed = replace(ground.desk, **changes)
    patch.setattr(ground, "desk", changed)
    patch.setattr(ground, "modification", Modification(changed))


def _move_as_if(patch: pytest.MonkeyPatch, time_of: Callable[[Any, Any], Any]) -> None:
    """Moves that believe it to be earlier than it is."""
    move = store.move

    def moved(session: Session, handle: str, driver_id: int, deed: Any, now: Any) -> Any:
        return move(session, handle, driver_id, deed, time_of(deed, now))

    patch.setattr(store, "move", moved)
