"""Many rows in one statement: on PostgreSQL one JSON document, on SQLite one prepared statement run for each row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Column, Dialect, Table
from sqlalchemy.orm import Session


def insert_rows(session: Session, table: Any, rows: Sequence[Mapping[str, Any]], *, on_conflict: str = "") -> None:
    """Insert rows that all have the same columns; `on_conflict` is the SQL after `ON CONFLICT`, the same on both.

    With a parameter for each value PostgreSQL's client takes several times as long; arrays are not much better.
    """
    if not rows:
        return
    connection = session.connection()
    made: Table = table.__table__
    names = ", ".join(rows[0])
    head, tail = f"INSERT INTO {made.name} ({names})", f" ON CONFLICT {on_conflict}" if on_conflict else ""
    if connection.dialect.name == "postgresql":
        source = f"json_populate_recordset(NULL::{made.name}, %s::json)"
        connection.exec_driver_sql(f"{head} SELECT {names} FROM {source}{tail}", (orjson.dumps(rows).decode(),))  # noqa: S608
        return
    marks = ", ".join("?" * len(rows[0]))
    values = [_values(made.columns[name], rows, connection.dialect) for name in rows[0]]
    connection.exec_driver_sql(f"{head} VALUES ({marks}){tail}", list(zip(*values, strict=True)))


def _values(column: Column[Any], rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> list[Any]:
    """A column's values as the driver takes them."""
    name = column.name
    bound: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return [row[name] for row in rows] if bound is None else [bound(row[name]) for row in rows]
