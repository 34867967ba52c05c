"""What drivers may do, by the book: each deed is done to it, or refused by the code that a client reads."""

from datetime import timedelta

from tests.model.book import Book
from tests.model.conditions import able, able_ports, check_ahead, check_card, check_holds, free_port, kept_promise
from tests.model.entries import EXTENDED_BY_MOST, EXTENSIONS, HOLD, QUOTE, Ask, Entry, Promise, Refused


def quote(book: Book, driver: str, ask: Ask, card: str | None) -> Promise:
    """A price for a port that is free now; nothing is held."""
    if card is not None:
        check_card(driver, card)
    port = free_port(book, ask, able_ports(book, ask, ask.port))
    return Promise(driver=driver, ask=ask, port=port, per_hour=book.per_hour, expires_at=book.now + QUOTE)


def hold(book: Book, driver: str, ask: Ask, card: str, quote_id: str | None) -> Entry:
    """The first port that is free, for minutes, at the promised price or today's."""
    check_card(driver, card)
    promise = kept_promise(book, driver, ask, quote_id)
    port = free_port(book, ask, able_ports(book, ask, promise.port if promise else ask.port))
    check_ahead(book, driver)
    check_holds(book, driver)
    return Entry(
        driver=driver,
        card=card,
        port=port,
        start=ask.start,
        end=ask.end,
        price=promise.price if promise else ask.price(book.per_hour),
        created_at=book.now,
        hold_expires_at=book.now + HOLD,
    )


def confirm(book: Book, driver: str, handle: str) -> Entry:
    """A hold becomes a reservation, at the price it was held for; once more is the same."""
    entry, state = book.own(driver, handle)
    if state == "HELD":
        able(book, entry.start, [entry.port])
        check_ahead(book, driver)
        entry.become("CONFIRMED")
        entry.confirmed_at = book.now
    elif state != "CONFIRMED":
        raise Refused("hold_expired" if state == "LAPSED" else "wrong_state")
    return entry


def release(book: Book, driver: str, handle: str) -> Entry:
    """Only a hold is released; once more is the same."""
    entry, state = book.own(driver, handle)
    if state == "HELD":
        entry.become("RELEASED")
    elif state != "RELEASED":
        raise Refused("hold_expired" if state == "LAPSED" else "wrong_state")
    return entry


def cancel(book: Book, driver: str, handle: str) -> Entry:
    """Only what is confirmed is cancelled, in time, and once."""
    entry, state = book.own(driver, handle)
    if state != "CONFIRMED":
        raise Refused("already_cancelled" if state == "CANCELLED" else "wrong_state")
    if entry.cancel_until <= book.now:
        raise Refused("cancellation_too_late")
    entry.become("CANCELLED")
    return entry


def extend(book: Book, driver: str, handle: str) -> Entry:
    """A hold gets another five minutes, twice at most, and never into its own window."""
    entry, state = book.own(driver, handle)
    if state != "HELD":
        raise Refused("hold_expired" if state == "LAPSED" else "wrong_state")
    left = entry.created_at + HOLD + EXTENDED_BY_MOST - entry.hold_expires_at
    if entry.extensions >= EXTENSIONS or left <= timedelta(0):
        raise Refused("no_extension_left")
    until = entry.hold_expires_at + min(left, HOLD)
    if until > entry.start:
        raise Refused("extension_too_late")
    entry.hold_expires_at, entry.extensions = until, entry.extensions + 1
    entry.moves.append("extended")
    return entry


def modify(book: Book, driver: str, handle: str, ask: Ask, quote_id: str | None) -> Entry:
    """It becomes what is asked for, as a whole or not at all; its own window is not in its way."""
    entry, state = book.own(driver, handle)
    if state == "LAPSED":
        raise Refused("hold_expired")
    if state == "CONFIRMED" and entry.cancel_until <= book.now:
        raise Refused("modification_too_late")
    if state not in ("HELD", "CONFIRMED"):
        raise Refused("not_modifiable")
    if quote_id is None and (ask.start, ask.end, ask.port) == (entry.start, entry.end, entry.port):
        return entry
    promise = kept_promise(book, driver, ask, quote_id)
    entry.port = free_port(book, ask, able_ports(book, ask, ask.port), besides=entry)
    entry.start, entry.end = ask.start, ask.end
    entry.price = promise.price if promise else ask.price(book.per_hour)
    entry.moves.append("modified")
    return entry


def look_up(book: Book, driver: str, handle: str) -> Entry:
    return book.own(driver, handle)[0]
