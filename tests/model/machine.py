"""The machine: drivers, clock, sweepers, owner, ports and faults in any order, at the desk and in the book alike."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.model import port_story
from tests.model.checks import CheckedMachine
from tests.model.ground import BEGINNING
from tests.model.model import CARDS, MINUTE, Ask, Entry

_SLOT = 15 * MINUTE
_PRICES = (Decimal("1.50"), Decimal("0.50"), Decimal("3.33"), Decimal(0), None)
_DRIVERS = st.sampled_from(["ada", "ada", "ada", "bob"])  # who hoards comes to the limit
_CARDS = st.sampled_from([0, 0, 1])  # of the driver's own
_PORTS = st.sampled_from([1, 2, None])
_SLOTS = st.integers(0, 11)
_DURATIONS = st.sampled_from([15, 30, 45, 60])
_ODD = "past far furthest second short long longest port-3 port-4 card-off card-foreign".split()
_WHICH = st.sampled_from([0, 0, 0, 1, 2, 5])  # counted from the latest
_SELDOM = st.sampled_from([False] * 5 + [True])
_BEGUN = ("quote", "hold", "confirm")
_FIRST = st.lists(st.tuples(_DRIVERS, _SLOTS, _DURATIONS, _PORTS, st.sampled_from(_BEGUN)), min_size=2, max_size=8)
_SPANS = st.sampled_from([timedelta(seconds=1), MINUTE, 2 * MINUTE, 5 * MINUTE])
_BRINK = st.sampled_from([timedelta(microseconds=-1), timedelta(0), timedelta(microseconds=1)])
_SAID = st.sampled_from(["available", "charging", "charging", "finishing", "faulted", "unavailable", "offline"])
_ARRIVES = st.sampled_from([-16 * MINUTE, -15 * MINUTE, timedelta(0), 14 * MINUTE])  # beside the start
_READ = st.sampled_from(["own", "own", "none", "ada 1", "bob 1"])
_DEEDS = st.sampled_from("confirm confirm release cancel cancel extend extend".split())
_FITS = {"confirm": ["HELD"], "release": ["HELD"], "extend": ["HELD"], "cancel": ["CONFIRMED"]}


class ReservationMachine(CheckedMachine):
    """The rules; each does the same to the product and to the book."""

    @initialize(first=_FIRST)
    def begin(self, first: list[tuple[str, int, int, int | None, str]]) -> None:
        """No example begins empty: one without holds would tell nothing."""
        self.ground.begin(self.book.per_hour)
        self.front.begin()
        self._make("HELD")
        for driver, slot, duration, port, begun in first:
            if begun == "quote":
                self.quote(driver, slot, duration, port, None)
                continue
            self.hold(driver, slot, duration, port, 0)
            if begun == "confirm" and self.book.entries:
                self._do("confirm", 0, strays=False, is_foreign=False)

    # What drivers do

    @rule(driver=_DRIVERS, slot=_SLOTS, duration=_DURATIONS, port=_PORTS, card=st.none() | _CARDS)
    def quote(self, driver: str, slot: int, duration: int, port: int | None, card: int | None) -> None:
        self.do_quote(driver, self._ask(slot, duration, port), None if card is None else _card(driver, card))

    @rule(driver=_DRIVERS, slot=_SLOTS, duration=_DURATIONS, port=_PORTS, card=_CARDS)
    def hold(self, driver: str, slot: int, duration: int, port: int | None, card: int) -> None:
        self.do_hold(driver, self._ask(slot, duration, port), _card(driver, card), None)

    @rule(driver=_DRIVERS, odd=st.sampled_from(_ODD), is_held=st.booleans())
    def ask_for_the_odd(self, driver: str, odd: str, is_held: bool) -> None:
        ask, card = self._odd_ask(odd), {"card-off": "ada off", "card-foreign": _card(_other(driver), 0)}.get(odd)
        if is_held:
            self.do_hold(driver, ask, card or _card(driver, 0), None)
        else:
            self.do_quote(driver, ask, card)

    @precondition(lambda self: self.book.promises)
    @rule(which=_WHICH, names_port=st.booleans(), is_other=_SELDOM, is_foreign=_SELDOM)
    def hold_as_quoted(self, which: int, names_port: bool, is_other: bool, is_foreign: bool) -> None:
        quote_id, promise = _of_late(self.book.promises, which)
        ask = replace(promise.ask, port=promise.port if names_port else None)
        if is_other:
            ask = replace(ask, start=ask.start + _SLOT)
        driver = _other(promise.driver) if is_foreign else promise.driver
        self.do_hold(driver, ask, _card(driver, 0), quote_id)

    @rule(deed=_DEEDS, which=_WHICH, strays=_SELDOM, is_foreign=_SELDOM)
    def decide(self, deed: str, which: int, strays: bool, is_foreign: bool) -> None:
        """Confirm, release, cancel or extend: one rule, so that none of them is left out of many examples."""
        self._do(deed, which, strays, is_foreign)

    @rule(
        which=_WHICH,
        strays=_SELDOM,
        is_foreign=_SELDOM,
        shift=st.integers(-2, 2),
        duration=st.none() | _DURATIONS,
        port=st.sampled_from([None, None, 1, 2, 3]),
    )
    def modify(
        self, which: int, strays: bool, is_foreign: bool, shift: int, duration: int | None, port: int | None
    ) -> None:
        """A start near the old one, so that old and new window often overlap."""
        handle, entry = self._chosen(["HELD", "CONFIRMED"], which, strays)
        ask = replace(_as_it_is(entry), start=entry.start + shift * _SLOT)
        ask = replace(ask, duration_min=duration or ask.duration_min, port=port or ask.port)
        self._modify(_other(entry.driver) if is_foreign else entry.driver, handle, ask, None)

    @precondition(lambda self: self.book.promises)
    @rule(which=_WHICH, quoted=_WHICH)
    def modify_as_quoted(self, which: int, quoted: int) -> None:
        quote_id, promise = _of_late(self.book.promises, quoted)
        handle, entry = self._chosen(["HELD", "CONFIRMED"], which, False)
        self._modify(entry.driver, handle, replace(promise.ask, port=promise.port), quote_id)

    @precondition(lambda self: self.book.entries)
    @rule(which=_WHICH, is_foreign=_SELDOM)
    def look_up(self, which: int, is_foreign: bool) -> None:
        handle, entry = _of_late(self.book.entries, which)
        driver = _other(entry.driver) if is_foreign else entry.driver
        self.check_told(
            *self.both(lambda: self.front.look_up(driver, handle), lambda: self.book.look_up(driver, handle))
        )

    # What happens meanwhile

    @rule(span=_SPANS)
    def tick(self, span: timedelta) -> None:
        self._move_clock(span)

    @precondition(lambda self: self.book.deadlines())
    @rule(which=st.sampled_from([0, 0, 1, 3]), beside=_BRINK)
    def tick_to_a_deadline(self, which: int, beside: timedelta) -> None:
        deadlines = self.book.deadlines()
        self._move_clock(max(deadlines[which % len(deadlines)] + beside - self.book.now, timedelta(0)))

    @precondition(lambda self: self.unwritten())
    @rule()
    def sweep(self) -> None:
        self.is_touched = True
        assert self.ground.expiry.sweep() == len(self.unwritten())
        assert self.ground.expiry.sweep() == 0

    def unwritten(self) -> list[str]:
        """What time has done and nobody has written down."""
        passed = {handle: one.passed_at(self.book.now) for handle, one in self.book.entries.items()}
        return [handle for handle, state in passed.items() if state and self.written.rows[handle].state != state]

    @rule(port=st.sampled_from([1, 1, 2]), said=_SAID)
    def report(self, port: int, said: str) -> None:
        self._report(port, said, None)

    @rule(which=_WHICH, arrives=_ARRIVES, read=_READ)
    def arrive(self, which: int, arrives: timedelta, read: str) -> None:
        """Somebody begins to charge where a driver is awaited, about the time at which that is."""
        _, entry = self._chosen(["CONFIRMED"], which, False)
        self._move_clock(max(entry.start + arrives - self.book.now, timedelta(0)))
        self._report(entry.port, "charging", {"own": entry.card, "none": None}.get(read, read))

    @precondition(lambda self: self.book.ports)
    @rule(which=_WHICH, after=st.sampled_from([MINUTE, 10 * MINUTE]))
    def leave(self, which: int, after: timedelta) -> None:
        ports = sorted(self.book.ports)
        self._move_clock(after)
        self._report(ports[which % len(ports)], "available", None)

    @rule(which=_WHICH, said=st.sampled_from(["faulted", "unavailable"]), relocates=st.booleans())
    def fail(self, which: int, said: str, relocates: bool) -> None:
        """A port to which a driver is to come is out of order."""
        _, entry = self._chosen(["HELD", "CONFIRMED"], which, False)
        self._report(entry.port, said, None)
        if relocates:
            self.relocate()

    @precondition(lambda self: self.book.ports)
    @rule()
    def relocate(self) -> None:
        self.is_touched = True
        assert self.ground.relocation.sweep() == port_story.relocate(self.book)

    @rule(step=st.integers(1, len(_PRICES) - 1))
    def change_price(self, step: int) -> None:
        per_hour = _PRICES[(_PRICES.index(self.book.per_hour) + step) % len(_PRICES)]
        self.ground.price(per_hour)
        self.book.per_hour = per_hour

    @precondition(lambda self: self.ground.fault.after is None)
    @rule(after=st.integers(0, 12))
    def break_the_connection(self, after: int) -> None:
        """At the next deed, before one of its statements or at its commit."""
        self.ground.fault.after = after

    @precondition(lambda self: self.front.is_remote)
    @rule()
    def lose_the_cache(self) -> None:
        self.front.lose_cache()

    @precondition(lambda self: self.front.is_remote)
    @rule()
    def find_the_cache(self) -> None:
        self.front.find_cache()

    @precondition(lambda self: self.front.is_remote and not self.front.stutters)
    @rule()
    def stutter(self) -> None:
        self.front.stutters = True

    # How it is done

    def _do(self, deed: str, which: int, strays: bool, is_foreign: bool) -> None:
        handle, entry = self._chosen(_FITS[deed], which, strays)
        self._act(deed, _other(entry.driver) if is_foreign else entry.driver, handle)

    def _act(self, deed: str, driver: str, handle: str) -> None:
        self.check_told(
            *self.both(lambda: self.front.do(deed, driver, handle), lambda: getattr(self.book, deed)(driver, handle))
        )

    def _modify(self, driver: str, handle: str, ask: Ask, quote_id: str | None) -> None:
        self.check_told(
            *self.both(
                lambda: self.front.modify(driver, handle, ask, quote_id),
                lambda: self.book.modify(driver, handle, ask, quote_id),
            )
        )

    def _report(self, port: int, said: str, card: str | None) -> None:
        self.is_touched = True
        self.ground.report(port, said, card)
        port_story.report(self.book, port, said, card)

    def _chosen(self, states: list[str], which: int, strays: bool) -> tuple[str, Entry]:
        """One in a state that fits, made for it where there is none; seldom any. There is always one: see `begin`."""
        if not strays and not self._in(states):
            self._make(states[0])
        return _of_late(self.book.entries if strays else self._in(states) or self.book.entries, which)

    def _in(self, states: list[str]) -> dict[str, Entry]:
        return {handle: one for handle, one in self.book.entries.items() if one.state_at(self.book.now) in states}

    def _make(self, state: str) -> None:
        """A reservation in the first window that is free, late enough for all that can be done to it."""
        for slot, port in product(range(5, 40), (1, 2)):
            ask = self._ask(slot, 30, port)
            if not any(one.meets(ask.start, ask.end) for one in self.book.live_on(port)):
                self.do_hold("bob", ask, _card("bob", 0), None)
                break
        if state == "CONFIRMED" and (held := self._in(["HELD"])):
            handle, entry = _of_late(held, 0)
            self._act("confirm", entry.driver, handle)

    def _ask(self, slot: int, duration: int, port: int | None) -> Ask:
        """A window that begins at a quarter of an hour from now on, so that many overlap and many touch."""
        passed = -(-(self.book.now - BEGINNING) // _SLOT)
        return Ask(start=BEGINNING + (passed + slot) * _SLOT, duration_min=duration, port=port)

    def _odd_ask(self, odd: str) -> Ask:
        good = self._ask(1, 15, None)
        whole = self.book.now.replace(microsecond=0)
        odd_ones: dict[str, dict[str, Any]] = {
            "past": {"start": whole - timedelta(seconds=1)},
            "far": {"start": whole + timedelta(days=30, seconds=1)},
            "furthest": {"start": whole + timedelta(days=30)},
            "second": {"start": good.start + timedelta(microseconds=1)},
            "short": {"duration_min": 14},
            "long": {"duration_min": 24 * 60 + 1},
            "longest": {"duration_min": 24 * 60},
            "port-3": {"port": 3},
            "port-4": {"port": 4},
        }
        return replace(good, **odd_ones.get(odd, {}))

    def _move_clock(self, span: timedelta) -> None:
        self.book.now += span
        self.ground.clock.moment = self.book.now
        if span < timedelta(seconds=1):  # an answer may be a second old
            self.ground.desk.taken.forget()


def _as_it_is(entry: Entry) -> Ask:
    return Ask(start=entry.start, duration_min=(entry.end - entry.start) // MINUTE, port=entry.port)


def _of_late(kept: dict[str, Any], which: int) -> tuple[str, Any]:
    """One of them, counted from the latest."""
    names = list(kept)
    name = names[-1 - which % len(names)]
    return name, kept[name]


def _other(driver: str) -> str:
    return next(name for name in CARDS if name != driver)


def _card(driver: str, which: int) -> str:
    active = [card for card, is_active in CARDS[driver].items() if is_active]
    return active[which % len(active)]
