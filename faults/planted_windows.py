"""Bugs in who may have a port: overlaps, limits, promises and openings. Each is one that somebody could write."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, update
from sqlalchemy.orm import Session

from faults.planting import Bug, Soil
from kernel.window import Window
from reservations import desk, hoarding, modification, openings, quote_store
from reservations.domain.lifecycle import State
from reservations.domain.policy import PortTaken
from reservations.domain.reservation import Quote
from reservations.modification import Modification
from reservations.prices import price_of
from reservations.tables import RESERVATIONS
from tests.model.entries import STATION_ID

_R = RESERVATIONS.c
_INSTANT = timedelta(microseconds=1)
_GIVEN_UP = {State.HELD: State.RELEASED, State.CONFIRMED: State.CANCELLED}


def overlaps_let_through(soil: Soil) -> None:
    """Nobody looks whether the port is taken, and the database's guard is gone."""
    there = soil.ground.desk.look
    soil.drop_guard()
    soil.change_desk(
        look=lambda session, **asked: replace(there(session, **asked), is_taken=False), find_overlap=lambda *_: False
    )


def relocated_onto_another(soil: Soil) -> None:
    """A driver whose port is out of order is sent to one that is taken."""
    soil.drop_guard()
    soil.put(soil.ground, "relocation", lambda there: replace(there, find_overlap=lambda *_: False))


def touching_windows_refused(soil: Soil) -> None:
    """Off by one: a window that ends when another begins is said to overlap."""
    look, find_overlap = soil.ground.desk.look, soil.ground.desk.find_overlap

    def wider(window: Window) -> Window:
        return Window(window.start - _INSTANT, window.end + _INSTANT)

    soil.change_desk(
        look=lambda session, window, **asked: look(session, window=wider(window), **asked),
        find_overlap=lambda session, port_id, window, *asked: find_overlap(session, port_id, wider(window), *asked),
    )


def lapsed_hold_in_the_way(soil: Soil) -> None:
    """Nobody writes the lapse down, so the guard refuses what the check let pass."""
    soil.put(desk, "lapse_on_port", lambda _: lambda *_: None)


def own_window_in_the_way(soil: Soil) -> None:
    """A reservation that is modified is refused because of itself."""
    there = soil.ground.desk.find_overlap
    soil.change_desk(find_overlap=lambda session, port, window, now, *_: there(session, port, window, now))


def old_window_given_up_first(soil: Soil) -> None:
    """Where the new window cannot be had, the old one is gone too."""

    def make(there: Any) -> Any:
        def modify(self: Modification, driver: Any, handle: str, change: Any) -> Any:
            try:
                return there(self, driver, handle, change)
            except PortTaken:
                with self._database.writing() as session:
                    for state, given_up in _GIVEN_UP.items():
                        is_it = and_(_R.handle == handle, _R.state == state.value)
                        session.execute(update(RESERVATIONS).where(is_it).values(state=given_up.value))
                raise

        return modify

    soil.put(Modification, "modify", make)


def holds_not_counted(soil: Soil) -> None:
    soil.put(hoarding, "check_holds", lambda _: lambda *_: None)


def reservations_not_counted(soil: Soil) -> None:
    soil.put(hoarding, "check_reservations", lambda _: lambda *_: None)


def quoted_price_forgotten(soil: Soil) -> None:
    """Who comes with a quote pays what the owner asks today."""

    def make(there: Any) -> Any:
        def quote(session: Session, quote_id: str, driver_id: int) -> Quote:
            found: Quote = there(session, quote_id, driver_id)
            listed = soil.ground.catalogue.listed(STATION_ID)
            return replace(found, price=price_of(listed.station, listed.ports[0].port, found.window))

        return quote

    soil.put(quote_store, "quote", make)


def quote_good_for_ever(soil: Soil) -> None:
    def make(there: Any) -> Any:
        def quote(session: Session, quote_id: str, driver_id: int) -> Quote:
            found: Quote = there(session, quote_id, driver_id)
            return replace(found, expires_at=found.expires_at + timedelta(days=1))

        return quote

    soil.put(quote_store, "quote", make)


def modified_at_the_old_price(soil: Soil) -> None:
    def make(there: Any) -> Any:
        return lambda old, terms, now: replace(there(old, terms, now), price=old.price)

    soil.put(modification, "modified", make)


def openings_of_broken_ports(soil: Soil) -> None:
    """What is out of order is offered at once."""

    def make(there: Any) -> Any:
        return lambda station, policy, now, **_: there(station, policy, now)

    soil.put(openings, "terms_of", make)


WINDOW_BUGS: Mapping[str, Bug] = {
    bug.__name__: bug
    for bug in (
        *(overlaps_let_through, relocated_onto_another, touching_windows_refused, lapsed_hold_in_the_way),
        *(own_window_in_the_way, old_window_given_up_first, holds_not_counted, reservations_not_counted),
        *(quoted_price_forgotten, quote_good_for_ever, modified_at_the_old_price, openings_of_broken_ports),
    )
}
