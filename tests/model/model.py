"""The reference: what becomes of reservations, told in plain memory, one thing after the other.

It shares no rule with the product: it is slow, has no database, and answers the same questions. What it refuses it
refuses by the code that a client reads.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
HOLD, QUOTE, CANCELLATION = 5 * MINUTE, 10 * MINUTE, 30 * MINUTE
SHORTEST, LONGEST, FURTHEST = 15 * MINUTE, 24 * HOUR, timedelta(days=30)
GRACE = EARLY = LATE = 15 * MINUTE
EXTENSIONS, EXTENDED_BY_MOST = 2, 10 * MINUTE
MOST_HOLDS, MOST_AHEAD = 3, 20
STATION_ID = "1:1"
PORTS = {1: True, 2: True, 3: False}  # whether each can be reserved; they serve equally well
CARDS = {"ada": {"ada 1": True, "ada 2": True, "ada off": False}, "bob": {"bob 1": True}}  # whether each is active
OUT = ("faulted", "unavailable")


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
    """A quote, with what an hour cost then."""

    driver: str
    ask: Ask
    port: int
    per_hour: Decimal | None
    expires_at: datetime

    @property
    def price(self) -> Decimal | None:
        return price_of(self.ask, self.per_hour)


@dataclass(kw_only=True)
class Entry:
    """A reservation as somebody left it; `moves` is what was done to it, besides what time alone did since."""

    driver: str
    card: str
    port: int
    start: datetime
    end: datetime
    price: Decimal | None
    created_at: datetime
    hold_expires_at: datetime
    state: str = "HELD"
    confirmed_at: datetime | None = None
    extensions: int = 0
    trouble: tuple[str, datetime] | None = None
    moves: list[str] = field(default_factory=lambda: ["held"])

    @property
    def cancel_until(self) -> datetime:
        return self.start - CANCELLATION

    @property
    def no_show_at(self) -> datetime:
        return min(self.start + GRACE, self.end)

    def passed_at(self, now: datetime) -> str | None:
        """What time has made of it."""
        if self.state == "HELD" and self.hold_expires_at <= now:
            return "LAPSED"
        if self.state == "CONFIRMED" and self.no_show_at <= now:
            return "NO_SHOW"
        return "COMPLETED" if self.state == "ACTIVE" and self.end + LATE <= now else None

    def state_at(self, now: datetime) -> str:
        return self.passed_at(now) or self.state

    def is_live_at(self, now: datetime) -> bool:
        return self.state_at(now) in ("HELD", "CONFIRMED", "ACTIVE")

    def meets(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end

    def become(self, state: str) -> None:
        self.state = state
        self.moves.append(state.lower())


@dataclass
class Port:
    """What a port said last, when, and since when it says so."""

    said: str
    at: datetime
    since: datetime


class Book:
    """All reservations, in the order in which they were made; the price of an hour, and the ports, as they are now."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.per_hour: Decimal | None = Decimal("1.50")
        self.entries: dict[str, Entry] = {}
        self.promises: dict[str, Promise] = {}
        self.ports: dict[int, Port] = {}

    def quote(self, driver: str, ask: Ask, card: str | None) -> Promise:
        if card is not None:
            self._check_card(driver, card)
        port = self._free_port(ask, self._able_ports(ask, ask.port))
        return Promise(driver=driver, ask=ask, port=port, per_hour=self.per_hour, expires_at=self.now + QUOTE)

    def hold(self, driver: str, ask: Ask, card: str, promise_id: str | None) -> Entry:
        self._check_card(driver, card)
        promise = self._kept_promise(driver, ask, promise_id)
        port = self._free_port(ask, self._able_ports(ask, promise.port if promise else ask.port))
        self._check_ahead(driver)
        if len(self._of(driver, "HELD")) >= MOST_HOLDS:
            raise Refused("too_many_holds")
        return Entry(
            driver=driver,
            card=card,
            port=port,
            start=ask.start,
            end=ask.end,
            price=promise.price if promise else price_of(ask, self.per_hour),
            created_at=self.now,
            hold_expires_at=self.now + HOLD,
        )

    def confirm(self, driver: str, handle: str) -> Entry:
        entry, state = self._own(driver, handle)
        if state == "HELD":
            self._able(entry.start, [entry.port])
            self._check_ahead(driver)
            entry.become("CONFIRMED")
            entry.confirmed_at = self.now
        elif state != "CONFIRMED":
            raise Refused("hold_expired" if state == "LAPSED" else "wrong_state")
        return entry

    def release(self, driver: str, handle: str) -> Entry:
        entry, state = self._own(driver, handle)
        if state == "HELD":
            entry.become("RELEASED")
        elif state != "RELEASED":
            raise Refused("hold_expired" if state == "LAPSED" else "wrong_state")
        return entry

    def cancel(self, driver: str, handle: str) -> Entry:
        entry, state = self._own(driver, handle)
        if state != "CONFIRMED":
            raise Refused("already_cancelled" if state == "CANCELLED" else "wrong_state")
        if entry.cancel_until <= self.now:
            raise Refused("cancellation_too_late")
        entry.become("CANCELLED")
        return entry

    def extend(self, driver: str, handle: str) -> Entry:
        entry, state = self._own(driver, handle)
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

    def modify(self, driver: str, handle: str, ask: Ask, promise_id: str | None) -> Entry:
        """`ask` is the whole that it shall be."""
        entry, state = self._own(driver, handle)
        if state == "LAPSED":
            raise Refused("hold_expired")
        if state == "CONFIRMED" and entry.cancel_until <= self.now:
            raise Refused("modification_too_late")
        if state not in ("HELD", "CONFIRMED"):
            raise Refused("not_modifiable")
        if promise_id is None and (ask.start, ask.end, ask.port) == (entry.start, entry.end, entry.port):
            return entry
        promise = self._kept_promise(driver, ask, promise_id)
        entry.port = self._free_port(ask, self._able_ports(ask, ask.port), besides=entry)
        entry.start, entry.end = ask.start, ask.end
        entry.price = promise.price if promise else price_of(ask, self.per_hour)
        entry.moves.append("modified")
        return entry

    def look_up(self, driver: str, handle: str) -> Entry:
        return self._own(driver, handle)[0]

    def live_on(self, port: int) -> list[Entry]:
        return [one for one in self.entries.values() if one.port == port and one.is_live_at(self.now)]

    def taken_ports(self) -> set[int]:
        """The ports that are inside a live window now."""
        return {port for port in PORTS for one in self.live_on(port) if one.start <= self.now < one.end}

    def openings(self, span_start: datetime, span_end: datetime) -> list[tuple[int, datetime, datetime]]:
        """The free windows of each port, cut at every moment at which something begins or ends."""
        first = self.now if not self.now.microsecond else self.now.replace(microsecond=0) + timedelta(seconds=1)
        found = []
        for port in _reservable(None):
            live = self.live_on(port)
            cuts = {moment for one in live for moment in (one.start, one.end)} | {span_start, span_end, first}
            inside = sorted(cut for cut in cuts if max(span_start, first) <= cut <= span_end)
            free: list[list[datetime]] = []
            for start, end in pairwise(inside):
                if any(one.meets(start, end) for one in live):
                    continue
                if free and free[-1][1] == start:
                    free[-1][1] = end
                else:
                    free.append([start, end])
            found += [(port, start, end) for start, end in free if end - start >= SHORTEST]
        return found

    def deadlines(self) -> list[datetime]:
        """The moments at which something runs out, begins or ends, from now on."""
        found = {promise.expires_at for promise in self.promises.values()}
        for one in self.entries.values():
            found |= {one.hold_expires_at, one.cancel_until, one.start - EARLY, one.start, one.no_show_at}
            found |= {one.end, one.end + LATE}
        return sorted(moment for moment in found if moment > self.now)

    def is_out(self, port: int) -> bool:
        """Whether it says that it is out of order, or says nothing any more."""
        known = self.ports.get(port)
        return known is not None and (known.said in (*OUT, "offline") or self.now - known.at > HOUR)

    def _able_ports(self, ask: Ask, port: int | None) -> list[int]:
        """The ports to be tried, after all that is refused whatever else is in the book."""
        if ask.start.microsecond:
            raise Refused("invalid_start")
        if ask.start < self.now:
            raise Refused("start_in_past")
        if ask.start - self.now > FURTHEST:
            raise Refused("start_too_far")
        if not SHORTEST <= ask.duration_min * MINUTE <= LONGEST:
            raise Refused("invalid_duration")
        return self._able(ask.start, _reservable(port))

    def _able(self, start: datetime, ports: list[int]) -> list[int]:
        """Of these ports those that can be had so soon."""
        able = [port for port in ports if start - self.now >= HOUR or not self.is_out(port)]
        if not able:
            raise Refused("station_unreachable")
        return able

    def _free_port(self, ask: Ask, ports: list[int], besides: Entry | None = None) -> int:
        for port in ports:
            if not any(one.meets(ask.start, ask.end) for one in self.live_on(port) if one is not besides):
                return port
        raise Refused("port_taken")

    def _check_card(self, driver: str, card: str) -> None:
        if card not in CARDS[driver]:
            raise Refused("card_invalid")
        if not CARDS[driver][card]:
            raise Refused("card_not_active")

    def _check_ahead(self, driver: str) -> None:
        if len([one for one in self._of(driver, "CONFIRMED") if one.end > self.now]) >= MOST_AHEAD:
            raise Refused("too_many_reservations")

    def _kept_promise(self, driver: str, ask: Ask, promise_id: str | None) -> Promise | None:
        if promise_id is None:
            return None
        promise = self.promises[promise_id]
        is_same = (promise.ask.start, promise.ask.end) == (ask.start, ask.end) and ask.port in (None, promise.port)
        if promise.driver != driver or not is_same:
            raise Refused("quote_mismatch")
        if promise.expires_at > self.now:
            return promise
        self._free_port(ask, self._able_ports(ask, promise.port))  # a new quote is offered, where there can be one
        raise Refused("quote_expired" if promise.per_hour == self.per_hour else "price_changed")

    def _of(self, driver: str, state: str) -> list[Entry]:
        return [one for one in self.entries.values() if one.driver == driver and one.state_at(self.now) == state]

    def _own(self, driver: str, handle: str) -> tuple[Entry, str]:
        entry = self.entries.get(handle)
        if entry is None or entry.driver != driver:
            raise Refused("handle_unknown")
        return entry, entry.state_at(self.now)


def price_of(ask: Ask, per_hour: Decimal | None) -> Decimal | None:
    """The price of the time asked for, half a cent counted as one."""
    if per_hour is None:
        return None
    return (per_hour * ask.duration_min / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _reservable(asked: int | None) -> list[int]:
    if asked is not None and asked not in PORTS:
        raise Refused("unknown_port")
    found = [port for port, is_reservable in PORTS.items() if is_reservable and asked in (None, port)]
    if not found:
        raise Refused("not_reservable")
    return found
