"""Modifications against one another, against confirms and against the database's guard: one whole outcome each."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kernel.clock import FixedClock
from kernel.database import Database
from reservations import store
from reservations.domain.lifecycle import State
from reservations.domain.modification import ModificationUnavailable, ModifiedMeanwhile
from reservations.domain.policy import PortTaken
from reservations.domain.reservation import Change, Reservation
from reservations.modification import Modification
from tests.stores.reservation_words import NOON, Scene
from tests.stores.test_reservation_race import everybody


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    return Scene(database, clock)


def at(after_min: float, *, port: int | None = None) -> Change:
    return Change(start=NOON + timedelta(minutes=after_min), port_number=port)


def modify(scene: Scene, reservation: Reservation, change: Change, **desk) -> Reservation:
    return Modification(scene.a_desk(**desk)).modify(scene.driver, reservation.handle, change)


def test_two_drivers_who_change_places_both_stay_where_they_are_or_one_moves(scene) -> None:
    """Each wants the port that the other has: locked in one order, neither waits for the other for ever."""
    other = scene.a_driver("bob")
    mine, theirs = scene.hold(port=1), scene.hold(port=2, by=other)
    modification = Modification(scene.desk)

    outcomes = everybody(
        *[lambda: modification.modify(scene.driver, mine.handle, at(60, port=2))] * 3,
        *[lambda: modification.modify(other, theirs.handle, at(60, port=1))] * 3,
    )

    assert outcomes == {"port_taken": 6}


def test_of_many_who_want_one_window_exactly_one_moves_into_it(scene) -> None:
    drivers = [scene.a_driver(f"driver {number}") for number in range(6)]
    holds = [scene.hold(after_min=60 * number, by=driver) for number, driver in enumerate(drivers, start=1)]
    modification = Modification(scene.desk)
    moves = [
        lambda by=driver, handle=hold.handle: modification.modify(by, handle, at(60, port=2))
        for driver, hold in zip(drivers, holds, strict=True)
    ]

    assert everybody(*moves) == {"done": 1, "port_taken": 5}


def test_a_hold_and_a_modification_into_one_window_have_one_winner(scene) -> None:
    other, mine = scene.a_driver("bob"), scene.hold(port=1)
    modification = Modification(scene.desk)

    outcomes = everybody(
        lambda: modification.modify(scene.driver, mine.handle, at(300)),
        lambda: scene.hold(after_min=300, by=other),
    )

    assert outcomes == {"done": 1, "port_taken": 1}


def test_confirming_and_modifying_at_once_leaves_one_whole_reservation(scene, clock) -> None:
    held = scene.hold()
    modification = Modification(scene.desk)

    outcomes = everybody(
        lambda: scene.desk.confirm(scene.driver, held.handle),
        lambda: modification.modify(scene.driver, held.handle, at(300)),
    )
    found = scene.desk.look_up(scene.driver, held.handle)

    assert outcomes["done"] + outcomes["modified_meanwhile"] == 2
    assert found.state is State.CONFIRMED
    assert found.start == (at(300).start if outcomes["done"] == 2 else held.start)


def test_what_changed_since_it_was_looked_at_is_not_overwritten(scene, clock) -> None:
    held = scene.hold(port=1)
    desk = scene.desk

    def somebody_else_is_quicker(session, port_id) -> None:
        store.lock_port(session, port_id)
        clock.advance(seconds=1)
        session.execute(text("UPDATE reservations SET extensions = 1"))

    with pytest.raises(ModifiedMeanwhile):
        modify(scene, held, at(300), lock_port=somebody_else_is_quicker)

    assert desk.look_up(scene.driver, held.handle) == held


def test_the_guard_is_the_last_word_for_a_modification_too(scene) -> None:
    held, _ = scene.hold(port=1), scene.hold(after_min=300, by=scene.a_driver("bob"))

    with pytest.raises(PortTaken):
        modify(scene, held, at(330), lock_port=lambda *_: None, find_overlap=lambda *_: False)

    assert scene.desk.look_up(scene.driver, held.handle) == held


def test_a_hold_that_ran_out_makes_way_for_a_modification(scene, clock) -> None:
    scene.hold(after_min=300, by=scene.a_driver("bob"))
    clock.advance(minutes=4)
    mine = scene.hold()
    clock.advance(minutes=1)

    assert modify(scene, mine, at(330)).start == at(330).start
    assert scene.events()[-2:] == ["reservation.lapsed", "reservation.modified"]


def test_a_change_is_told_once_and_no_change_is_not_told(scene) -> None:
    held = scene.hold()
    modify(scene, held, at(300))
    modify(scene, held, at(300))

    assert scene.events() == ["reservation.held", "reservation.modified"]


def test_extending_many_times_at_once_stays_within_the_number(scene) -> None:
    held = scene.hold()
    modification = Modification(scene.desk)

    outcomes = everybody(*[lambda: modification.extend(scene.driver, held.handle)] * 6)

    assert outcomes == {"done": 2, "no_extension_left": 4}
    assert scene.desk.look_up(scene.driver, held.handle).hold_expires_at == NOON + timedelta(minutes=15)


def test_a_port_that_somebody_keeps_locked_leaves_the_old_window_as_it_is(scene) -> None:
    if scene.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite locks the whole database, for longer than a test may last")
    held = scene.hold(port=1)

    def impatient(session, port_id) -> None:
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        store.lock_port(session, port_id)

    with scene.database.engine.begin() as other:
        other.execute(text("SELECT id FROM ports FOR UPDATE"))
        with pytest.raises(ModificationUnavailable):
            modify(scene, held, at(300), lock_port=impatient)

    assert scene.desk.look_up(scene.driver, held.handle) == held
