"""What the machine checks: desk and book say the same to each deed, and after each step the same is written."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant
from hypothesis.strategies import just

from kernel.errors import Refusal
from tests.model.book import Book
from tests.model.entries import LIVE, Entry, Refused
from tests.model.ground import Ground
from tests.model.written import Written

_BROKEN_OFF = ("temporarily_unavailable", "modification_unavailable")
_TOLD = ("card", "port", "start", "end", "price", "hold_expires_at", "cancel_until", "confirmed_at", "extensions")


class _EveryRule:
    """Instead of leaving out half of the rules in each example: few would be left in which anything happens."""

    @staticmethod
    def is_enabled(_name: str) -> bool:
        return True


_EVERY_RULE: Any = _EveryRule()


class CheckedMachine(RuleBasedStateMachine):
    """The book beside the product, and the comparison of both; the ground is the same for every example."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self._rules_strategy.enabled_rules_strategy = just(_EVERY_RULE)
        self.ground, self.book = ground, Book()
        self.written = Written()
        self.is_touched = True  # whether the product was asked for anything since the database was last read
        self.is_free_news = False  # whether something else may be free since that was last asked
        self.is_priced = False  # whether anybody was told the price as it is now

    @invariant()
    def all_is_well(self) -> None:
        if self.is_touched:
            self.written, self.is_touched, self.is_free_news = self.ground.written(), False, True
            self._nothing_is_taken_twice()
        self._the_database_is_the_book()
        self._every_move_is_told_once()

    def _nothing_is_taken_twice(self) -> None:
        """By the rows alone, whatever the book says."""
        taking = [row for row in self.written.rows.values() if row.state in LIVE]
        for one, other in combinations(taking, 2):
            meet = one.start_at < other.end_at and other.start_at < one.end_at
            assert not (meet and one.port_id == other.port_id), "a port is reserved twice"

    def _the_database_is_the_book(self) -> None:
        assert self.written.rows.keys() == self.book.entries.keys()
        for handle, row in self.written.rows.items():
            assert self._expected(self._entry_of(row)) == self._expected(self.book.entries[handle])

    def _every_move_is_told_once(self) -> None:
        """Each has one entry in the history and one event; what time has done has them once it is written down."""
        for handle, entry in self.book.entries.items():
            passed = entry.passed_at(self.book.now)
            is_written = passed is not None and self.written.rows[handle].state == passed
            moves = [*entry.moves, passed.lower()] if passed and is_written else entry.moves
            assert self.written.moves[handle] == moves
            assert self.written.events[handle] == [f"reservation.{what}" for what in moves]
        assert self.written.moves.keys() == self.written.events.keys() == self.book.entries.keys()

    def unwritten(self) -> list[str]:
        """What time has done and nobody has written down."""
        passed = {handle: one.passed_at(self.book.now) for handle, one in self.book.entries.items()}
        return [handle for handle, state in passed.items() if state and self.written.rows[handle].state != state]

    def what_is_free_is_told(self, lasting: timedelta) -> None:
        begin = self.book.now.replace(second=0, microsecond=0)
        assert self.ground.taken_ports() == self.book.taken_ports()
        assert self.ground.free(begin, lasting) == self.book.openings(begin, begin + lasting)

    def _entry_of(self, row: Any) -> Entry:
        """A row as the book would have it."""
        total = row.price["total"]
        entry = Entry(
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
        assert row.cancel_until == entry.cancel_until
        assert row.port_id == self.ground.port_ids[row.port_number]
        return entry

    def _expected(self, entry: Entry) -> dict[str, Any]:
        """As it is now. Trouble matters to those only to whom a driver is still to come."""
        state = entry.state_at(self.book.now)
        trouble = entry.trouble if state in ("HELD", "CONFIRMED") else None
        told = {name: getattr(entry, name) for name in _TOLD}
        return {"state": state, "trouble": trouble, "driver": entry.driver, **told}

    def both(self, deed: Callable[[], Any], reference: Callable[[], Any]) -> tuple[Any, Any]:
        """What desk and book say to the same deed; a refusal must be the same, and is two times None.

        Where the fault struck and the desk told so, nothing was done and the book does nothing either.
        """
        self.is_touched = True
        with self.ground.fault.at_hand():
            said = _outcome(deed)
        if self.ground.fault.struck:
            assert said in _BROKEN_OFF
            return None, None
        expected = _outcome(reference)
        if isinstance(said, str) or isinstance(expected, str):
            assert said == expected
            return None, None
        return said, expected


def _outcome(deed: Callable[[], Any]) -> Any:
    """What it returns, or the code of the refusal."""
    try:
        return deed()
    except (Refusal, Refused) as refusal:
        return refusal.code
