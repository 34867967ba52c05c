"""Migrations: one head, there and back again, what they make is what the models say, and the guard is present."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

import accounts.tables  # noqa: F401 - this import and those below put their tables into the metadata
import finder.maintenance_tables
import finder.tables  # noqa: F401
import kernel.idempotency
import kernel.installation
import kernel.outbox  # noqa: F401
from finder.catalogue import StationCatalogue
from kernel import schema
from kernel.clock import FixedClock
from kernel.database import Base, Database
from reservations.domain.lifecycle import OCCUPYING
from reservations.tables import NO_OVERLAP
from tests.builders import a_station
from tests.stores.reservation_words import Scene

GUARD = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x' AND conname = :name"
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'reservations'"


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(schema.config()).get_heads()) == 1


def test_the_schema_goes_down_and_up_again_and_is_the_same(database: Database) -> None:
    before = _shape(database)

    _downgrade(database, "base")
    in_between = _shape(database)
    schema.upgrade(database)

    assert in_between.keys() <= {"alembic_version"}
    assert _shape(database) == before
    assert schema.is_current(database)


def test_the_models_say_what_the_migrations_made(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_is_in_the_database(database: Database) -> None:
    inspector = inspect(database.engine)
    for name, table in Base.metadata.tables.items():
        wanted = {str(check.name) for check in table.constraints if type(check).__name__ == "CheckConstraint"}
        assert wanted <= {str(check["name"]) for check in inspector.get_check_constraints(name)}


def test_the_no_overlap_guard_is_present_and_knows_every_occupying_state(database: Database) -> None:
    guards = _guards(database)

    assert len(guards) == (1 if database.engine.dialect.name == "postgresql" else 2)
    for guard in guards:
        assert all(f"'{state}'" in guard for state in OCCUPYING)


def test_the_control_a_dropped_guard_is_missed(database: Database) -> None:
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE reservations DROP CONSTRAINT {NO_OVERLAP}"))
        else:
            connection.execute(text(f"DROP TRIGGER {NO_OVERLAP}_on_update"))

    assert len(_guards(database)) < (1 if database.engine.dialect.name == "postgresql" else 2)


def test_a_station_stands_on_the_earth(database: Database, clock: FixedClock) -> None:
    catalogue = StationCatalogue(database, clock)

    with pytest.raises(IntegrityError, match="lat"):
        catalogue.merge([a_station("7:1", lat=90.1)], source="test", complete=False, force=False)
    catalogue.merge([a_station("7:1", lat=90.0)], source="test", complete=False, force=False)


def _guards(database: Database) -> list[str]:
    with database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            return list(session.execute(text(GUARD), {"name": NO_OVERLAP}).scalars())
        found = session.execute(text(TRIGGERS)).all()
        return [sql for name, sql in found if name.startswith(NO_OVERLAP)]


def _downgrade(database: Database, to: str) -> None:
    with schema.migrating(database) as connection:
        command.downgrade(schema.config(connection), to)
        connection.commit()


def _shape(database: Database) -> dict[str, list[str]]:
    """Tables with their columns, keys, indexes and checks, and the guards."""
    inspector = inspect(database.engine)
    return {name: sorted(map(repr, _parts(inspector, name))) for name in inspector.get_table_names()}


def _parts(inspector: Any, name: str) -> Iterator[Any]:
    for column in inspector.get_columns(name):
        yield {**column, "type": str(column["type"])}
    yield from inspector.get_foreign_keys(name)
    for index in inspector.get_indexes(name):
        yield {**index, "dialect_options": {k: str(v) for k, v in index.get("dialect_options", {}).items()}}
    yield from inspector.get_unique_constraints(name)
    yield from inspector.get_check_constraints(name)
    yield inspector.get_pk_constraint(name)


def test_reservations_from_before_the_history_get_the_moves_that_they_went_through(
    database: Database, clock: FixedClock
) -> None:
    scene = Scene(database, clock, ports=4)
    held = [scene.hold(port=port, by=scene.a_driver(f"driver {port}")) for port in range(1, 5)]
    for one, state in zip(held, ("LAPSED", "CONFIRMED", "CANCELLED", "HELD"), strict=True):
        confirmed_at = "created_at" if state in ("CONFIRMED", "CANCELLED") else "NULL"
        with database.writing() as session:
            values = f"state = '{state}', confirmed_at = {confirmed_at}"
            session.execute(text(f"UPDATE reservations SET {values} WHERE handle = :handle"), {"handle": one.handle})
    _downgrade(database, "0004")
    schema.upgrade(database)

    with database.reading() as session:
        rows = session.execute(text("SELECT handle, what, from_state, to_state FROM reservation_history ORDER BY id"))
        moves = [tuple(row) for row in rows]

    confirmed = [("held", None, "HELD"), ("confirmed", "HELD", "CONFIRMED")]
    wanted = [
        [("held", None, "HELD"), ("lapsed", "HELD", "LAPSED")],
        confirmed,
        [*confirmed, ("cancelled", "CONFIRMED", "CANCELLED")],
        [("held", None, "HELD")],
    ]
    assert [[move[1:] for move in moves if move[0] == one.handle] for one in held] == wanted
