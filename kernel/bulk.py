"""Many rows at once: on PostgreSQL one statement with a JSON document a table, on SQLite prepared statements."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Dialect, Select, Table, any_, literal
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for a table, all with the same columns; `on_conflict` is the SQL after `ON CONFLICT`, the same on both."""

    table: Any
    rows: Sequence[Mapping[str, Any]]
    on_conflict: str = ""

    @property
    def _made(self) -> Table:
        made: Table = self.table.__table__
        return made

    def statement(self, source: str) -> str:
        """The insert with its rows from there."""
        tail = f" ON CONFLICT {self.on_conflict}" if self.on_conflict else ""
        return f"INSERT INTO {self._made.name} ({', '.join(self.rows[0])}) {source}{tail}"

    def from_document(self) -> str:
        """The insert for PostgreSQL; its one parameter is the document."""
        source = f"json_populate_recordset(NULL::{self._made.name}, %s::json)"
        return self.statement(f"SELECT {', '.join(self.rows[0])} FROM {source}")  # noqa: S608

    def values(self, dialect: Dialect) -> list[tuple[Any, ...]]:
        """The rows as the driver takes them."""
        return list(zip(*(self._column(self._made.columns[name], dialect) for name in self.rows[0]), strict=True))

    def _column(self, column: Column[Any], dialect: Dialect) -> list[Any]:
        bound: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
        return [row[column.name] if bound is None else bound(row[column.name]) for row in self.rows]


def among(session: Session, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column is one of many values: on PostgreSQL one parameter, for the driver reads a statement through."""
    if session.get_bind().dialect.name == "postgresql":
        found: ColumnElement[bool] = column == any_(literal(values, ARRAY(column.type)))
        return found
    return column.in_(values)  # type: ignore[no-any-return]


def raw_rows(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Sequence[Any]]:
    """What the driver reads, for columns of numbers and texts: a session takes four times as long to hand it on."""
    result = session.connection().execute(query)
    with closing(result):
        return result.cursor.fetchall()


def insert_rows(session: Session, *given: Rows) -> None:
    """Insert all these rows; the tables must not depend on each other's.

    With a parameter for each value PostgreSQL's client takes several times as long, and each statement more is a
    journey there and back.
    """
    inserts = [one for one in given if one.rows]
    if not inserts:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _insert_at_once(connection, inserts)
        return
    for one in inserts:
        marks = ", ".join("?" * len(one.rows[0]))
        connection.exec_driver_sql(one.statement(f"VALUES ({marks})"), one.values(connection.dialect))


def _insert_at_once(connection: Connection, inserts: Sequence[Rows]) -> None:
    *others, last = [one.from_document() for one in inserts]
    named = ", ".join(f"insert_{number} AS ({statement})" for number, statement in enumerate(others))
    statement = f"WITH {named} {last}" if others else last
    connection.exec_driver_sql(statement, tuple(orjson.dumps(one.rows).decode() for one in inserts))
