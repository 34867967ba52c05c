"""Transactions: what use cases join, and what is done once they are committed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import Session

Asker = Session | Connection
"""What a statement is sent through."""


def is_postgresql(asker: Asker) -> bool:
    """Whether it asks PostgreSQL; SQLite otherwise."""
    bound = asker if isinstance(asker, Connection) else asker.get_bind()
    return bound.dialect.name == "postgresql"


class Transaction:
    """An open transaction: its connection, and a session for who needs one.

    To make a session and take it apart takes as long as two statements of a hold, so it is made when it is asked for.
    It never commits: who opened the transaction does. Where it must roll back, all is lost, and `check` says so.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.when_committed: list[Callable[[], None]] = []
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The one session of this transaction."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        return self._session

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is sent within, by the session or past it, is undone where the block raises."""
        with self.session.begin_nested():
            self.session.connection()  # the library sends SAVEPOINT only when the session itself is about to send
            yield

    def flush(self) -> None:
        """Send what was added to the session."""
        if self._session is not None:
            self._session.flush()

    def check(self) -> None:
        """Raises PendingRollbackError where all was rolled back, and somebody did not mind and went on."""
        if not self.connection.in_transaction():
            raise PendingRollbackError("the transaction was rolled back within")

    def close(self) -> None:
        """Let go of what the session knows. The transaction is committed or rolled back elsewhere."""
        if self._session is not None:
            self._session.close()
