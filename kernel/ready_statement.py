"""Ready statements: the few that requests wait for most, with SQL that is made once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.orm import Session


class ReadyStatement:
    """A statement that is always the same but for its values.

    On PostgreSQL it is sent as text with values as the driver takes them (instants as datetimes in UTC, JSON as
    text), and its rows are what the driver makes of them: looking up what was compiled and looking at every value and
    column again cost a fifth of the time of sending it. On SQLite it is a statement like all others.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._sent: tuple[str, dict[str, Any]] | None = None

    def on(self, asker: Session | Connection, values: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
        """The rows. Raises what the library raises of any other statement."""
        connection = _connection_of(asker)
        if connection.dialect.name != "postgresql":
            return connection.execute(self._statement, values)
        sql, constants = self._sent or self._made(connection.dialect)
        return connection.exec_driver_sql(sql, {**constants, **values})

    def _made(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        compiled = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._sent = str(compiled), constants
        return self._sent


def _connection_of(asker: Session | Connection) -> Connection:
    if isinstance(asker, Connection):
        return asker
    asker.flush()  # what was added to the session comes before what is sent now
    return asker.connection()
