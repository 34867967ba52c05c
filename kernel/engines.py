"""Engines: how the two databases are connected to, and whether they are there."""

import math
import time
from contextlib import closing
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from kernel.answering import Answering, Silent
from kernel.json_text import json_text
from kernel.outage import Outage

_POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=5000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=30000"
)
_TRUSTED_S = 1.0


def engine_of(url: str, outage: Outage) -> Engine:
    """The engine for this address; its connections tell of an outage, and hear of one."""
    common: dict[str, Any] = {
        "json_serializer": json_text,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,  # what is bound to a statement may be a secret and must not get into a log
    }
    if url.startswith("postgresql"):
        engine = create_engine(
            url,
            pool_size=16,
            max_overflow=4,
            pool_timeout=5,
            connect_args={"options": _POSTGRESQL_OPTIONS, "connect_timeout": 3},
            **common,
        )
        event.listen(engine, "do_connect", partial(_connected, outage))
        event.listen(engine, "checkin", _put_back)
        event.listen(engine, "checkout", partial(_ping_if_idle, engine.dialect))
        return engine
    engine = create_engine(url, pool_size=16, max_overflow=4, pool_timeout=5, **common)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _put_back(driver: Any, record: Any) -> None:
    """Whatever became of a glance (`stand_alone`): no connection waits for a transaction in autocommit."""
    if driver is not None and driver.autocommit:
        driver.autocommit = False
    record.info["used_at"] = time.monotonic()


def _ping_if_idle(dialect: Dialect, connection: Any, record: Any, _: object) -> None:
    """Ask a connection that nobody used for a second whether it still stands; the pool then takes another.

    To ask every time is a round trip for each transaction (a fifth of the time of a hold, measured). One that was cut
    within the second costs one request a 503, which throws out all the others too.
    """
    if time.monotonic() - record.info.get("used_at", -math.inf) < _TRUSTED_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """`isolation_level` None hands BEGIN to us; FULL because a booking that was acknowledged is durable."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once: upgrading a read lock fails at once under contention."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _connected(outage: Outage, _dialect: Dialect, _record: object, args: Any, options: Any) -> Answering:
    if outage.is_away:  # a connection that was found dead is made anew before anybody could have refused
        raise Silent("the server is away")
    connection = Answering.connect(*args, **options)
    connection.outage = outage
    return connection


def reading_engine(engine: Engine) -> Engine:
    """The same pool for reading. On PostgreSQL each statement then stands by itself, as it does anyway where every
    statement sees what is committed when it begins; that saves a BEGIN and a ROLLBACK, two round trips of three. On
    SQLite a reader's transaction keeps what it reads from changing in between.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT") if engine.dialect.name == "postgresql" else engine


def stand_alone(connection: Connection) -> None:
    """As `reading_engine`, until the connection is put back into its pool: the library would set its level, too."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql":
        driver.autocommit = True


def answers(engine: Engine) -> bool:
    """Whether the database is there now: found out in 3 s at most, on a connection of its own."""
    args, options = engine.dialect.create_connect_args(engine.url)
    is_sqlite = engine.dialect.name == "sqlite"
    briefly = {"timeout": 2} if is_sqlite else {"connect_timeout": 2}
    try:
        with closing(engine.dialect.connect(*args, **{**options, **briefly})) as connection:
            if is_sqlite:
                connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1")
    except engine.dialect.loaded_dbapi.Error as error:
        return "too many clients" in str(error)  # it is there, and busy
    return True
