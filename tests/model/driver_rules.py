"""What drivers do, in any order: each rule does the same at the desk and in the book."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.deeds import SLOT, DoingMachine, card_of, of_late, other
from tests.model.entries import MICROSECOND, MINUTE, MOST_HOLDS, Ask

DRIVERS = st.sampled_from(["ada", "ada", "ada", "bob"])  # who hoards comes to the limit
PORTS = st.sampled_from([1, 2, None])
SLOTS = st.integers(0, 11)
DURATIONS = st.sampled_from([15, 30, 45, 60])
WHICH = st.sampled_from([0, 0, 0, 1, 2, 5])  # counted from the latest
_CARDS = st.sampled_from([0, 0, 1])  # of the driver's own
_SELDOM = st.sampled_from([False] * 5 + [True])
_ODD = "past far furthest second short long longest port-3 port-4 card-off card-foreign".split()
_DEEDS = st.sampled_from("confirm confirm confirm release cancel cancel extend".split())
_BRINK = st.sampled_from([-MICROSECOND, timedelta(0), timedelta(0), MICROSECOND])
_FITS = {"confirm": ["HELD"], "release": ["HELD"], "extend": ["HELD"], "cancel": ["CONFIRMED"]}


class DriverRules(DoingMachine):
    """Quote, hold, confirm, release, cancel, extend, look up and modify."""

    @rule(driver=DRIVERS, slot=SLOTS, duration=DURATIONS, port=PORTS, card=st.none() | _CARDS)
    def quote(self, driver: str, slot: int, duration: int, port: int | None, card: int | None) -> None:
        self.do_quote(driver, self.ask(slot, duration, port), None if card is None else card_of(driver, card))

    @rule(driver=DRIVERS, slot=SLOTS, duration=DURATIONS, port=PORTS, card=_CARDS)
    def hold(self, driver: str, slot: int, duration: int, port: int | None, card: int) -> None:
        self.do_hold(driver, self.ask(slot, duration, port), card_of(driver, card), None)

    @rule(driver=DRIVERS, times=st.integers(2, MOST_HOLDS + 1))
    def hoard(self, driver: str, times: int) -> None:
        """One hold after the other, where it is free."""
        for _ in range(times):
            self.do_hold(driver, self.free_ask(), card_of(driver, 0), None)

    @rule(driver=DRIVERS, odd=st.sampled_from(_ODD), is_held=st.booleans())
    def ask_for_the_odd(self, driver: str, odd: str, is_held: bool) -> None:
        """What is at a bound of the policy, or beyond it."""
        ask = self.odd_ask(odd)
        card = {"card-off": "ada off", "card-foreign": card_of(other(driver), 0)}.get(odd)
        if is_held:
            self.do_hold(driver, ask, card or card_of(driver, 0), None)
        else:
            self.do_quote(driver, ask, card)

    @precondition(lambda self: self.book.promises)
    @rule(which=WHICH, names_port=st.booleans(), is_other=_SELDOM, is_foreign=_SELDOM)
    def hold_as_quoted(self, which: int, names_port: bool, is_other: bool, is_foreign: bool) -> None:
        """At the promised price; seldom what was not quoted, or not to this driver."""
        quote_id, promise = of_late(self.book.promises, which)
        start = promise.ask.start + (SLOT if is_other else timedelta(0))
        ask = replace(promise.ask, start=start, port=promise.port if names_port else None)
        driver = other(promise.driver) if is_foreign else promise.driver
        self.do_hold(driver, ask, card_of(driver, 0), quote_id)

    @rule(deed=_DEEDS, which=WHICH, strays=_SELDOM, is_foreign=_SELDOM)
    def decide(self, deed: str, which: int, strays: bool, is_foreign: bool) -> None:
        """One rule for all of these; seldom to one that is in another state, or is another driver's."""
        handle, entry = self.chosen(_FITS[deed], which, strays)
        self.act(deed, other(entry.driver) if is_foreign else entry.driver, handle)

    @rule(deed=_DEEDS, which=WHICH, beside=_BRINK)
    def decide_in_the_last_moment(self, deed: str, which: int, beside: timedelta) -> None:
        """Or in the first one that is too late."""
        handle, entry = self.chosen(_FITS[deed], which, False)
        deadline = entry.cancel_until if deed == "cancel" else entry.hold_expires_at
        self.move_clock(max(deadline + beside - self.book.now, timedelta(0)))
        self.act(deed, entry.driver, handle)

    @rule(which=WHICH, times=st.integers(1, 3))
    def extend(self, which: int, times: int) -> None:
        """Again and again."""
        handle, entry = self.chosen(["HELD"], which, False)
        for _ in range(times):
            self.act("extend", entry.driver, handle)

    @precondition(lambda self: self.book.entries)
    @rule(which=WHICH, is_foreign=_SELDOM)
    def look_up(self, which: int, is_foreign: bool) -> None:
        handle, entry = of_late(self.book.entries, which)
        self.act("look_up", other(entry.driver) if is_foreign else entry.driver, handle)

    @rule(
        which=WHICH,
        strays=_SELDOM,
        is_foreign=_SELDOM,
        shift=st.integers(-2, 2),
        duration=st.none() | DURATIONS,
        port=st.sampled_from([None, None, 1, 2, 3]),
    )
    def modify(
        self, which: int, strays: bool, is_foreign: bool, shift: int, duration: int | None, port: int | None
    ) -> None:
        """To a start near the old one, so that old and new window often overlap; None stays as it is."""
        handle, entry = self.chosen(["HELD", "CONFIRMED"], which, strays)
        length = duration or (entry.end - entry.start) // MINUTE
        ask = Ask(start=entry.start + shift * SLOT, duration_min=length, port=port or entry.port)
        self.modify_to(other(entry.driver) if is_foreign else entry.driver, handle, ask, None)

    @precondition(lambda self: self.book.promises)
    @rule(which=WHICH, quoted=WHICH)
    def modify_as_quoted(self, which: int, quoted: int) -> None:
        quote_id, promise = of_late(self.book.promises, quoted)
        handle, entry = self.chosen(["HELD", "CONFIRMED"], which, False)
        self.modify_to(entry.driver, handle, replace(promise.ask, port=promise.port), quote_id)
