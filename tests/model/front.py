"""The product as a driver meets it: the desk's own methods, asked in the words of the model."""

from typing import Any

from reservations.domain.reservation import Change, Quote, Reservation, Wish
from tests.model.entries import STATION_ID, Ask
from tests.model.ground import Ground


def quote(ground: Ground, driver: str, ask: Ask, card: str | None) -> Quote:
    return ground.desk.quote(ground.drivers[driver], _wish(ask), card=card)


def hold(ground: Ground, driver: str, ask: Ask, card: str, quote_id: str | None) -> Reservation:
    return ground.desk.hold(ground.drivers[driver], _wish(ask), card=card, quote_id=quote_id)


def do(ground: Ground, deed: str, driver: str, handle: str) -> Reservation:
    """Confirm, release, cancel, extend or look up."""
    counter: Any = ground.modification if deed == "extend" else ground.desk
    done: Reservation = getattr(counter, deed)(ground.drivers[driver], handle)
    return done


def modify(ground: Ground, driver: str, handle: str, ask: Ask, quote_id: str | None) -> Reservation:
    change = Change(start=ask.start, duration_min=ask.duration_min, port_number=ask.port, quote_id=quote_id)
    return ground.modification.modify(ground.drivers[driver], handle, change)


def told(one: Reservation) -> dict[str, Any]:
    """What a driver is told, by the names of an entry."""
    named = {name: getattr(one, name) for name in ("card", "start", "end", "hold_expires_at", "cancel_until")}
    named |= {"confirmed_at": one.confirmed_at, "extensions": one.extensions}
    return named | {"state": one.state.value, "port": one.port_number, "price": one.price.total}


def _wish(ask: Ask) -> Wish:
    return Wish(station_id=STATION_ID, start=ask.start, duration_min=ask.duration_min, port_number=ask.port)
