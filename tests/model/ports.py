"""Ports, by the book: what they say moves reservations, and those of a port that is out of order go elsewhere."""

from datetime import datetime

from tests.model.book import Book
from tests.model.entries import EARLY, HOUR, MINUTE, OUT, PORTS, Entry, Port

OTHER_CARD = "port_in_use_by_another_card"


def report(book: Book, port: int, said: str, card: str | None) -> None:
    """A port says at this moment what it is, and which card was read there."""
    before = book.ports.get(port)
    is_news = card is not None or before is None or _kind(said) != _kind(before.said)
    if is_news and _kind(said) in ("free", "used"):
        _heard(book, port, said, card, was_used=before is not None and _kind(before.said) == "used")
    since = before.since if before is not None and before.said == said else book.now
    book.ports[port] = Port(said, book.now, since)


def _kind(said: str) -> str:
    return {"available": "free", "charging": "used", "finishing": "used"}.get(said, "out" if said in OUT else said)


def _heard(book: Book, port: int, said: str, card: str | None, *, was_used: bool) -> None:
    """Who is expected at the port has come, or has gone."""
    here = sorted((one for one in book.live_on(port) if one.start - EARLY <= book.now), key=lambda one: one.start)
    active = [one for one in here if one.state == "ACTIVE"]
    awaited = [one for one in here if one.state == "CONFIRMED"]
    if _kind(said) == "free":
        _gone(active, awaited)
    elif card is not None:
        _come_with(card, active, awaited, book.now)
    elif not was_used and not active and awaited:
        _become(awaited[0], "ACTIVE")


def _gone(active: list[Entry], awaited: list[Entry]) -> None:
    for one in active:
        _become(one, "COMPLETED")
    for one in awaited:
        if one.trouble and one.trouble[0] == OTHER_CARD:
            one.tell(None)


def _come_with(card: str, active: list[Entry], awaited: list[Entry], now: datetime) -> None:
    """The next reservation of the card begins; those of other cards are over, or in trouble once it is their time."""
    for one in active:
        if one.card != card:
            _become(one, "COMPLETED")
    for one in [one for one in awaited if one.card == card][:1]:
        _become(one, "ACTIVE")
    for one in awaited:
        if one.card != card and one.start <= now < one.end and one.trouble is None:
            one.tell((OTHER_CARD, now))


def relocate(book: Book) -> int:
    """Whoever comes soon to a port that is out of order gets one that works, or is told of it; how many were moved."""
    coming = sorted(book.in_state("HELD", "CONFIRMED").values(), key=lambda one: one.start)
    moved = 0
    for one in coming:
        if one.trouble and one.trouble[0] != OTHER_CARD and _trouble_of(book, one.port) is None:
            one.tell(None)
            moved += 1
    for one in coming:
        trouble, starts_in = _trouble_of(book, one.port), one.start - book.now
        if trouble is not None and (starts_in <= HOUR or (starts_in <= 24 * HOUR and _has_lasted(book, trouble))):
            moved += _help(book, one, trouble)
    return moved


def _has_lasted(book: Book, trouble: tuple[str, datetime]) -> bool:
    return book.now - trouble[1] >= 15 * MINUTE


def _help(book: Book, entry: Entry, trouble: tuple[str, datetime]) -> bool:
    for port, is_reservable in PORTS.items():
        works = is_reservable and _trouble_of(book, port) is None
        if port != entry.port and works and book.is_free(port, entry.start, entry.end):
            entry.port, entry.trouble = port, None
            entry.moves.append("relocated")
            return True
    if entry.trouble == trouble:
        return False
    entry.tell(trouble)
    return True


def _trouble_of(book: Book, port: int) -> tuple[str, datetime] | None:
    known = book.ports.get(port)
    return (f"port_{known.said}", known.since) if known is not None and known.said in OUT else None


def _become(entry: Entry, state: str) -> None:
    """Whoever charges, or has charged, has no trouble any more."""
    entry.become(state)
    entry.trouble = None
