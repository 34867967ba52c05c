"""The schema's version: brought up to date at the start, and compared with what this code was written for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from kernel.database import Database
from kernel.errors import SettingsError

LEAST_POSTGRESQL = (15,)
LEAST_SQLITE = (3, 35)
_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_ONE_MIGRATION = 8_150_814  # advisory lock


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the schema up to date. Raises SettingsError with one clear line where the database cannot be used."""
    try:
        with migrating(database) as connection:
            _check_version(connection)
            _upgrade(connection, to)
    except DBAPIError as error:
        raise SettingsError(f"PORTSIDE_DATABASE_URL: {_first_line(error)}") from error


@contextmanager
def migrating(database: Database) -> Iterator[Connection]:
    """A connection for changing the schema.

    SQLite changes many a table by making it anew, and while foreign keys are kept it refuses to drop one that others
    refer to; what they refer to is looked at afterwards instead. The setting is heeded outside transactions only.
    """
    with database.engine.execution_options(writes=True).connect() as connection:
        if connection.dialect.name != "sqlite":
            yield connection
            return
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
            if driver.execute("PRAGMA foreign_key_check").fetchone():
                raise SettingsError("A migration left rows that refer to nothing; restore the database from a copy.")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def is_current(database: Database) -> bool:
    """Whether the schema is the one that this code was written for."""
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() == head()


def head() -> str | None:
    """The newest revision."""
    return ScriptDirectory.from_config(config()).get_current_head()


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings: where the migrations are and what they run on."""
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS))
    settings.attributes["connection"] = connection
    return settings


def _upgrade(connection: Connection, to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_MIGRATION})
    held = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if held is not None and held not in known:
        raise SettingsError(
            f"The database is at schema {held}, which this version of Portside does not know; "
            "run the version that made it, or point PORTSIDE_DATABASE_URL at another database."
        )
    if to == "head" and held == head():
        connection.commit()
        return
    command.upgrade(config(connection), to)
    connection.commit()


def _check_version(connection: Connection) -> None:
    is_postgresql = connection.dialect.name == "postgresql"
    least, name = (LEAST_POSTGRESQL, "PostgreSQL") if is_postgresql else (LEAST_SQLITE, "SQLite")
    found = connection.dialect.server_version_info or ()
    if found < least:
        wanted, there = (".".join(map(str, version)) for version in (least, found))
        raise SettingsError(f"{name} {wanted} or newer is needed; PORTSIDE_DATABASE_URL points at {there}.")


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]
