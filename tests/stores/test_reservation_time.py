"""What time alone does to holds, with the sweeper at work, late, twice or not at all."""

from datetime import timedelta

import pytest

from kernel.clock import FixedClock
from kernel.database import Database
from kernel.window import Window
from reservations.domain.lifecycle import CancellationTooLate, HoldExpired, State
from reservations.domain.policy import PortTaken
from reservations.domain.reservation import Wish
from reservations.expiry import Expiry
from reservations.openings import Asked, Openings
from tests.stores.reservation_words import NOON, STATION_ID, Scene


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    return Scene(database, clock)


@pytest.fixture
def expiry(database: Database, clock: FixedClock) -> Expiry:
    return Expiry(database, clock)


def openings(scene: Scene) -> set[int]:
    """The ports that are free from one to two o'clock."""
    span = Window(NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    found = Openings(scene.database, scene.clock, scene.catalogue)
    asked = Asked(station_ids=(STATION_ID,), span=span, min_duration_min=60)
    return {one.port_number for station in found.of(asked, limit=1).stations for one in station.openings}


def test_a_hold_can_be_confirmed_until_just_before_it_runs_out(scene, clock) -> None:
    held = scene.hold()

    clock.advance(minutes=5, microseconds=-1)

    assert scene.desk.confirm(scene.driver, held.handle).state is State.CONFIRMED


def test_at_the_instant_of_expiry_it_cannot(scene, clock) -> None:
    held = scene.hold()

    clock.advance(minutes=5)

    with pytest.raises(HoldExpired):
        scene.desk.confirm(scene.driver, held.handle)


def test_a_hold_that_has_run_out_is_lapsed_and_free_though_nobody_swept(scene, clock) -> None:
    held = scene.hold()
    before = openings(scene)

    clock.advance(minutes=5)

    assert (before, openings(scene)) == ({2}, {1, 2})
    assert scene.desk.look_up(scene.driver, held.handle).state is State.LAPSED
    assert scene.taken.taken_at(NOON + timedelta(hours=1)) == frozenset()


def test_sweeping_changes_no_answer(scene, clock, expiry) -> None:
    held = scene.hold()
    clock.advance(minutes=9)
    unswept = scene.desk.look_up(scene.driver, held.handle)

    assert expiry.sweep() == 1
    assert scene.desk.look_up(scene.driver, held.handle) == unswept


def test_sweeping_twice_does_nothing_and_each_hold_has_one_event(scene, clock, expiry) -> None:
    scene.hold()
    scene.hold(after_min=120)
    clock.advance(minutes=5)

    assert [expiry.sweep(), expiry.sweep()] == [2, 0]
    assert scene.events().count("reservation.lapsed") == 2


def test_sweeping_leaves_live_holds_and_reservations_alone(scene, clock, expiry) -> None:
    confirmed = scene.desk.confirm(scene.driver, scene.hold().handle)
    clock.advance(minutes=6)
    live = scene.hold(after_min=120)

    assert expiry.sweep() == 0
    assert scene.desk.look_up(scene.driver, confirmed.handle).state is State.CONFIRMED
    assert scene.desk.look_up(scene.driver, live.handle).state is State.HELD


def test_the_next_hold_lapses_the_one_before_it_with_one_event(scene, clock, expiry) -> None:
    first = scene.hold()
    clock.advance(minutes=5)

    second = scene.hold(after_min=90, by=scene.a_driver("bob"))

    assert scene.events() == ["reservation.held", "reservation.lapsed", "reservation.held"]
    assert expiry.sweep() == 0
    with pytest.raises(HoldExpired):
        scene.desk.confirm(scene.driver, first.handle)
    assert second.state is State.HELD


def test_a_hold_that_is_still_live_keeps_its_port(scene, clock) -> None:
    scene.hold()
    clock.advance(minutes=5, microseconds=-1)

    with pytest.raises(PortTaken):
        scene.hold(after_min=90, by=scene.a_driver("bob"))


def test_a_reservation_can_be_cancelled_until_just_before_half_an_hour_ahead(scene, clock) -> None:
    held = scene.desk.confirm(scene.driver, scene.hold().handle)
    late = scene.desk.confirm(scene.driver, scene.hold(port=2).handle)

    clock.advance(minutes=30, microseconds=-1)
    assert scene.desk.cancel(scene.driver, held.handle).state is State.CANCELLED

    clock.advance(microseconds=1)
    with pytest.raises(CancellationTooLate):
        scene.desk.cancel(scene.driver, late.handle)


def test_the_ports_that_are_taken_are_those_inside_a_window_that_somebody_may_still_come_to(scene, clock) -> None:
    scene.desk.confirm(scene.driver, scene.hold().handle)
    taken = [scene.taken.taken_at(NOON + timedelta(minutes=minute)) for minute in (59, 60, 74, 75)]

    assert taken == [frozenset(), {scene.port_id}, {scene.port_id}, frozenset()]


def test_a_hold_of_this_process_is_seen_at_once(scene) -> None:
    assert scene.taken.taken_at(NOON) == frozenset()

    held = scene.hold(after_min=0)
    assert scene.taken.taken_at(NOON) == {scene.port_id}

    scene.desk.release(scene.driver, held.handle)
    assert scene.taken.taken_at(NOON) == frozenset()


def test_a_refused_hold_leaves_nothing_behind(scene) -> None:
    scene.hold()

    with pytest.raises(PortTaken):
        scene.hold(after_min=90)

    assert scene.events() == ["reservation.held"]


def test_quotes_are_forgotten_a_day_after_they_ran_out(scene, clock, expiry) -> None:
    wish = Wish(station_id=STATION_ID, start=NOON + timedelta(hours=1), duration_min=60)
    scene.desk.quote(scene.driver, wish)

    clock.advance(days=1, minutes=10)
    assert expiry.forget_quotes() == 0

    clock.advance(seconds=1)
    assert expiry.forget_quotes() == 1
