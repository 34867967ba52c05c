"""Ready statements: the few that requests wait for most, with SQL that is made once and sent by the driver alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError

from kernel.transaction import Asker

_CURSOR = "ready cursor"
Rows = Sequence[Sequence[Any]]


class ReadyStatement:
    """A statement that is always the same but for its values.

    On PostgreSQL it is sent as text with values as the driver takes them (instants as datetimes in UTC, JSON as
    text), and its rows are what the driver makes of them: all that the library does around that (what was compiled,
    what the values and columns are, a result with names) takes nearly as long. On SQLite it is a statement like others.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._sent: tuple[bytes, dict[str, Any]] | None = None

    def on(self, asker: Asker, values: Mapping[str, Any]) -> Rows:
        """The rows, none where the statement gives none. Raises what the library raises of any other statement.

        A connection that is not a session's must be in a transaction already, or in autocommit.
        """
        connection = _connection_of(asker)
        if connection.dialect.name != "postgresql":
            found = connection.execute(self._statement, values)
            return found.all() if found.returns_rows else ()
        sql, constants = self._sent or self._made(connection.dialect)
        cursor = _sent_by(connection, sql, {**constants, **values})
        return cursor.fetchall() if cursor.pgresult.nfields else ()

    def _made(self, dialect: Dialect) -> tuple[bytes, dict[str, Any]]:
        compiled = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._sent = str(compiled).encode(), constants
        return self._sent


def _connection_of(asker: Asker) -> Connection:
    if isinstance(asker, Connection):
        return asker
    asker.flush()  # what was added to the session comes before what is sent now
    return asker.connection()


def _sent_by(connection: Connection, sql: bytes, values: Mapping[str, Any]) -> Any:
    """The cursor that the rows are fetched from."""
    cursor = _cursor_of(connection)
    for hear in connection.engine.dispatch.before_cursor_execute:
        hear(connection, cursor, sql.decode(), values, None, False)
    try:
        return cursor.execute(sql, values)
    except psycopg.Error as error:
        raise _as_told(connection, cursor, sql.decode(), error) from error


def _cursor_of(connection: Connection) -> Any:
    """One cursor for as long as the driver's connection lives: only one caller has that at a time."""
    info = connection.info
    if _CURSOR not in info:
        info[_CURSOR] = connection.connection.cursor()
    return info[_CURSOR]


def _as_told(connection: Connection, cursor: Any, sql: str, error: psycopg.Error) -> BaseException:
    """The library's own error. Where the connection is gone it finds that out itself, and clears its pool."""
    if cursor.connection.closed:
        connection.exec_driver_sql("SELECT 1")
    return DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect)
