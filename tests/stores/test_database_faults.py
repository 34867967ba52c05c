"""Faults of the database: one place turns them into 409 or 503, and whoever was overtaken starts anew."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.database_faults import Away, Unwritable, again_if_overtaken
from kernel.errors import Collision, Overtaken, TemporarilyUnavailable

MEANINGS = {
    "23P01": Collision,
    "23505": Collision,
    "40001": Overtaken,
    "40P01": Overtaken,
    "55P03": TemporarilyUnavailable,
    "25006": Unwritable,
    "53100": Unwritable,
    "57P01": Away,
    "53300": TemporarilyUnavailable,
}


def said_by_the_server(database: Database, state: str) -> None:
    """A transaction that the server itself ends with this SQLSTATE."""
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no SQLSTATEs")
    with database.writing() as session:
        session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"))


@pytest.mark.parametrize("state", MEANINGS)
def test_a_state_that_passes_is_a_refusal_and_no_surprise(database, state) -> None:
    with pytest.raises(MEANINGS[state]) as caught:
        said_by_the_server(database, state)

    assert type(caught.value) is MEANINGS[state]
    assert caught.value.status == (409 if MEANINGS[state] is Collision else 503)


@pytest.mark.parametrize("state", ["40P01", "55P03"])
def test_inside_of_another_transaction_it_means_the_same(database, state) -> None:
    with pytest.raises(MEANINGS[state]), database.writing():
        said_by_the_server(database, state)


def counted(work: Callable[[int], None]) -> tuple[Callable[[], int], list[int]]:
    """The work, told which start it is; and the starts."""
    starts: list[int] = []

    def once() -> int:
        starts.append(len(starts) + 1)
        work(starts[-1])
        return starts[-1]

    return once, starts


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_who_was_overtaken_starts_anew_and_gets_through(database, state) -> None:
    once, starts = counted(lambda start: said_by_the_server(database, state) if start < 3 else None)

    assert again_if_overtaken(once) == 3
    assert starts == [1, 2, 3]


def test_the_third_time_is_the_last(database) -> None:
    once, starts = counted(lambda _: said_by_the_server(database, "40001"))

    with pytest.raises(Overtaken):
        again_if_overtaken(once)

    assert starts == [1, 2, 3]


@pytest.mark.parametrize("state", ["55P03", "23505"])
def test_nothing_else_is_tried_again(database, state) -> None:
    once, starts = counted(lambda _: said_by_the_server(database, state))

    with pytest.raises(MEANINGS[state]):
        again_if_overtaken(once)

    assert starts == [1]


def test_a_thing_that_is_there_already_is_a_collision_on_every_database(database) -> None:
    add = text("INSERT INTO organizations (organization_id, name, plan, demo) VALUES ('1:1', 'A', 'CORPORATE', :no)")
    with database.writing() as session:
        session.execute(add, {"no": False})

    with pytest.raises(Collision), database.writing() as session:
        session.execute(add, {"no": False})


def test_every_connection_has_its_limits(database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has its busy_timeout alone")
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")

    with database.reading() as session:
        limits = {name: session.execute(text(f"SHOW {name}")).scalar_one() for name in names}

    assert limits == {"lock_timeout": "5s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "30s"}


def lose_the_connection_and_go_on(database: Database) -> None:
    with database.writing() as session:
        with suppress(TemporarilyUnavailable), database.reading_apart():
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        session.execute(text("SELECT 1"))


def test_who_goes_on_after_losing_the_connection_is_told_the_same_again(database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connection to lose")

    with pytest.raises(Away):
        lose_the_connection_and_go_on(database)
