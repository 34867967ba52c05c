"""A fault at a statement or at the commit: what a broken connection, or the end of a worker, does to a use case."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from kernel.database import Database


class ConnectionFault:
    """Strikes once, inside the block only, before one of the next statements or at the commit at the latest."""

    def __init__(self, database: Database) -> None:
        self.after: int | None = None  # so many statements; None is never
        self.error: type[BaseException] = OperationalError
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

    def _before_statement(self, *_: Any) -> None:
        self._count()

    def _before_commit(self, *_: Any) -> None:
        if self._is_at_hand:
            self._strike()

    def _count(self) -> None:
        if self._is_at_hand and self.after is not None:
            self.after -= 1
            if self.after < 0:
                self._strike()

    def _strike(self) -> None:
        self.struck, self._is_at_hand = True, False
        if self.error is OperationalError:
            raise OperationalError("a statement", None, ConnectionError("the connection broke"))
        raise self.error
