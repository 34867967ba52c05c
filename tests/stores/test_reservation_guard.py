"""The database's own guard: whatever the program does, no two live reservations share a port and a moment."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from faults.guard import drop_guard
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.errors import Collision
from reservations import store
from reservations.domain.lifecycle import OCCUPYING, State
from reservations.domain.policy import PortTaken
from reservations.tables import NO_OVERLAP, NO_OVERLAP_GUARD
from tests.stores.reservation_words import NOON, Rows, Scene, finding_it_free

SUB_SECOND = 1 / 120
NOT_WINDOWS = {
    "empty": (60, 60),
    "reversed": (60, 30),
    "without start": (None, 60),
    "without end": (60, None),
    "endless": (60, "infinity"),
    "longer than a day": (0, 24 * 60 + 1),
    "starting within a second": (SUB_SECOND, 60),
    "ending within a second": (0, 60 + SUB_SECOND),
}
OVERLAPS = {"equal": (60, 120), "before": (0, 61), "after": (119, 200), "inside": (70, 80), "around": (0, 200)}
ENDED = sorted(set(State) - OCCUPYING)


@pytest.fixture
def rows(database: Database, clock: FixedClock) -> Rows:
    return Rows(Scene(database, clock))


@pytest.mark.parametrize("state", sorted(OCCUPYING))
def test_an_overlapping_row_cannot_be_inserted(rows, state) -> None:
    rows.insert(60, 120, state=state)

    for name, (start, end) in OVERLAPS.items():
        with pytest.raises(IntegrityError):
            pytest.fail(f"was written: {name}, {rows.insert(start, end)}")


def test_windows_that_touch_are_both_kept(rows) -> None:
    rows.insert(60, 120)

    assert rows.insert(0, 60)
    assert rows.insert(120, 180)


def test_the_same_window_in_another_port_is_kept(rows) -> None:
    rows.insert(60, 120)

    assert rows.insert(60, 120, port_id=rows.scene.other_ports[0])


def test_what_has_ended_takes_no_place(rows) -> None:
    for state in ENDED:
        assert rows.insert(60, 120, state=state)

    assert rows.insert(60, 120)
    assert all(rows.insert(60, 120, state=state) for state in ENDED)


def test_a_row_cannot_be_moved_onto_another(rows) -> None:
    rows.insert(60, 120)
    later = rows.insert(120, 180)

    with pytest.raises(IntegrityError):
        rows.change(later, start_at=rows.at(119))
    assert rows.change(later, end_at=rows.at(200))


def test_a_row_cannot_be_moved_to_a_port_that_is_taken(rows) -> None:
    rows.insert(60, 120)
    other = rows.insert(60, 120, port_id=rows.scene.other_ports[0])

    with pytest.raises(IntegrityError):
        rows.change(other, port_id=rows.scene.port_id)


def test_what_has_lapsed_cannot_come_back_onto_another(rows) -> None:
    lapsed = rows.insert(60, 120, state="LAPSED")
    rows.insert(60, 120)

    with pytest.raises(IntegrityError):
        rows.change(lapsed, state="'HELD'")


def test_a_row_may_change_within_its_own_window(rows) -> None:
    row = rows.insert(60, 120)

    assert rows.change(row, state="'CONFIRMED'", confirmed_at=rows.at(1))
    assert rows.change(row, start_at=rows.at(70), end_at=rows.at(110))


@pytest.mark.parametrize("state", ["HELD", "CANCELLED"])
def test_what_is_not_a_window_cannot_be_inserted(rows, state) -> None:
    for name, (start, end) in NOT_WINDOWS.items():
        with pytest.raises(DBAPIError):
            pytest.fail(f"was written: {name}, {rows.insert(start, end, state=state)}")


def test_what_is_not_a_window_cannot_be_updated_to(rows) -> None:
    row = rows.insert(240, 300)

    for name, (start, end) in NOT_WINDOWS.items():
        with pytest.raises(DBAPIError):
            pytest.fail(f"was written: {name}, {rows.change(row, start_at=rows.at(start), end_at=rows.at(end))}")


def test_a_state_that_is_none_cannot_be_written(rows) -> None:
    with pytest.raises(IntegrityError):
        rows.insert(60, 120, state="BOOKED")


def test_what_was_confirmed_says_when_and_what_was_not_does_not(rows) -> None:
    row = rows.insert(60, 120)

    with pytest.raises(IntegrityError):
        rows.change(row, state="'CONFIRMED'")
    with pytest.raises(IntegrityError):
        rows.change(row, confirmed_at=rows.at(1))


def test_the_guard_is_in_the_database_and_names_every_occupying_state(database) -> None:
    found = guard_of(database)

    assert found
    assert all(f"'{state}'" in definition for definition in found for state in OCCUPYING)
    assert not any(f"'{state}'" in definition for definition in found for state in ENDED)


def test_the_guard_in_the_database_is_the_one_that_the_code_says(database) -> None:
    if database.engine.dialect.name == "sqlite":
        assert [spaced(one) for one in guard_of(database)] == [spaced(one) for one in NO_OVERLAP_GUARD["sqlite"]]
    else:
        assert all("EXCLUDE USING gist" in one and "'[)'" in one for one in guard_of(database))


def spaced(statement: str) -> str:
    return " ".join(statement.split())


def guard_of(database: Database) -> list[str]:
    """The definitions of the guard, out of the database's own catalogue."""
    query = {
        "postgresql": "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x' AND conname = :name",
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE :name || '%' ORDER BY name",
    }[database.engine.dialect.name]
    with database.reading() as session:
        return list(session.scalars(text(query), {"name": NO_OVERLAP}))


def test_the_guard_is_the_last_word_and_speaks_as_a_refusal(database, clock) -> None:
    scene = Scene(database, clock)
    scene.desk = scene.a_desk(lock_port=lambda *_: None, look=finding_it_free)
    scene.hold()

    with pytest.raises(PortTaken):
        scene.hold(after_min=90)


def test_what_the_guard_refuses_within_a_transaction_leaves_that_as_it_was(database, clock) -> None:
    scene = Scene(database, clock)
    scene.desk = scene.a_desk(lock_port=lambda *_: None, look=finding_it_free)
    scene.hold()

    with database.writing() as session:
        with pytest.raises(PortTaken):
            scene.hold(after_min=90)
        assert session.execute(text("SELECT 1")).scalar_one() == 1

    assert scene.events() == ["reservation.held"]


def test_without_lock_check_and_guard_a_port_is_sold_twice(database, clock) -> None:
    scene = Scene(database, clock)
    drop_guard(database)
    scene.desk = scene.a_desk(lock_port=lambda *_: None, look=finding_it_free)

    assert scene.hold().port_number == scene.hold(after_min=90).port_number


def test_a_fault_that_is_not_an_overlap_is_not_taken_for_one(database, clock) -> None:
    scene = Scene(database, clock)
    held = scene.hold()

    with pytest.raises(Collision), database.writing() as session:
        store.add(session, scene.desk.look_up(scene.driver, held.handle).at(NOON.replace(hour=13)))
