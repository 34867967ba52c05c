"""What the machine checks: desk and book say the same to each deed, and after each step they are the same."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant
from hypothesis.strategies import just

from kernel.errors import Refusal
from tests.model.fronts import Front, Told, ToldQuote
from tests.model.ground import BEGINNING, Ground, Written
from tests.model.model import Ask, Book, Entry, Promise, Refused

_LOOKED_AHEAD = timedelta(hours=4)
_UNAVAILABLE = ("temporarily_unavailable", "modification_unavailable")
_SAME = (
    *("driver", "card", "port", "start", "end", "price", "hold_expires_at", "cancel_until", "confirmed_at"),
    "extensions",
)


class _EveryRule:
    """Instead of leaving out half of the rules in each example: few would be left in which anything happens."""

    @staticmethod
    def is_enabled(_name: str) -> bool:
        return True


class CheckedMachine(RuleBasedStateMachine):
    """The book beside the product, and the comparison of both; ground and front are the same for every example."""

    def __init__(self, ground: Ground, front: Front) -> None:
        super().__init__()
        self._rules_strategy.enabled_rules_strategy = just(_EveryRule())
        self.ground, self.front = ground, front
        self.book = Book(BEGINNING)
        self.written = Written()
        self.is_touched = True  # whether the product was asked for anything since the database was last read
        self._seen: Any = None  # the time and the rows when the openings were last looked at

    @invariant()
    def all_is_well(self) -> None:
        if self.is_touched:
            self.written, self.is_touched = self.ground.written(), False
        assert self.written.overlaps == 0, "a port is reserved twice"
        self._the_database_is_the_book()
        self._every_move_is_told_once()
        self._what_is_free_is_told()

    def _the_database_is_the_book(self) -> None:
        assert self.written.rows.keys() == self.book.entries.keys()
        for handle, row in self.written.rows.items():
            assert self._row(row) == self._expected(self.book.entries[handle])

    def _every_move_is_told_once(self) -> None:
        """Each has one entry in the history and one event; what time has done has them once it is written down."""
        assert self.written.events.keys() == self.written.rows.keys()
        for handle, entry in self.book.entries.items():
            passed = entry.passed_at(self.book.now)
            is_written = passed is not None and self.written.rows[handle].state == passed
            moves = [*entry.moves, passed.lower()] if passed and is_written else entry.moves
            assert self.written.moves[handle] == moves
            assert self.written.events[handle] == [f"reservation.{what}" for what in moves]

    def _what_is_free_is_told(self) -> None:
        """Openings are made of the rows and the time alone: where both are as they were, nobody asks again."""
        assert self.ground.taken_ports() == self.book.taken_ports()
        if self._seen != (self.book.now, self.written.rows):
            begin = self.book.now.replace(second=0, microsecond=0)
            assert self.ground.free(begin, _LOOKED_AHEAD) == self.book.openings(begin, begin + _LOOKED_AHEAD)
            self._seen = (self.book.now, self.written.rows)

    def _row(self, row: Any) -> dict[str, Any]:
        """A row as the book would have it: what time has done is so, whether or not that is written."""
        total = row.price["total"]
        written = Entry(
            driver=self.ground.names[row.driver_id],
            card=row.card,
            port=row.port_number,
            start=row.start_at,
            end=row.end_at,
            price=None if total is None else Decimal(total),
            created_at=row.created_at,
            hold_expires_at=row.hold_expires_at,
            state=row.state,
            confirmed_at=row.confirmed_at,
            extensions=row.extensions,
            trouble=(row.trouble_reason, row.trouble_since) if row.trouble_reason else None,
        )
        assert row.cancel_until == written.cancel_until
        assert row.port_id == self.ground.port_ids[row.port_number]
        return self._expected(written)

    def _expected(self, entry: Entry) -> dict[str, Any]:
        """Trouble matters to those only to whom a driver is still to come."""
        state = entry.state_at(self.book.now)
        trouble = entry.trouble if state in ("HELD", "CONFIRMED") else None
        return {"state": state, "trouble": trouble, **{name: getattr(entry, name) for name in _SAME}}

    def both(self, deed: Callable[[], Any], reference: Callable[[], Any]) -> tuple[Any, Any]:
        """What front and book say to the same deed; a refusal must be the same, and is two times None.

        Where the fault struck and the front told so, nothing was done and the book does nothing either.
        """
        self.is_touched = True
        with self.ground.fault.at_hand():
            said = _outcome(deed)
        if said in _UNAVAILABLE:
            assert self.ground.fault.struck
            return None, None
        expected = self._told_by_book(reference)
        if isinstance(said, str) or isinstance(expected, str):
            assert said == expected
            return None, None
        return said, expected

    def _told_by_book(self, reference: Callable[[], Any]) -> Any:
        """Only where it is about the ports' statuses does a fault go unmentioned: nothing is known of them then."""
        known = self.book.ports
        if self.ground.fault.struck and not self.front.tried_again:
            self.book.ports = {}
        try:
            return _outcome(reference)
        finally:
            self.book.ports = known

    def do_quote(self, driver: str, ask: Ask, card: str | None) -> None:
        told, promise = self.both(
            lambda: self.front.quote(driver, ask, card), lambda: self.book.quote(driver, ask, card)
        )
        if told is not None:
            self.book.promises[told.quote_id] = promise
            _check_quote(told, promise)

    def do_hold(self, driver: str, ask: Ask, card: str, quote_id: str | None) -> None:
        told, entry = self.both(
            lambda: self.front.hold(driver, ask, card, quote_id), lambda: self.book.hold(driver, ask, card, quote_id)
        )
        if told is not None:
            self.book.entries[told.handle] = entry
        self.check_told(told, entry)

    def check_told(self, told: Told | None, entry: Entry | None) -> None:
        if told is not None and entry is not None:
            expected = self._expected(entry)
            for name in ("driver", "trouble", "extensions"):
                expected.pop(name)
            assert {name: getattr(told, name) for name in expected} == expected


def _check_quote(told: ToldQuote, promise: Promise) -> None:
    assert (told.port, told.start, told.end) == (promise.port, promise.ask.start, promise.ask.end)
    assert (told.price, told.expires_at) == (promise.price, promise.expires_at)


def _outcome(deed: Callable[[], Any]) -> Any:
    """What it returns, or the code of the refusal."""
    try:
        return deed()
    except (Refusal, Refused) as refusal:
        return refusal.code
