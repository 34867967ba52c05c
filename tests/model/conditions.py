"""What must be so for a port to be had, by the book: the card, the limits, the window, the port, the promise."""

from datetime import datetime

from tests.model.book import Book, reservable
from tests.model.entries import (
    CARDS,
    FURTHEST,
    HOUR,
    LONGEST,
    MINUTE,
    MOST_AHEAD,
    MOST_HOLDS,
    SHORTEST,
    Ask,
    Entry,
    Promise,
    Refused,
)


def check_card(driver: str, card: str) -> None:
    if card not in CARDS[driver]:
        raise Refused("card_invalid")
    if not CARDS[driver][card]:
        raise Refused("card_not_active")


def check_ahead(book: Book, driver: str) -> None:
    """What a driver has confirmed and may still come for."""
    if book.number_of(driver, "CONFIRMED") >= MOST_AHEAD:
        raise Refused("too_many_reservations")


def check_holds(book: Book, driver: str) -> None:
    if book.number_of(driver, "HELD") >= MOST_HOLDS:
        raise Refused("too_many_holds")


def able_ports(book: Book, ask: Ask, port: int | None) -> list[int]:
    """The ports to be tried, after all that is refused whatever else is in the book."""
    if ask.start.microsecond:
        raise Refused("invalid_start")
    if ask.start < book.now:
        raise Refused("start_in_past")
    if ask.start - book.now > FURTHEST:
        raise Refused("start_too_far")
    if not SHORTEST <= ask.duration_min * MINUTE <= LONGEST:
        raise Refused("invalid_duration")
    return able(book, ask.start, reservable(port))


def able(book: Book, start: datetime, ports: list[int]) -> list[int]:
    """A port that is out of order cannot be had within the hour; what it says now tells nothing about later."""
    found = [port for port in ports if start - book.now >= HOUR or not book.is_out(port)]
    if not found:
        raise Refused("station_unreachable")
    return found


def free_port(book: Book, ask: Ask, ports: list[int], besides: Entry | None = None) -> int:
    free = next((port for port in ports if book.is_free(port, ask.start, ask.end, besides)), None)
    if free is None:
        raise Refused("port_taken")
    return free


def kept_promise(book: Book, driver: str, ask: Ask, quote_id: str | None) -> Promise | None:
    """The driver's quote for exactly this; one that has run out is refused, and a new one offered where possible."""
    if quote_id is None:
        return None
    promise = book.promises[quote_id]
    is_same = (promise.ask.start, promise.ask.end) == (ask.start, ask.end) and ask.port in (None, promise.port)
    if promise.driver != driver or not is_same:
        raise Refused("quote_mismatch")
    if promise.expires_at > book.now:
        return promise
    free_port(book, ask, able_ports(book, ask, promise.port))
    raise Refused("quote_expired" if promise.per_hour == book.per_hour else "price_changed")
