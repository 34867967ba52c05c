"""The database: transactions, the two dialects' differences, and what a lost connection means to a caller."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Connection, Dialect, MetaData
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from kernel.database_faults import Away, Unwritable, refusal_of
from kernel.engines import answers, engine_of, reading_engine, stand_alone
from kernel.errors import TemporarilyUnavailable
from kernel.outage import Outage
from kernel.transaction import Transaction
from kernel.turns import WriterTurn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    """Every table's base; constraint names follow one convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, whole microseconds since 1970 on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            moment: datetime = value
            return moment.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


class Database:
    """Opens transactions. A use case opens one; a use case called within another's transaction joins it.

    `writing` inside `writing` is a savepoint of the outer one, so an idempotent request, its claim and its effect
    are one commit. Work for after the commit (telling the cache) is handed to `when_committed`.
    """

    def __init__(self, url: str) -> None:
        self.outage = Outage(lambda: answers(self.engine))
        self.engine = engine_of(url, self.outage)
        self._writer = self.engine.execution_options(writes=True)
        self._reader = reading_engine(self.engine)
        self._turn = WriterTurn(url)
        self._current: ContextVar[Transaction | None] = ContextVar("transaction", default=None)

    @property
    def has_one_writer(self) -> bool:
        """Whether others wait from the beginning of a transaction on, and not for rows: SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading. Raises TemporarilyUnavailable where the database is away."""
        joined = self._current.get()
        if joined is not None:
            yield joined.session
            return
        with self._foreign_errors_translated(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """As `reading`, for a statement of plain columns that every request needs: a session costs more than it."""
        joined = self._current.get()
        if joined is not None:
            yield joined.connection
            return
        with self._foreign_errors_translated(), self.engine.connect() as connection:
            stand_alone(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction, committed when the block ends and rolled back when it raises."""
        with self.transaction() as transaction:
            yield transaction.session

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """As `writing`, for who sends most past the session, and may do without one."""
        outer = self._current.get()
        if outer is not None:
            with self._foreign_errors_translated(), outer.savepoint():
                yield outer
            return
        with self._foreign_errors_translated(), self._turn:
            with self._writer.begin() as connection, self._made_current(connection) as transaction:
                yield transaction
                transaction.flush()
                transaction.check()
            self.outage.could_write()
            for work in transaction.when_committed:
                work()

    @contextmanager
    def reading_apart(self) -> Iterator[Session]:
        """A session for reading what one can do without; use cases called within it join it.

        A transaction around it goes on after a failed statement. Raises TemporarilyUnavailable as `reading` does.
        """
        outer = self._current.get()
        with self._foreign_errors_translated():
            if outer is not None:
                with outer.savepoint():
                    yield outer.session
                return
            with self.engine.connect() as connection, self._made_current(connection) as transaction:
                yield transaction.session

    @contextmanager
    def reading_one_moment(self) -> Iterator[Session]:
        """A session whose statements all see the database as it was at the first one: for reading much, in parts.

        Raises TemporarilyUnavailable as `reading` does. Not for answering slow callers: it keeps a connection.
        """
        at_once = self.engine.execution_options(isolation_level="REPEATABLE READ")
        engine = at_once if self.engine.dialect.name == "postgresql" else self.engine
        with self._foreign_errors_translated(), Session(engine, expire_on_commit=False) as session:
            yield session

    def when_committed(self, work: Callable[[], None]) -> None:
        """Run `work` once the outermost transaction is committed; not at all where it is rolled back."""
        current = self._current.get()
        assert current is not None, "there is no transaction"  # noqa: S101 - a mistake of ours
        current.when_committed.append(work)

    @contextmanager
    def _made_current(self, connection: Connection) -> Iterator[Transaction]:
        transaction = Transaction(connection)
        token = self._current.set(transaction)
        try:
            yield transaction
        finally:
            self._current.reset(token)
            transaction.close()

    @contextmanager
    def _foreign_errors_translated(self) -> Iterator[None]:
        """Nobody waits for a database that is known to be away; what goes wrong on the way to it is looked into."""
        if self.outage.is_away:
            raise Away
        try:
            yield
        except PoolTimeoutError as error:
            raise TemporarilyUnavailable("Too many requests are waiting for the database.") from error
        except PendingRollbackError as error:  # somebody can do without an answer, and went on without the connection
            raise Away from error
        except DBAPIError as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            if isinstance(refusal, Away):
                self.outage.suspect()
            elif isinstance(refusal, Unwritable):
                self.outage.could_not_write()
            raise refusal from error

    def close(self) -> None:
        self.outage.close()
        self.engine.dispose()
