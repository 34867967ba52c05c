"""The engines of the two databases: their pools, their settings, and how a transaction begins."""

from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event

_POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=5000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=30000"
)


def engine_of(url: str) -> Engine:
    common: dict[str, Any] = {
        "json_serializer": _json_text,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,  # what is bound to a statement may be a secret and must not get into a log
    }
    if url.startswith("postgresql"):
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=16,
            max_overflow=4,
            pool_timeout=5,
            connect_args={"options": _POSTGRESQL_OPTIONS, "connect_timeout": 3},
            **common,
        )
    engine = create_engine(url, pool_size=16, max_overflow=4, pool_timeout=5, **common)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _json_text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """`isolation_level` None hands BEGIN to us; FULL because a booking that was acknowledged is durable."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once: upgrading a read lock fails at once under contention."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def reading_engine(engine: Engine) -> Engine:
    """The same pool for reading. On PostgreSQL each statement then stands by itself, as it does anyway where every
    statement sees what is committed when it begins; that saves a BEGIN and a ROLLBACK, two round trips of three. On
    SQLite a reader's transaction keeps what it reads from changing in between.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT") if engine.dialect.name == "postgresql" else engine
