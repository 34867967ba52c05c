"""The locks of a hold are one statement: the driver's row is taken, then the port's, and then the time is read."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import Connection, text

from kernel.clock import FixedClock
from kernel.database import Database
from reservations import store
from reservations.domain.policy import PortTaken
from tests.stores.reservation_words import Scene

PATIENCE_S = 30


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is nothing to lock")
    return Scene(database, clock)


def take(connection: Connection, table: str, row: int) -> None:
    connection.execute(text(f"SELECT id FROM {table} WHERE id = {row} FOR UPDATE"))


def is_free(scene: Scene, table: str, row: int) -> bool:
    with scene.database.engine.begin() as connection:
        found = connection.execute(text(f"SELECT id FROM {table} WHERE id = {row} FOR UPDATE SKIP LOCKED"))
        return found.one_or_none() is not None


def locked(scene: Scene) -> datetime | None:
    with scene.database.writing() as session:
        return store.lock_port(session, scene.port_id, scene.driver.driver_id)


def wait_for_someone_waiting(connection: Connection) -> None:
    """Somebody waits for what this connection's transaction has locked."""
    until = time.monotonic() + PATIENCE_S
    waiting = text("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    while not connection.execute(waiting).scalar_one():
        assert time.monotonic() < until
        time.sleep(0.01)


def begun(scene: Scene, pool: ThreadPoolExecutor, connection: Connection) -> "Future[datetime | None]":
    waiting = pool.submit(locked, scene)
    wait_for_someone_waiting(connection)
    return waiting


def test_who_waits_for_the_driver_has_not_taken_the_port(scene) -> None:
    with ThreadPoolExecutor() as pool, scene.database.engine.begin() as other:
        take(other, "drivers", scene.driver.driver_id)
        waiting = begun(scene, pool, other)
        is_port_free = is_free(scene, "ports", scene.port_id)
        other.commit()

    assert is_port_free
    assert waiting.result() is not None


def test_who_waits_for_the_port_has_taken_the_driver(scene) -> None:
    with ThreadPoolExecutor() as pool, scene.database.engine.begin() as other:
        take(other, "ports", scene.port_id)
        waiting = begun(scene, pool, other)
        is_driver_free = is_free(scene, "drivers", scene.driver.driver_id)
        other.commit()

    assert not is_driver_free
    assert waiting.result() is not None


@pytest.mark.parametrize("table", ["drivers", "ports"])
def test_the_time_is_that_of_having_waited(scene, table) -> None:
    row = scene.driver.driver_id if table == "drivers" else scene.port_id
    with ThreadPoolExecutor() as pool, scene.database.engine.begin() as other:
        take(other, table, row)
        waiting = begun(scene, pool, other)
        let_go_at = other.execute(text("SELECT clock_timestamp()")).scalar_one()
        other.commit()

    told = waiting.result()

    assert told is not None
    assert told > let_go_at


def test_a_hold_that_is_refused_within_a_transaction_leaves_no_lock_there(scene) -> None:
    """As with an Idempotency-Key, whose transaction goes on to look for alternatives and to keep the answer."""
    scene.hold()

    with scene.database.writing():
        with pytest.raises(PortTaken):
            scene.hold(by=scene.a_driver("bob"))
        free = [is_free(scene, "ports", scene.port_id), is_free(scene, "drivers", scene.driver.driver_id)]

    assert free == [True, True]
