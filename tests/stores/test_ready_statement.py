"""Ready statements: what the driver alone sends, with rows, faults and listeners as of any other statement."""

import pytest
from sqlalchemy import bindparam, insert, literal, select, text

from accounts.tables import OrganizationRow
from kernel.database import Database
from kernel.database_faults import Away
from kernel.errors import Collision
from kernel.ready_statement import ReadyStatement
from tests.statements import counted

NAMED = ReadyStatement(
    select(OrganizationRow.organization_id, OrganizationRow.name)
    .where(OrganizationRow.name == bindparam("name"), OrganizationRow.plan == "CORPORATE")
    .order_by(OrganizationRow.organization_id)
)
ADDED = ReadyStatement(
    insert(OrganizationRow).values(
        organization_id=bindparam("organization_id"), name=bindparam("name"), plan="CORPORATE", demo=False
    )
)
ONE = ReadyStatement(select(literal(1)))


@pytest.fixture
def known(database: Database) -> Database:
    """A and B, both of the name `X`."""
    with database.writing() as session:
        for organization_id in ("1:A", "1:B"):
            ADDED.on(session, {"organization_id": organization_id, "name": "X"})
    return database


def found(database: Database, name: str) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [tuple(row) for row in NAMED.on(session, {"name": name})]


def only_on_postgresql(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connection to lose")


def cut_all(database: Database) -> None:
    """Cut every connection to the database, from one of another owner's."""
    others = "pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
    owner = Database(database.engine.url.render_as_string(hide_password=False))
    with owner.reading() as session:
        session.execute(text(f"SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE {others}"))
    owner.close()


def add_and_fail(database: Database, organization_id: str, name: str) -> None:
    """Within one transaction."""
    with database.writing() as session:
        ADDED.on(session, {"organization_id": organization_id, "name": name})
        assert NAMED.on(session, {"name": name})
        raise RuntimeError


def add_and_be_cut(database: Database, organization_id: str, name: str) -> None:
    """Within one transaction, which is told of it by its next statement."""
    with database.writing() as session:
        ADDED.on(session, {"organization_id": organization_id, "name": name})
        cut_all(database)
        NAMED.on(session, {"name": name})


def test_rows_are_those_that_were_asked_for(known) -> None:
    assert found(known, "X") == [("1:A", "X"), ("1:B", "X")]
    assert found(known, "Y") == []


def test_a_statement_without_rows_gives_none_and_is_done(known) -> None:
    with known.writing() as session:
        assert list(ADDED.on(session, {"organization_id": "1:C", "name": "Y"})) == []

    assert found(known, "Y") == [("1:C", "Y")]


def test_what_an_insert_gives_back_are_rows_too(known) -> None:
    given = insert(OrganizationRow).values(organization_id=bindparam("id_"), name="Y", plan="CORPORATE", demo=False)
    adding = ReadyStatement(given.returning(OrganizationRow.organization_id))

    with known.writing() as session:
        assert [tuple(row) for row in adding.on(session, {"id_": "1:C"})] == [("1:C",)]


def test_it_is_part_of_its_transaction(known) -> None:
    with pytest.raises(RuntimeError):
        add_and_fail(known, "1:C", "Y")

    assert found(known, "Y") == []


def test_what_was_added_to_the_session_comes_before_it(known) -> None:
    with known.writing() as session:
        session.add(OrganizationRow(organization_id="1:C", name="Y", plan="CORPORATE", demo=False))

        assert [tuple(row) for row in NAMED.on(session, {"name": "Y"})] == [("1:C", "Y")]


def test_a_glance_sees_what_is_committed_and_leaves_no_transaction_behind(known) -> None:
    with known.glancing() as connection:
        assert len(NAMED.on(connection, {"name": "X"})) == 2
        with known.writing() as session:
            ADDED.on(session, {"organization_id": "1:C", "name": "X"})
        seen = len(NAMED.on(connection, {"name": "X"}))
        assert seen == (2 if known.has_one_writer else 3)

    with pytest.raises(RuntimeError):
        add_and_fail(known, "1:D", "X")
    assert len(found(known, "X")) == 3


def test_what_the_database_refuses_is_refused_as_ever(known) -> None:
    with pytest.raises(Collision), known.writing() as session:
        ADDED.on(session, {"organization_id": "1:A", "name": "Y"})

    assert found(known, "Y") == []


def test_listeners_hear_of_it(known) -> None:
    with counted(known) as sent:
        found(known, "X")

    assert [one for one in sent if "organizations" in one and "X" not in one]


def test_a_lost_connection_is_told_once_and_takes_the_others_of_its_pool_with_it(database) -> None:
    only_on_postgresql(database)
    with database.glancing() as first, database.glancing() as second:
        assert ONE.on(first, {}) == ONE.on(second, {})
    cut_all(database)

    with pytest.raises(Away), database.glancing() as connection:
        ONE.on(connection, {})

    with database.glancing() as connection:
        assert [tuple(row) for row in ONE.on(connection, {})] == [(1,)]


def test_a_transaction_that_loses_its_connection_is_lost(known) -> None:
    only_on_postgresql(known)

    with pytest.raises(Away):
        add_and_be_cut(known, "1:C", "Y")

    assert found(known, "Y") == []


def leave_it_in_the_middle(database: Database) -> None:
    with database.glancing() as connection:
        connection.exec_driver_sql("BEGIN")
        raise RuntimeError


def test_after_a_glance_that_was_left_in_the_middle_a_transaction_is_one(known) -> None:
    only_on_postgresql(known)
    with pytest.raises(RuntimeError):
        leave_it_in_the_middle(known)

    with pytest.raises(RuntimeError):
        add_and_fail(known, "1:C", "Y")

    assert found(known, "Y") == []
