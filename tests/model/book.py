"""The reference book of reservations: all entries, promises and ports, and what follows from them at a moment.

It shares no rule with the product: it is slow, has no database, and is asked one thing after the other.
"""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from tests.model.entries import (
    BEGINNING,
    EARLY,
    HOUR,
    LATE,
    LIVE,
    OUT,
    PORTS,
    SECOND,
    SHORTEST,
    SILENCE,
    Entry,
    Port,
    Promise,
    Refused,
)

Free = tuple[int, datetime, datetime]


class Book:
    """All reservations, in the order in which they were made; the price of an hour, and the ports, as they are now."""

    def __init__(self) -> None:
        self.now = BEGINNING
        self.per_hour: Decimal | None = Decimal("1.50")
        self.entries: dict[str, Entry] = {}
        self.promises: dict[str, Promise] = {}
        self.ports: dict[int, Port] = {}

    def in_state(self, *states: str) -> dict[str, Entry]:
        return {handle: one for handle, one in self.entries.items() if one.state_at(self.now) in states}

    def live_on(self, port: int) -> list[Entry]:
        """Whatever takes the port in its window: what has lapsed takes nothing, swept or not."""
        return [one for one in self.in_state(*LIVE).values() if one.port == port]

    def is_free(self, port: int, start: datetime, end: datetime, besides: Entry | None = None) -> bool:
        return not any(one.meets(start, end) for one in self.live_on(port) if one is not besides)

    def number_of(self, driver: str, state: str) -> int:
        return sum(one.driver == driver for one in self.in_state(state).values())

    def own(self, driver: str, handle: str) -> tuple[Entry, str]:
        """The driver's entry and its state now. That of another driver is as unknown as one that never was."""
        entry = self.entries.get(handle)
        if entry is None or entry.driver != driver:
            raise Refused("handle_unknown")
        return entry, entry.state_at(self.now)

    def taken_ports(self) -> set[int]:
        """The ports that are inside a live window now."""
        return {port for port in PORTS for one in self.live_on(port) if one.start <= self.now < one.end}

    def is_out(self, port: int) -> bool:
        """Whether it says that it is out of order, or says nothing any more; silence is counted in whole seconds."""
        known = self.ports.get(port)
        if known is None:
            return False
        return known.said in (*OUT, "offline") or (self.now - known.at) // SECOND * SECOND > SILENCE

    def openings(self, span_start: datetime, span_end: datetime) -> list[Free]:
        """The free windows of each port, from the next whole second on; of one that is out of order, in an hour."""
        found = []
        for port in reservable(None):
            soonest = self.now + HOUR if self.is_out(port) else self.now
            start = max(span_start, _whole_second(soonest))
            found += [(port, *window) for window in self._free_parts(port, start, span_end)]
        return [(port, start, end) for port, start, end in found if end - start >= SHORTEST]

    def _free_parts(self, port: int, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """A span without what is live, cut at every moment at which something begins or ends."""
        live = self.live_on(port)
        cuts = {start, end} | {moment for one in live for moment in (one.start, one.end)}
        parts: list[tuple[datetime, datetime]] = []
        for part in pairwise(sorted(cut for cut in cuts if start <= cut <= end)):
            if self.is_free(port, *part):
                begun = parts.pop()[0] if parts and parts[-1][1] == part[0] else part[0]
                parts.append((begun, part[1]))
        return parts

    def deadlines(self) -> list[datetime]:
        """The moments at which something runs out, begins or ends, from now on."""
        found = {promise.expires_at for promise in self.promises.values()}
        for one in self.entries.values():
            found |= {one.hold_expires_at, one.cancel_until, one.start - EARLY, one.start, one.no_show_at}
            found |= {one.end, one.end + LATE}
        return sorted(moment for moment in found if moment > self.now)


def reservable(asked: int | None) -> list[int]:
    """The port asked for, or else all that can be reserved, in the order in which they are tried."""
    if asked is not None and asked not in PORTS:
        raise Refused("unknown_port")
    found = [port for port, is_reservable in PORTS.items() if is_reservable and asked in (None, port)]
    if not found:
        raise Refused("not_reservable")
    return found


def _whole_second(moment: datetime) -> datetime:
    """The first that is not before the moment."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + SECOND
