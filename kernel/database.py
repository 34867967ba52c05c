"""The database: transactions, the two dialects' differences, and what a lost connection means to a caller."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Dialect,
    MetaData,
)
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from kernel.engines import engine_of, reading_engine
from kernel.errors import Collision, Overtaken, Refusal, TemporarilyUnavailable
from kernel.turns import WriterTurn

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOST_TO_OTHERS = {"40001", "40P01"}  # serialization failure, deadlock
_TAKEN = {"23505", "23P01"}  # unique and exclusion violation, where no store knew better what they mean
_PASSING_STATES = {"55P03", "57014", "57P01", "57P02", "57P03", "53300"}
_FOREIGN_KEY_VIOLATION = "23503"
_MOST_STARTS = 3


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
        self.engine = engine_of(url)
        self._writer = self.engine.execution_options(writes=True)
        self._reader = reading_engine(self.engine)
        self._turn = WriterTurn(url)
        self._current: ContextVar[Session | None] = ContextVar("transaction", default=None)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading. Raises TemporarilyUnavailable where the database is away."""
        joined = self._current.get()
        if joined is not None:
            yield joined
            return
        with _foreign_errors_translated(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction, committed when the block ends and rolled back when it raises."""
        outer = self._current.get()
        if outer is not None:
            with _foreign_errors_translated(), outer.begin_nested():
                yield outer
            return
        with _foreign_errors_translated(), self._turn, Session(self._writer, expire_on_commit=False) as session:
            with self._made_current(session), session.begin():
                yield session
            for work in session.info.get("when_committed", ()):
                work()

    @contextmanager
    def reading_apart(self) -> Iterator[Session]:
        """A session for reading what one can do without; use cases called within it join it.

        A transaction around it goes on after a failed statement. Raises TemporarilyUnavailable as `reading` does.
        """
        outer = self._current.get()
        with _foreign_errors_translated():
            if outer is not None:
                with outer.begin_nested():
                    yield outer
                return
            with Session(self.engine, expire_on_commit=False) as session, self._made_current(session):
                yield session

    def when_committed(self, session: Session, work: Callable[[], None]) -> None:
        """Run `work` once the outermost transaction is committed; not at all where it is rolled back."""
        session.info.setdefault("when_committed", []).append(work)

    @contextmanager
    def _made_current(self, session: Session) -> Iterator[None]:
        token = self._current.set(session)
        try:
            yield
        finally:
            self._current.reset(token)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _foreign_errors_translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise TemporarilyUnavailable("Too many requests are waiting for the database.") from error
    except DBAPIError as error:
        refusal = _refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal_of(error: DBAPIError) -> Refusal | None:
    """What a fault of the database means to a caller; None where it is a fault of ours."""
    state, said = sqlstate(error), str(error.orig)
    if state in _LOST_TO_OTHERS:
        return Overtaken()
    if state in _TAKEN or said.startswith("UNIQUE constraint failed"):
        return Collision()
    if state == _FOREIGN_KEY_VIOLATION or said.startswith("FOREIGN KEY"):
        return TemporarilyUnavailable("What this refers to was removed meanwhile.")
    if state in _PASSING_STATES:
        return TemporarilyUnavailable("The database is too busy at the moment.")
    if isinstance(error, OperationalError | InterfaceError):
        return TemporarilyUnavailable("The database cannot be reached at the moment.")
    return None


def again_if_overtaken(work: Callable[[], T]) -> T:
    """The work, begun anew as a whole where the database gave others the right of way (40001, 40P01); 3 times at most.

    Each new start waits a little longer, by chance, so that those who met do not meet again. It stands around the
    outermost transaction: part of one cannot be repeated.
    """
    for attempt in range(_MOST_STARTS - 1):
        try:
            return work()
        except Overtaken:
            time.sleep(random.uniform(0.005, 0.05) * 2**attempt)
    return work()


def sqlstate(error: DBAPIError) -> str | None:
    """The five-character SQLSTATE of PostgreSQL, None on SQLite."""
    return getattr(error.orig, "sqlstate", None)
