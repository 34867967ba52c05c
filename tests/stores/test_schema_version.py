"""A database that cannot be used is refused in one clear line, before anything is done to it."""

import pytest
from sqlalchemy import text

from kernel import schema
from kernel.database import Database
from kernel.errors import SettingsError


def test_a_server_that_is_too_old_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for least in ("LEAST_POSTGRESQL", "LEAST_SQLITE"):
        monkeypatch.setattr(schema, least, (99,))

    with pytest.raises(SettingsError, match=r"^(PostgreSQL|SQLite) 99 or newer is needed; .* points at [0-9.]+\.$"):
        schema.upgrade(database)


def test_a_schema_of_a_later_version_is_refused(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SettingsError, match="schema 9999, which this version of Portside does not know"):
        schema.upgrade(database)


def test_an_up_to_date_schema_is_left_alone(database: Database) -> None:
    schema.upgrade(database)

    assert schema.is_current(database)


def test_a_server_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^PORTSIDE_DATABASE_URL: "):
        schema.upgrade(Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
