"""Transactions: what is sent by the session and past it stands or falls together, and who is within joins."""

from contextlib import suppress

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from accounts.tables import OrganizationRow
from kernel.database import Database
from kernel.database_faults import Away
from kernel.errors import Collision
from kernel.ready_statement import ReadyStatement

ADDED = ReadyStatement(
    insert(OrganizationRow).values(organization_id=bindparam("organization_id"), name="X", plan="CORPORATE", demo=False)
)


def added(organization_id: str) -> OrganizationRow:
    return OrganizationRow(organization_id=organization_id, name="X", plan="CORPORATE", demo=False)


def known(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.execute(select(OrganizationRow.organization_id).order_by("organization_id")).scalars())


def fail_after_both(database: Database) -> None:
    with database.transaction() as transaction:
        ADDED.on(transaction.connection, {"organization_id": "1:A"})
        transaction.session.add(added("1:B"))
        transaction.flush()
        raise RuntimeError


def add_past_the_session_and_in_it(database: Database, first: str, second: str) -> None:
    with database.transaction() as transaction:
        ADDED.on(transaction.connection, {"organization_id": first})
        transaction.session.add(added(second))


def fail_within(database: Database) -> None:
    with database.writing() as session:
        session.add(added("1:B"))
        session.flush()
        raise RuntimeError


def fail_within_past_the_session(database: Database) -> None:
    with database.transaction() as transaction:
        ADDED.on(transaction.connection, {"organization_id": "1:B"})
        raise RuntimeError


def fail_within_by_a_ready_statement(database: Database) -> None:
    with database.writing() as session:
        ADDED.on(session, {"organization_id": "1:B"})
        raise RuntimeError


def be_refused_apart(database: Database) -> None:
    with database.reading_apart(), database.glancing() as connection:
        for _ in range(2):
            ADDED.on(connection, {"organization_id": "1:B"})


def go_on_after_a_refusal(database: Database, organization_id: str) -> None:
    """Within one transaction, that the refusal has rolled back."""
    with database.transaction() as transaction:
        transaction.session.add(added(organization_id))
        with suppress(IntegrityError):
            transaction.flush()
        database.when_committed(lambda: pytest.fail("nothing was committed"))


def test_what_the_session_and_the_connection_send_is_one_commit(database) -> None:
    with database.transaction() as transaction:
        ADDED.on(transaction.connection, {"organization_id": "1:A"})
        transaction.session.add(added("1:B"))  # sent at the end

    assert known(database) == ["1:A", "1:B"]


def test_and_one_rollback(database) -> None:
    with pytest.raises(RuntimeError):
        fail_after_both(database)

    assert known(database) == []


def test_a_session_that_is_refused_at_the_end_takes_all_with_it(database) -> None:
    with database.writing() as session:
        session.add(added("1:A"))

    with pytest.raises(Collision):
        add_past_the_session_and_in_it(database, "1:B", "1:A")

    assert known(database) == ["1:A"]


def test_who_reads_or_glances_within_sees_what_is_not_committed(database) -> None:
    with database.transaction() as transaction:
        ADDED.on(transaction.connection, {"organization_id": "1:A"})

        assert known(database) == ["1:A"]
        with database.glancing() as connection:
            assert connection is transaction.connection


@pytest.mark.parametrize("fail", [fail_within, fail_within_past_the_session, fail_within_by_a_ready_statement])
@pytest.mark.parametrize("outermost", ["transaction", "writing"])
def test_who_writes_within_and_fails_undoes_only_that(database, outermost, fail) -> None:
    with getattr(database, outermost)():
        with database.transaction() as inner:
            ADDED.on(inner.connection, {"organization_id": "1:A"})
        with pytest.raises(RuntimeError):
            fail(database)
        with database.writing() as session:
            session.add(added("1:C"))

    assert known(database) == ["1:A", "1:C"]


@pytest.mark.parametrize("outermost", ["transaction", "writing"])
def test_a_transaction_goes_on_after_what_was_refused_apart(database, outermost) -> None:
    with getattr(database, outermost)():
        with pytest.raises(Collision):
            be_refused_apart(database)
        with database.writing() as session:
            session.add(added("1:A"))

    assert known(database) == ["1:A"]


def test_who_goes_on_after_all_was_rolled_back_is_told(database) -> None:
    with database.writing() as session:
        session.add(added("1:A"))

    with pytest.raises(Away):
        go_on_after_a_refusal(database, "1:A")


def test_work_for_after_the_commit_is_done_once_it_is_committed_by_whoever_began(database) -> None:
    done: list[str] = []

    with database.writing():
        with database.transaction():
            database.when_committed(lambda: done.append("told"))
        assert done == []

    assert done == ["told"]


def fail_with_work_left(database: Database, done: list[str]) -> None:
    with database.transaction():
        database.when_committed(lambda: done.append("told"))
        raise RuntimeError


def test_it_is_not_done_where_that_is_rolled_back(database) -> None:
    done: list[str] = []

    with pytest.raises(RuntimeError):
        fail_with_work_left(database, done)
    with database.writing():
        pass

    assert done == []


def test_work_for_after_a_commit_needs_a_transaction(database) -> None:
    with pytest.raises(AssertionError, match="no transaction"):
        database.when_committed(lambda: None)


def test_what_was_added_is_known_after_the_commit(database) -> None:
    with database.writing() as session:
        row = added("1:A")
        session.add(row)

    assert row.organization_id == "1:A"
