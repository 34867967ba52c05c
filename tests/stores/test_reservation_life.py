"""What time makes of confirmed reservations, swept or not, and the book that is kept of every move."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kernel.clock import FixedClock
from kernel.database import Database
from reservations.audit import audit
from reservations.domain.lifecycle import State
from reservations.domain.policy import PortTaken
from reservations.domain.reservation import Change, Question
from reservations.expiry import Expiry
from reservations.history import ReservationHistory
from reservations.modification import Modification
from tests.stores.reservation_words import NOON, Scene
from tests.stores.test_reservation_race import DRIVERS, everybody


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    return Scene(database, clock)


@pytest.fixture
def expiry(database: Database, clock: FixedClock) -> Expiry:
    return Expiry(database, clock)


def confirmed(scene: Scene, **wish) -> str:
    """The handle of a reservation from one to two o'clock."""
    return scene.desk.confirm(scene.driver, scene.hold(**wish).handle).handle


def state(scene: Scene, handle: str) -> State:
    return scene.desk.look_up(scene.driver, handle).state


def written(scene: Scene, handle: str) -> str:
    """The state as it is in the database."""
    with scene.database.reading() as session:
        return session.scalar(text("SELECT state FROM reservations WHERE handle = :handle"), {"handle": handle})


def test_who_has_not_come_by_the_end_of_the_grace_is_a_no_show_though_nobody_swept(scene, clock) -> None:
    handle = confirmed(scene)

    clock.advance(minutes=75, microseconds=-1)
    before = state(scene, handle)
    clock.advance(microseconds=1)

    assert (before, state(scene, handle), written(scene, handle)) == (State.CONFIRMED, State.NO_SHOW, "CONFIRMED")


def test_a_no_show_frees_the_rest_of_the_window_by_time_alone(scene, clock) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=75, microseconds=-1)
    with pytest.raises(PortTaken):
        scene.hold(after_min=90, lasts_min=15)

    clock.advance(microseconds=1)

    assert scene.hold(after_min=90, lasts_min=15).state is State.HELD
    assert (written(scene, handle), audit(scene.database)) == ("NO_SHOW", ())


@pytest.mark.parametrize("row_state", ["CONFIRMED", "ACTIVE", "HELD"])
def test_listing_by_state_counts_what_time_has_done(scene, clock, row_state) -> None:
    if row_state != "HELD":
        change(scene, f"state = '{row_state}'", confirmed(scene))
    else:
        scene.hold()
    clock.advance(minutes=135)

    found = [
        one
        for one in State
        if scene.desk.reservations(
            Question(driver_id=scene.driver.driver_id, states=frozenset({one})), limit=5, cursor=None
        ).reservations
    ]

    assert found == [{"CONFIRMED": State.NO_SHOW, "ACTIVE": State.COMPLETED, "HELD": State.LAPSED}[row_state]]


def test_sweeping_writes_down_what_reads_have_said_and_twice_does_nothing(scene, clock, expiry) -> None:
    handles = [scene.hold(after_min=180).handle, confirmed(scene), confirmed(scene, port=2, lasts_min=15)]
    clock.advance(minutes=76)
    told = [scene.desk.look_up(scene.driver, handle) for handle in handles]
    moves = [ReservationHistory(scene.database, clock).of(scene.driver, handle) for handle in handles]

    assert [expiry.sweep(), expiry.sweep()] == [3, 0]
    assert [scene.desk.look_up(scene.driver, handle) for handle in handles] == told
    assert [ReservationHistory(scene.database, clock).of(scene.driver, handle) for handle in handles] == moves
    assert audit(scene.database) == ()


def test_many_sweepers_at_once_write_each_move_once(scene, clock, expiry) -> None:
    handles = [confirmed(scene, after_min=60 * hour) for hour in range(1, 6)]
    clock.advance(hours=7)

    assert everybody(*[expiry.sweep] * DRIVERS) == {"done": DRIVERS}
    assert scene.events().count("reservation.no_show") == len(handles)
    assert audit(scene.database) == ()


def test_a_modified_and_extended_hold_is_in_the_book(scene, clock) -> None:
    handle, modification = scene.hold().handle, Modification(scene.desk)
    modification.extend(scene.driver, handle)
    clock.advance(seconds=1)
    modification.modify(scene.driver, handle, Change(port_number=2, duration_min=30))

    moves = ReservationHistory(scene.database, clock).of(scene.driver, handle)

    assert [move.what for move in moves] == ["held", "extended", "modified"]
    assert moves[-1].changed["port_number"] == {"from": 1, "to": 2}
    assert audit(scene.database) == ()


def test_every_way_that_a_desk_can_go_is_in_the_book(scene, clock) -> None:
    for deeds in ((), ("confirm",), ("release",), ("confirm", "cancel")):
        handle = scene.hold(after_min=60 + scene.events().count("reservation.held") * 60).handle
        for deed in deeds:
            getattr(scene.desk, deed)(scene.driver, handle)

    assert len(scene.events()) == 4 + 4
    assert audit(scene.database) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM reservation_history WHERE what = 'confirmed'",
        "DELETE FROM outbox WHERE topic = 'reservation.held'",
        "UPDATE reservations SET state = 'ACTIVE'",
        "UPDATE outbox SET topic = 'reservation.lapsed' WHERE topic = 'reservation.confirmed'",
    ],
)
def test_the_control_a_book_that_was_tampered_with_is_found(scene, statement) -> None:
    handle = confirmed(scene)
    with scene.database.writing() as session:
        session.execute(text(statement))

    [first, *_] = audit(scene.database)

    assert first.startswith(handle)


def test_what_is_undone_leaves_neither_event_nor_history(scene, database) -> None:
    def undone() -> None:
        with database.writing():
            scene.hold()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()

    assert scene.events() == []
    assert audit(database) == ()


def test_the_history_goes_with_its_reservation(scene, database) -> None:
    confirmed(scene)
    with database.writing() as session:
        session.execute(text("DELETE FROM reservations"))
        left = session.scalar(text("SELECT count(*) FROM reservation_history"))

    assert left == 0


def test_a_window_shorter_than_the_grace_is_given_up_at_its_end(scene, clock, expiry) -> None:
    handle = confirmed(scene)
    change(scene, "policy = '{\"no_show_grace_min\": 90}'", handle)

    clock.advance(minutes=120, microseconds=-1)
    early = (state(scene, handle), expiry.sweep())
    clock.advance(microseconds=1)

    assert early == (State.CONFIRMED, 0)
    assert (state(scene, handle), expiry.sweep()) == (State.NO_SHOW, 1)
    assert scene.desk.look_up(scene.driver, handle).updated_at == NOON + timedelta(minutes=120)


def change(scene: Scene, values: str, handle: str) -> None:
    with scene.database.writing() as session:
        session.execute(text(f"UPDATE reservations SET {values} WHERE handle = :handle"), {"handle": handle})
