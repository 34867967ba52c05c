"""A transaction that is broken off: before one of the statements that change something, or at its commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from kernel.database import Database


class _Cancelled(Exception):
    """What a database says that broke a statement off and is still there."""

    sqlstate = "57014"


class TransactionFault:
    """Strikes once, inside the block only, in a transaction that writes."""

    def __init__(self, database: Database) -> None:
        self.after: int | None = None  # so many changes and commits; None is never
        self.struck = False
        self._is_at_hand = False
        event.listen(database.engine, "before_cursor_execute", self._before_statement)
        event.listen(database.engine, "commit", self._before_commit)

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Afterwards `struck` tells whether it struck."""
        self.struck, self._is_at_hand = False, self.after is not None
        try:
            yield
        finally:
            self._is_at_hand, self.after = False, None

    def _before_statement(self, connection: Connection, _cursor: object, statement: str, *_: Any) -> None:
        """What only reads is left alone: it may be something that can be done without, such as a status."""
        if not statement.startswith(("SELECT", "BEGIN")):
            self._before_commit(connection)

    def _before_commit(self, connection: Connection) -> None:
        if self._is_at_hand and self.after is not None and connection.get_execution_options().get("writes"):
            self.after -= 1
            if self.after < 0:
                self.struck, self._is_at_hand = True, False
                raise OperationalError("a statement", None, _Cancelled())
