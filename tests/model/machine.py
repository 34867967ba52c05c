"""The machine: drivers, and what happens meanwhile: the clock, the sweepers, the owner, the ports and faults."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.model import ports
from tests.model.deeds import card_of, of_late
from tests.model.driver_rules import DRIVERS, DURATIONS, PORTS, SLOTS, WHICH, DriverRules
from tests.model.entries import HOUR, MICROSECOND, MINUTE, SECOND

_PRICES = (Decimal("1.50"), Decimal("0.50"), Decimal("3.33"), Decimal(0), None)
_FIRST = st.lists(st.tuples(DRIVERS, SLOTS, DURATIONS, PORTS, st.booleans()), min_size=1, max_size=2)
_SPANS = st.sampled_from([SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE])
_NEXT = st.sampled_from([0, 0, 1, 3])
_SAID = st.sampled_from(["faulted", "faulted", "unavailable", "offline", "available", "charging", "finishing"])
_ARRIVES = st.sampled_from([-16 * MINUTE, -15 * MINUTE, timedelta(0), 14 * MINUTE])  # beside the start
_READ = st.sampled_from(["own", "own", "none", "ada 1", "bob 1"])  # which card


class ReservationMachine(DriverRules):
    """Time, sweeps, reports, prices and faults, among the deeds of drivers."""

    @initialize(first=_FIRST)
    def begin(self, first: list[tuple[str, int, int, int | None, bool]]) -> None:
        """No example begins empty: one without holds would tell nothing."""
        self.ground.begin(self.book.per_hour)
        for driver, slot, duration, port, is_confirmed in first:
            self.do_hold(driver, self.ask(slot, duration, port), card_of(driver, 0), None)
            if is_confirmed:
                handle, entry = self.chosen(["HELD"], 0, False)
                self.act("confirm", entry.driver, handle)

    @rule(span=_SPANS)
    def tick(self, span: timedelta) -> None:
        self.move_clock(span)

    @precondition(lambda self: self.book.deadlines())
    @rule(which=_NEXT)
    def tick_to_before_a_deadline(self, which: int) -> None:
        """To the last moment at which it has not passed."""
        self._move_to_a_deadline(which, -MICROSECOND)

    @precondition(lambda self: self.book.deadlines())
    @rule(which=_NEXT, beyond=st.sampled_from([timedelta(0), MICROSECOND]))
    def tick_to_a_deadline(self, which: int, beyond: timedelta) -> None:
        """To its very instant, or just beyond."""
        self._move_to_a_deadline(which, beyond)

    @precondition(lambda self: self.unwritten())
    @rule()
    def sweep(self) -> None:
        """What time has done is written down; a second sweep finds nothing."""
        due = len(self.unwritten())
        swept, _ = self.both(self.ground.expiry.sweep, lambda: due)
        if swept is not None:
            assert swept == due
            assert self.ground.expiry.sweep() == 0

    @rule(which=WHICH, arrives=_ARRIVES, read=_READ)
    def arrive(self, which: int, arrives: timedelta, read: str) -> None:
        """Somebody begins to charge where a driver is awaited, about the time at which that is."""
        _, entry = self.chosen(["CONFIRMED"], which, False)
        self.move_clock(max(entry.start + arrives - self.book.now, timedelta(0)))
        self._report(entry.port, "charging", {"own": entry.card, "none": None}.get(read, read))

    @precondition(lambda self: self.book.ports)
    @rule(which=WHICH, after=st.sampled_from([MINUTE, 10 * MINUTE]))
    def leave(self, which: int, after: timedelta) -> None:
        port, _ = of_late(self.book.ports, which)
        self.move_clock(after)
        self._report(port, "available", None)

    @rule(which=WHICH, said=_SAID, lasting=st.sampled_from([None, timedelta(0), 15 * MINUTE]))
    def report(self, which: int, said: str, lasting: timedelta | None) -> None:
        """A port to which a driver is to come says something, mostly bad news; at once or later that is looked at."""
        _, entry = self.chosen(["CONFIRMED", "HELD"], which, False)
        self._report(entry.port, said, None)
        if lasting is not None:
            self.move_clock(lasting)
            self.relocate()

    @precondition(lambda self: self.book.ports)
    @rule()
    def relocate(self) -> None:
        self.is_touched = True
        assert self.ground.relocation.sweep() == ports.relocate(self.book)

    @precondition(lambda self: self.is_priced)
    @rule(step=st.integers(1, len(_PRICES) - 1))
    def change_price(self, step: int) -> None:
        """Once somebody was promised the old one."""
        self.is_priced = False
        self.book.per_hour = _PRICES[(_PRICES.index(self.book.per_hour) + step) % len(_PRICES)]
        self.ground.price(self.book.per_hour)

    @precondition(lambda self: self.is_free_news)
    @rule(span=st.sampled_from([4 * HOUR, HOUR]))
    def view_what_is_free(self, span: timedelta) -> None:
        self.what_is_free_is_told(span)
        self.is_free_news = False

    @precondition(lambda self: self.ground.fault.after is None)
    @rule(after=st.integers(0, 6))
    def break_off(self, after: int) -> None:
        """The next deed of a driver, or sweep, before one of its changes or at a commit; not where there are fewer."""
        self.ground.fault.after = after

    def _report(self, port: int, said: str, card: str | None) -> None:
        self.is_touched = True
        self.ground.report(port, said, card)
        ports.report(self.book, port, said, card)

    def _move_to_a_deadline(self, which: int, beside: timedelta) -> None:
        deadlines = self.book.deadlines()
        self.move_clock(max(deadlines[which % len(deadlines)] + beside - self.book.now, timedelta(0)))
