"""The reference, its ports: what they say moves reservations, and those of a port that is out of order go elsewhere."""

from datetime import datetime

from tests.model.model import EARLY, HOUR, MINUTE, OUT, PORTS, Book, Entry, Port

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
    here = sorted((one for one in book.live_on(port) if one.start - EARLY <= book.now), key=lambda one: one.start)
    active = [one for one in here if one.state == "ACTIVE"]
    awaited = [one for one in here if one.state == "CONFIRMED"]
    if _kind(said) == "free":
        for one in active:
            _become(one, "COMPLETED")
        for one in awaited:
            if one.trouble and one.trouble[0] == OTHER_CARD:
                _tell(one, None)
    elif card is None:
        if not was_used and not active:
            for one in awaited[:1]:
                _become(one, "ACTIVE")
    else:
        for one in active:
            if one.card != card:
                _become(one, "COMPLETED")
        for one in [one for one in awaited if one.card == card][:1]:
            _become(one, "ACTIVE")
        for one in awaited:
            if one.card != card and one.start <= book.now < one.end and one.trouble is None:
                _tell(one, (OTHER_CARD, book.now))


def relocate(book: Book) -> int:
    """Whoever comes soon to a port that is out of order gets one that works, or is told of it; how many were moved."""
    coming = sorted(
        (one.start, handle, one)
        for handle, one in book.entries.items()
        if one.state_at(book.now) in ("HELD", "CONFIRMED") and one.start <= book.now + 24 * HOUR
    )
    moved = 0
    for one in book.entries.values():
        is_coming = one.state_at(book.now) in ("HELD", "CONFIRMED")
        if is_coming and one.trouble and one.trouble[0] != OTHER_CARD and _trouble_of(book, one.port) is None:
            _tell(one, None)
            moved += 1
    for _, _, one in coming:
        trouble = _trouble_of(book, one.port)
        if trouble is not None and (one.start - book.now <= HOUR or book.now - trouble[1] >= 15 * MINUTE):
            moved += _help(book, one, trouble)
    return moved


def _help(book: Book, entry: Entry, trouble: tuple[str, datetime]) -> bool:
    for port, is_reservable in PORTS.items():
        is_free = not any(one.meets(entry.start, entry.end) for one in book.live_on(port))
        if port != entry.port and is_reservable and _trouble_of(book, port) is None and is_free:
            entry.port, entry.trouble = port, None
            entry.moves.append("relocated")
            return True
    if entry.trouble == trouble:
        return False
    _tell(entry, trouble)
    return True


def _trouble_of(book: Book, port: int) -> tuple[str, datetime] | None:
    known = book.ports.get(port)
    return (f"port_{known.said}", known.since) if known is not None and known.said in OUT else None


def _become(entry: Entry, state: str) -> None:
    entry.become(state)
    entry.trouble = None


def _tell(entry: Entry, trouble: tuple[str, datetime] | None) -> None:
    entry.trouble = trouble
    entry.moves.append("flagged" if trouble else "cleared")
