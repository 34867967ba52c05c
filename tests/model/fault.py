"""A transaction that is broken off: before one of the statements that change something, or at its commit."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from tests.connection_fault import ConnectionFault


class _Cancelled(Exception):
    """What a database says that broke a statement off and is still there."""

    sqlstate = "57014"


class TransactionFault(ConnectionFault):
    """Strikes in a transaction that writes; `after` counts changes and commits."""

    def _before_statement(self, connection: Connection, _cursor: object, statement: str, *_: Any) -> None:
        """What only reads is left alone: it may be something that can be done without, such as a status."""
        if not statement.startswith(("SELECT", "BEGIN")):
            self._before_commit(connection)

    def _before_commit(self, connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            self._count()

    def _strike(self) -> None:
        self.struck, self._is_at_hand = True, False
        raise OperationalError("a statement", None, _Cancelled())
