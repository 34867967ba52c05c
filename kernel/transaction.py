"""Transactions: what use cases join, and what is done once they are committed."""

from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.orm import Session

Asker = Session | Connection


def is_postgresql(asker: Asker) -> bool:
    """Whether it asks PostgreSQL; SQLite otherwise."""
    bound = asker if isinstance(asker, Connection) else asker.get_bind()
    return bound.dialect.name == "postgresql"


class Transaction:
    """An open transaction: its connection, and a session for who needs one.

    To make a session and take it apart takes as long as two statements of a hold, so it is made when it is asked for.
    It never ends the transaction itself: who opened that does.
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

    def flush(self) -> None:
        """Send what was added to the session."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Let go of what the session knows. The transaction is committed or rolled back elsewhere."""
        if self._session is not None:
            self._session.close()
