"""Many rows at once: on PostgreSQL one statement with an array a column, on SQLite prepared statements."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ARRAY, JSON, Column, ColumnElement, Connection, Dialect, Select, Table, any_, literal
from sqlalchemy.orm import Session

from kernel.transaction import is_postgresql

_LENGTH = re.compile(r"\(\d+\)")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for a table, as columns: name → values, the first of each being the first row's.

    `on_conflict` is the SQL after `ON CONFLICT`, the same on both databases.
    """

    table: Any
    columns: Mapping[str, Sequence[Any]]
    on_conflict: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no row."""
        return not any(self.columns.values())

    @property
    def _made(self) -> Table:
        made: Table = self.table.__table__
        return made

    def statement(self, source: str) -> str:
        """The insert with its rows from there."""
        tail = f" ON CONFLICT {self.on_conflict}" if self.on_conflict else ""
        return f"INSERT INTO {self._made.name} ({', '.join(self.columns)}) {source}{tail}"

    def from_arrays(self, dialect: Dialect) -> str:
        """The insert for PostgreSQL; its parameters are the arrays."""
        marks = ", ".join(f"%s::{_array_type(self._made.columns[name], dialect)}" for name in self.columns)
        return self.statement(f"SELECT * FROM unnest({marks})")  # noqa: S608

    def arrays(self) -> list[str]:
        """The columns as PostgreSQL reads arrays."""
        return [_array(self._made.columns[name], values) for name, values in self.columns.items()]

    def values(self, dialect: Dialect) -> list[tuple[Any, ...]]:
        """The rows as the driver takes them."""
        return list(zip(*(self._column(self._made.columns[name], dialect) for name in self.columns), strict=True))

    def _column(self, column: Column[Any], dialect: Dialect) -> Sequence[Any]:
        bound: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
        values = self.columns[column.name]
        return values if bound is None else [bound(value) for value in values]


def _array_type(column: Column[Any], dialect: Dialect) -> str:
    """Without a length: a cast would cut off what is too long, and the table refuses it."""
    return f"{_LENGTH.sub('', column.type.compile(dialect))}[]"


def _array(column: Column[Any], values: Sequence[Any]) -> str:
    """A JSON list of plain values is an array but for its brackets, and for what is escaped in its texts."""
    if isinstance(column.type, JSON):
        values = [None if value is None else orjson.dumps(value).decode() for value in values]
    listed = orjson.dumps(values).decode()
    elements = ",".join(map(_element, values)) if "\\" in listed else listed[1:-1]
    return f"{{{elements}}}"


def _element(text: str | None) -> str:
    """A text, quoted."""
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def among(session: Session, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column is one of many values: on PostgreSQL one parameter, for the driver reads a statement through."""
    if is_postgresql(session):
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
    inserts = [one for one in given if not one.is_empty]
    if not inserts:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _insert_at_once(connection, inserts)
        return
    for one in inserts:
        marks = ", ".join("?" * len(one.columns))
        connection.exec_driver_sql(one.statement(f"VALUES ({marks})"), one.values(connection.dialect))


def _insert_at_once(connection: Connection, inserts: Sequence[Rows]) -> None:
    *others, last = [one.from_arrays(connection.dialect) for one in inserts]
    named = ", ".join(f"insert_{number} AS ({statement})" for number, statement in enumerate(others))
    statement = f"WITH {named} {last}" if others else last
    connection.exec_driver_sql(statement, tuple(array for one in inserts for array in one.arrays()))
