"""The reference: what becomes of reservations, told in plain memory, one thing after the other.

It shares no rule with the product: it is slow, has no database, and answers the same questions. What it refuses it
refuses by the code that a client reads.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

MINUTE = timedelta(minutes=1)
HOLD, QUOTE, CANCELLATION = 5 * MINUTE, 10 * MINUTE, 30 * MINUTE
SHORTEST, LONGEST, FURTHEST = 15 * MINUTE, timedelta(hours=24), timedelta(days=30)
MOST_HOLDS = 3
STATION_ID = "1:1"
PORTS = {1: True, 2: True, 3: False}  # whether each can be reserved
CARDS = {"ada": {"ada 1": True, "ada 2": True, "ada off": False}, "bob": {"bob 1": True}}  # whether each is active


class Refused(Exception):
    """The book says no; the argument is the code."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a driver asks for."""

    start: datetime
    duration_min: int
    port: int | None = None

    @property
    def end(self) -> datetime:
        return self.start + self.duration_min * MINUTE


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A quote."""

    driver: str
    ask: Ask
    port: int
    price: Decimal | None
    expires_at: datetime


@dataclass(kw_only=True)
class Entry:
    """A reservation; `moves` are the states it has been in, so far as anybody can know them."""

    driver: str
    card: str
    port: int
    start: datetime
    end: datetime
    price: Decimal | None
    hold_expires_at: datetime
    confirmed_at: datetime | None = None
    moves: list[str] = field(default_factory=lambda: ["HELD"])

    @property
    def cancel_until(self) -> datetime:
        return self.start - CANCELLATION

    def state_at(self, now: datetime) -> str:
        written = self.moves[-1]
        return "LAPSED" if written == "HELD" and self.hold_expires_at <= now else written

    def is_live_at(self, now: datetime) -> bool:
        return self.state_at(now) in ("HELD", "CONFIRMED")


class Book:
    """All reservations, in the order in which they were made, and the price of an hour as it is now."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.per_hour: Decimal | None = Decimal("1.50")
        self.entries: dict[str, Entry] = {}
        self.promises: dict[str, Promise] = {}

    def quote(self, driver: str, ask: Ask, card: str | None) -> Promise:
        self._check(driver, ask, card)
        port = self._free_port(ask, _ports(ask.port))
        return Promise(driver=driver, ask=ask, port=port, price=self.price_of(ask), expires_at=self.now + QUOTE)

    def hold(self, driver: str, ask: Ask, card: str, promise_id: str | None) -> Entry:
        self._check(driver, ask, card)
        promise = self._kept_promise(driver, ask, promise_id) if promise_id is not None else None
        port = self._free_port(ask, _ports(promise.port if promise else ask.port))
        if (
            sum(one.driver == driver and one.state_at(self.now) == "HELD" for one in self.entries.values())
            >= MOST_HOLDS
        ):
            raise Refused("too_many_holds")
        return Entry(
            driver=driver,
            card=card,
            port=port,
            start=ask.start,
            end=ask.end,
            price=promise.price if promise else self.price_of(ask),
            hold_expires_at=self.now + HOLD,
        )

    def confirm(self, driver: str, handle: str) -> Entry:
        entry, state = self._own(driver, handle)
        if state == "LAPSED":
            raise Refused("hold_expired")
        if state == "HELD":
            entry.moves.append("CONFIRMED")
            entry.confirmed_at = self.now
        elif state != "CONFIRMED":
            raise Refused("wrong_state")
        return entry

    def release(self, driver: str, handle: str) -> Entry:
        entry, state = self._own(driver, handle)
        if state == "LAPSED":
            raise Refused("hold_expired")
        if state == "HELD":
            entry.moves.append("RELEASED")
        elif state != "RELEASED":
            raise Refused("wrong_state")
        return entry

    def cancel(self, driver: str, handle: str) -> Entry:
        entry, state = self._own(driver, handle)
        if state == "CANCELLED":
            raise Refused("already_cancelled")
        if state != "CONFIRMED":
            raise Refused("wrong_state")
        if entry.cancel_until <= self.now:
            raise Refused("cancellation_too_late")
        entry.moves.append("CANCELLED")
        return entry

    def look_up(self, driver: str, handle: str) -> Entry:
        return self._own(driver, handle)[0]

    def price_of(self, ask: Ask) -> Decimal | None:
        """The price of the hours asked for as it is now, half a cent counted as one."""
        if self.per_hour is None:
            return None
        return (self.per_hour * ask.duration_min / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def live_on(self, port: int) -> list[Entry]:
        return [one for one in self.entries.values() if one.port == port and one.is_live_at(self.now)]

    def taken_ports(self) -> set[int]:
        """The ports that are inside a live window now."""
        return {port for port in PORTS for one in self.live_on(port) if one.start <= self.now < one.end}

    def openings(self, span_start: datetime, span_end: datetime) -> list[tuple[int, datetime, datetime]]:
        """The free windows of each port, cut at every moment at which something begins or ends."""
        first = self.now if not self.now.microsecond else self.now.replace(microsecond=0) + timedelta(seconds=1)
        found = []
        for port in _ports(None):
            live = self.live_on(port)
            cuts = {moment for one in live for moment in (one.start, one.end)} | {span_start, span_end, first}
            inside = sorted(cut for cut in cuts if max(span_start, first) <= cut <= span_end)
            free: list[list[datetime]] = []
            for start, end in pairwise(inside):
                if any(one.start < end and start < one.end for one in live):
                    continue
                if free and free[-1][1] == start:
                    free[-1][1] = end
                else:
                    free.append([start, end])
            found += [(port, start, end) for start, end in free if end - start >= SHORTEST]
        return found

    def deadlines(self) -> list[datetime]:
        """The moments at which something runs out, begins or ends, from now on."""
        of_entries = [(one.hold_expires_at, one.cancel_until, one.start, one.end) for one in self.entries.values()]
        found = {moment for moments in of_entries for moment in moments}
        found |= {promise.expires_at for promise in self.promises.values()}
        return sorted(moment for moment in found if moment > self.now)

    def _check(self, driver: str, ask: Ask, card: str | None) -> None:
        """What is refused whatever else is in the book, in the order in which it is told."""
        if ask.start.microsecond:
            raise Refused("invalid_start")
        if ask.start < self.now:
            raise Refused("start_in_past")
        if ask.start - self.now > FURTHEST:
            raise Refused("start_too_far")
        if not SHORTEST <= ask.duration_min * MINUTE <= LONGEST:
            raise Refused("invalid_duration")
        if card is not None and card not in CARDS[driver]:
            raise Refused("card_invalid")
        if card is not None and not CARDS[driver][card]:
            raise Refused("card_not_active")

    def _kept_promise(self, driver: str, ask: Ask, promise_id: str) -> Promise:
        promise = self.promises[promise_id]
        is_same = (promise.ask.start, promise.ask.end) == (ask.start, ask.end) and ask.port in (None, promise.port)
        if promise.driver != driver or not is_same:
            raise Refused("quote_mismatch")
        if promise.expires_at <= self.now:
            raise Refused("quote_expired")
        return promise

    def _free_port(self, ask: Ask, ports: list[int]) -> int:
        for port in ports:
            if not any(one.start < ask.end and ask.start < one.end for one in self.live_on(port)):
                return port
        raise Refused("port_taken")

    def _own(self, driver: str, handle: str) -> tuple[Entry, str]:
        entry = self.entries.get(handle)
        if entry is None or entry.driver != driver:
            raise Refused("handle_unknown")
        return entry, entry.state_at(self.now)


def _ports(asked: int | None) -> list[int]:
    if asked is not None and asked not in PORTS:
        raise Refused("unknown_port")
    found = [port for port, is_reservable in PORTS.items() if is_reservable and asked in (None, port)]
    if not found:
        raise Refused("not_reservable")
    return found
