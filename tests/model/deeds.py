"""How the machine does things: at the desk and in the book alike, with windows and reservations that fit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any, TypeVar

from reservations.domain.reservation import Reservation
from tests.model import drivers, front
from tests.model.checks import CheckedMachine
from tests.model.entries import BEGINNING, CARDS, FURTHEST, MICROSECOND, MINUTE, SECOND, Ask, Entry, Promise

Key = TypeVar("Key")
SLOT = 15 * MINUTE


class DoingMachine(CheckedMachine):
    """Deeds of drivers, and the clock; what is told of each is compared."""

    def do_quote(self, driver: str, ask: Ask, card: str | None) -> None:
        made, promise = self.both(
            lambda: front.quote(self.ground, driver, ask, card), lambda: drivers.quote(self.book, driver, ask, card)
        )
        if isinstance(promise, Promise):
            self.book.promises[made.quote_id], self.is_priced = promise, True
            assert (made.port_number, made.start, made.end) == (promise.port, promise.ask.start, promise.ask.end)
            assert (made.price.total, made.expires_at) == (promise.price, promise.expires_at)

    def do_hold(self, driver: str, ask: Ask, card: str, quote_id: str | None) -> None:
        self.do(
            lambda: front.hold(self.ground, driver, ask, card, quote_id),
            lambda: drivers.hold(self.book, driver, ask, card, quote_id),
        )

    def do(self, deed: Callable[[], Reservation], reference: Callable[[], Entry]) -> None:
        """What the driver is told of the reservation is what the book says of it, which a new one is put into."""
        done, entry = self.both(deed, reference)
        if isinstance(entry, Entry):
            self.book.entries.setdefault(done.handle, entry)
            self.is_priced = True
            expected = self._expected(self.book.entries[done.handle])
            told = front.told(done)
            assert told == {name: expected[name] for name in told}

    def move_clock(self, span: timedelta) -> None:
        self.book.now += span
        self.ground.move_clock(self.book.now)
        self.is_free_news = True

    def modify_to(self, driver: str, handle: str, ask: Ask, quote_id: str | None) -> None:
        self.do(
            partial(front.modify, self.ground, driver, handle, ask, quote_id),
            partial(drivers.modify, self.book, driver, handle, ask, quote_id),
        )

    def act(self, deed: str, driver: str, handle: str) -> None:
        self.do(
            partial(front.do, self.ground, deed, driver, handle),
            partial(getattr(drivers, deed), self.book, driver, handle),
        )

    def chosen(self, states: list[str], which: int, strays: bool) -> tuple[str, Entry]:
        """One in a state that fits, made for it where there is none; seldom any. There is always one: see `begin`."""
        if not strays and not self.book.in_state(*states):
            self.make(states[0])
        return of_late(self.book.entries if strays else self.book.in_state(*states) or self.book.entries, which)

    def make(self, state: str) -> None:
        """A reservation in that state, of bob, who seldom comes to the limits."""
        self.do_hold("bob", self.free_ask(), card_of("bob", 0), None)
        if state == "CONFIRMED" and (held := self.book.in_state("HELD")):
            handle, entry = of_late(held, 0)
            self.act("confirm", entry.driver, handle)

    def free_ask(self) -> Ask:
        """For the first window that is free, late enough for all that can be done to it."""
        asks = (self.ask(slot, 30, port) for slot, port in product(range(5, 100), (1, 2)))
        return next(ask for ask in asks if self.book.is_free(ask.port or 0, ask.start, ask.end))

    def ask(self, slot: int, duration: int, port: int | None) -> Ask:
        """A window that begins at a quarter of an hour from now on, so that many overlap and many touch."""
        passed = -(-(self.book.now - BEGINNING) // SLOT)
        return Ask(start=BEGINNING + (passed + slot) * SLOT, duration_min=duration, port=port)

    def odd_ask(self, odd: str) -> Ask:
        good = self.ask(1, 15, None)
        whole = self.book.now.replace(microsecond=0)
        odd_ones: dict[str, dict[str, Any]] = {
            "past": {"start": whole - SECOND},
            "far": {"start": whole + FURTHEST + SECOND},
            "furthest": {"start": whole + FURTHEST},
            "second": {"start": good.start + MICROSECOND},
            "short": {"duration_min": 14},
            "long": {"duration_min": 24 * 60 + 1},
            "longest": {"duration_min": 24 * 60},
            "port-3": {"port": 3},
            "port-4": {"port": 4},
        }
        return replace(good, **odd_ones.get(odd, {}))


def of_late(kept: Mapping[Key, Any], which: int) -> tuple[Key, Any]:
    """One of them, counted from the latest."""
    names = list(kept)
    name = names[-1 - which % len(names)]
    return name, kept[name]


def card_of(driver: str, which: int) -> str:
    active = [card for card, is_active in CARDS[driver].items() if is_active]
    return active[which % len(active)]


def other(driver: str) -> str:
    return next(name for name in CARDS if name != driver)
