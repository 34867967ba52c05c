"""The machine: drivers, a clock, a sweeper, an owner and faults in any order, on the desk and in the book alike."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernel.errors import Refusal
from tests.model.fronts import Front, Told, ToldQuote
from tests.model.ground import BEGINNING, Ground, Written
from tests.model.model import CARDS, MINUTE, Ask, Book, Entry, Promise, Refused

_SLOT = 15 * MINUTE
_PRICES = (Decimal("1.50"), Decimal("0.50"), Decimal("3.33"), Decimal(0), None)
_DRIVERS = st.sampled_from(["ada", "ada", "ada", "bob"])  # who hoards comes to the limit
_CARDS = st.sampled_from([0, 0, 1])  # of the driver's own
_PORTS = st.sampled_from([1, 2, None])
_SLOTS = st.integers(0, 11)
_DURATIONS = st.sampled_from([15, 30, 45, 60])
_ODD = "past far furthest second short long longest port-3 port-4 card-off card-foreign".split()
_WHICH = st.integers(0, 9)
_SELDOM = st.sampled_from([False] * 5 + [True])
_BEGUN = ("quote", "hold", "confirm")
_FIRST = st.lists(st.tuples(_DRIVERS, _SLOTS, _DURATIONS, _PORTS, st.sampled_from(_BEGUN)), min_size=1, max_size=6)
_SPANS = st.sampled_from([timedelta(seconds=1), MINUTE, 4 * MINUTE, 5 * MINUTE, 20 * MINUTE])
_BRINK = st.sampled_from([timedelta(microseconds=-1), timedelta(0), timedelta(microseconds=1)])
_OF = {"confirm": "HELD", "release": "HELD", "cancel": "CONFIRMED"}
_LOOKED_AHEAD = timedelta(hours=4)


class ReservationMachine(RuleBasedStateMachine):
    """`make` hands it ground to stand on and a front to speak to, the same for every example."""

    def __init__(self, ground: Ground, front: Front) -> None:
        super().__init__()
        self.ground, self.front = ground, front
        self.book = Book(BEGINNING)
        self.written = Written({}, {}, 0)
        self.seen: Any = None  # the time and the rows when the openings were last looked at

    @initialize(first=_FIRST)
    def begin(self, first: list[tuple[str, int, int, int | None, str]]) -> None:
        """No example begins empty: rules are left out by chance, and one without holds would tell nothing."""
        self.ground.begin(self.book.per_hour)
        self.front.begin()
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
        self._quote(driver, self._ask(slot, duration, port), None if card is None else _card(driver, card))

    @rule(driver=_DRIVERS, slot=_SLOTS, duration=_DURATIONS, port=_PORTS, card=_CARDS)
    def hold(self, driver: str, slot: int, duration: int, port: int | None, card: int) -> None:
        self._hold(driver, self._ask(slot, duration, port), _card(driver, card), None)

    @rule(driver=_DRIVERS, odd=st.sampled_from(_ODD), is_held=st.booleans())
    def ask_for_the_odd(self, driver: str, odd: str, is_held: bool) -> None:
        ask, card = self._odd_ask(odd), {"card-off": "ada off", "card-foreign": _card(_other(driver), 0)}.get(odd)
        if is_held:
            self._hold(driver, ask, card or _card(driver, 0), None)
        else:
            self._quote(driver, ask, card)

    @precondition(lambda self: self.book.promises)
    @rule(which=_WHICH, names_port=st.booleans(), is_other=_SELDOM, is_foreign=_SELDOM)
    def hold_as_quoted(self, which: int, names_port: bool, is_other: bool, is_foreign: bool) -> None:
        quote_id, promise = _of_late(self.book.promises, which)
        ask = replace(promise.ask, port=promise.port if names_port else None)
        if is_other:
            ask = replace(ask, start=ask.start + _SLOT)
        driver = _other(promise.driver) if is_foreign else promise.driver
        self._hold(driver, ask, _card(driver, 0), quote_id)

    @precondition(lambda self: self.book.entries)
    @rule(which=_WHICH, strays=_SELDOM, is_foreign=_SELDOM)
    def confirm(self, which: int, strays: bool, is_foreign: bool) -> None:
        self._do("confirm", which, strays, is_foreign)

    @precondition(lambda self: self.book.entries)
    @rule(which=_WHICH, strays=_SELDOM, is_foreign=_SELDOM)
    def release(self, which: int, strays: bool, is_foreign: bool) -> None:
        self._do("release", which, strays, is_foreign)

    @precondition(lambda self: self.book.entries)
    @rule(which=_WHICH, strays=_SELDOM, is_foreign=_SELDOM)
    def cancel(self, which: int, strays: bool, is_foreign: bool) -> None:
        self._do("cancel", which, strays, is_foreign)

    @precondition(lambda self: self.book.entries)
    @rule(which=_WHICH, is_foreign=_SELDOM)
    def look_up(self, which: int, is_foreign: bool) -> None:
        handle, entry = _of_late(self.book.entries, which)
        driver = _other(entry.driver) if is_foreign else entry.driver
        self._check_told(
            *self._both(lambda: self.front.look_up(driver, handle), lambda: self.book.look_up(driver, handle))
        )

    # What happens meanwhile

    @rule(span=_SPANS)
    def tick(self, span: timedelta) -> None:
        self._move_clock(span)

    @precondition(lambda self: self.book.deadlines())
    @rule(which=st.integers(0, 3), beside=_BRINK)
    def tick_to_a_deadline(self, which: int, beside: timedelta) -> None:
        deadlines = self.book.deadlines()
        self._move_clock(max(deadlines[which % len(deadlines)] + beside - self.book.now, timedelta(0)))

    @rule()
    def sweep(self) -> None:
        known = {handle for handle, row in self.written.rows.items() if row.state == "LAPSED"}
        lapsed = {handle for handle, one in self.book.entries.items() if one.state_at(self.book.now) == "LAPSED"}

        assert self.ground.expiry.sweep() == len(lapsed - known)
        assert self.ground.expiry.sweep() == 0

    @rule(step=st.integers(1, len(_PRICES) - 1))
    def change_price(self, step: int) -> None:
        per_hour = _PRICES[(_PRICES.index(self.book.per_hour) + step) % len(_PRICES)]
        self.ground.price(per_hour)
        self.book.per_hour = per_hour

    @rule(after=st.integers(0, 12))
    def break_the_connection(self, after: int) -> None:
        self.ground.fault.after = after

    @precondition(lambda self: self.front.is_remote)
    @rule()
    def lose_the_cache(self) -> None:
        self.front.lose_cache()

    @precondition(lambda self: self.front.is_remote)
    @rule()
    def find_the_cache(self) -> None:
        self.front.find_cache()

    @precondition(lambda self: self.front.is_remote)
    @rule()
    def stutter(self) -> None:
        self.front.stutters = True

    # What must hold after every step

    @invariant()
    def all_is_well(self) -> None:
        self.written = self.ground.written()
        self._the_database_is_the_book()
        self._every_move_is_told_once()
        self._what_is_free_is_told()

    def _the_database_is_the_book(self) -> None:
        assert self.written.overlaps == 0, "a port is reserved twice"
        assert self.written.rows.keys() == self.book.entries.keys()
        for handle, row in self.written.rows.items():
            assert self._row(row) == self._expected_row(self.book.entries[handle])

    def _every_move_is_told_once(self) -> None:
        assert self.written.events.keys() == self.written.rows.keys()
        for handle, entry in self.book.entries.items():
            lapse = ["LAPSED"] if self.written.rows[handle].state == "LAPSED" else []
            topics = [f"reservation.{state.lower()}" for state in entry.moves + lapse]
            assert self.written.events[handle] == topics

    def _what_is_free_is_told(self) -> None:
        """Openings are made of the rows and the time alone: where both are as they were, nobody asks again."""
        assert self.ground.taken_ports() == self.book.taken_ports()
        if self.seen != (self.book.now, self.written.rows):
            begin = self.book.now.replace(second=0, microsecond=0)
            assert self.ground.free(begin, _LOOKED_AHEAD) == self.book.openings(begin, begin + _LOOKED_AHEAD)
            self.seen = (self.book.now, self.written.rows)

    # How it is done

    def _both(self, deed: Callable[[], Any], reference: Callable[[], Any]) -> tuple[Any, Any]:
        """What front and book say to the same deed; a refusal must be the same, and is two times None.

        Where the fault struck and the front told so, nothing was done and the book does nothing either.
        """
        with self.ground.fault.at_hand():
            said = _outcome(deed)
        if said == "temporarily_unavailable":
            assert self.ground.fault.struck
            return None, None
        expected = _outcome(reference)
        if isinstance(said, str) or isinstance(expected, str):
            assert said == expected
            return None, None
        return said, expected

    def _quote(self, driver: str, ask: Ask, card: str | None) -> None:
        told, promise = self._both(
            lambda: self.front.quote(driver, ask, card), lambda: self.book.quote(driver, ask, card)
        )
        if told is not None:
            self.book.promises[told.quote_id] = promise
            self._check_told_quote(told, promise)

    def _hold(self, driver: str, ask: Ask, card: str, quote_id: str | None) -> None:
        told, entry = self._both(
            lambda: self.front.hold(driver, ask, card, quote_id), lambda: self.book.hold(driver, ask, card, quote_id)
        )
        if told is not None:
            self.book.entries[told.handle] = entry
        self._check_told(told, entry)

    def _do(self, deed: str, which: int, strays: bool, is_foreign: bool) -> None:
        """To one that waits for it; seldom to any, and seldom by a driver whose it is not."""
        fitting = {handle: one for handle, one in self.book.entries.items() if one.state_at(self.book.now) == _OF[deed]}
        handle, entry = _of_late(fitting if fitting and not strays else self.book.entries, which)
        driver = _other(entry.driver) if is_foreign else entry.driver
        self._check_told(
            *self._both(lambda: self.front.do(deed, driver, handle), lambda: getattr(self.book, deed)(driver, handle))
        )

    def _check_told(self, told: Told | None, entry: Entry | None) -> None:
        if told is not None and entry is not None:
            expected = self._expected_row(entry) | {"state": entry.state_at(self.book.now), "handle": told.handle}
            expected.pop("driver")
            assert {name: getattr(told, name) for name in expected} == expected

    def _check_told_quote(self, told: ToldQuote, promise: Promise) -> None:
        assert (told.port, told.start, told.end) == (promise.port, promise.ask.start, promise.ask.end)
        assert (told.price, told.expires_at) == (promise.price, promise.expires_at)

    def _row(self, row: Any) -> dict[str, Any]:
        """A row as the book would have it: a hold that has run out is lapsed, whether or not that is written."""
        is_out = row.state == "HELD" and row.hold_expires_at <= self.book.now
        total = row.price["total"]
        return {
            "state": "LAPSED" if is_out else row.state,
            "driver": self.ground.names[row.driver_id],
            "card": row.card,
            "port": row.port_number,
            "start": row.start_at,
            "end": row.end_at,
            "price": None if total is None else Decimal(total),
            "hold_expires_at": row.hold_expires_at,
            "cancel_until": row.cancel_until,
            "confirmed_at": row.confirmed_at,
        }

    def _expected_row(self, entry: Entry) -> dict[str, Any]:
        same = ("driver", "card", "port", "start", "end", "price", "hold_expires_at", "cancel_until", "confirmed_at")
        return {"state": entry.state_at(self.book.now), **{name: getattr(entry, name) for name in same}}

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


def _outcome(deed: Callable[[], Any]) -> Any:
    """What it returns, or the code of the refusal."""
    try:
        return deed()
    except (Refusal, Refused) as refusal:
        return refusal.code


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
