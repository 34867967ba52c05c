"""Limits under concurrency: however many holds and confirms are begun at once, there are never more than the limit."""

from threading import Barrier

import pytest
from sqlalchemy import text

from kernel.clock import FixedClock
from kernel.database import Database
from reservations import hoarding, limits_store
from reservations.domain.lifecycle import State
from tests.stores.reservation_words import Scene
from tests.stores.test_reservation_race import everybody

DRIVERS = 6
LIMIT = 2


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    made = Scene(database, clock, ports=DRIVERS)
    made.set_policy(holds_per_client=LIMIT, reservations_per_driver=1)
    return made


def live(scene: Scene) -> int:
    with scene.database.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM reservations WHERE state = 'HELD'")) or 0)


def by_all_drivers_of_an_app(scene: Scene) -> dict[str, int]:
    """Each driver holds a port of its own, so that nothing but the app is shared."""
    client, drivers = scene.a_client(), [scene.a_driver(f"driver {number}") for number in range(DRIVERS)]
    holds = [
        lambda by=driver, port=port: scene.hold(by=by, port=port, client_id=client)
        for port, driver in enumerate(drivers, start=1)
    ]
    return dict(everybody(*holds))


def test_the_drivers_of_an_app_never_hold_more_than_the_app_may(scene) -> None:
    assert by_all_drivers_of_an_app(scene) == {"done": LIMIT, "too_many_holds": DRIVERS - LIMIT}
    assert live(scene) == LIMIT


def test_far_from_the_limit_nobody_waits_for_the_apps_row(scene) -> None:
    scene.set_policy(holds_per_client=hoarding.AT_ONCE + DRIVERS)
    locked: list[int] = []
    scene.desk = scene.a_desk(lock_client=lambda _, client_id: locked.append(client_id))

    assert by_all_drivers_of_an_app(scene) == {"done": DRIVERS}
    assert locked == []


def test_the_control_without_the_apps_lock_it_holds_too_many(scene, monkeypatch) -> None:
    if scene.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is no lock to leave out")
    scene.desk = scene.a_desk(lock_client=lambda *_: None)
    counted, everybody_has = limits_store.client_hold_expiries, Barrier(DRIVERS)
    monkeypatch.setattr(
        limits_store, "client_hold_expiries", lambda *question: (counted(*question), everybody_has.wait(30))[0]
    )

    assert by_all_drivers_of_an_app(scene) == {"done": DRIVERS}, "THE CONTROL FAILED: the tests above test nothing"


def test_of_two_holds_confirmed_at_once_one_is_where_the_driver_may_have_one(scene) -> None:
    handles = [scene.hold(port=port).handle for port in (1, 2)]
    confirms = [lambda one=handle: scene.desk.confirm(scene.driver, one) for handle in handles]

    assert everybody(*confirms) == {"done": 1, "too_many_reservations": 1}


def test_the_control_without_the_drivers_lock_both_are(scene, monkeypatch) -> None:
    if scene.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is no lock to leave out")
    handles, pair = [scene.hold(port=port).handle for port in (1, 2)], Barrier(2)
    monkeypatch.setattr(limits_store, "lock_driver", lambda *_: None)
    count = limits_store.count_ahead
    monkeypatch.setattr(limits_store, "count_ahead", lambda *question: (count(*question), pair.wait(5))[0])

    confirms = [lambda one=handle: scene.desk.confirm(scene.driver, one) for handle in handles]

    assert everybody(*confirms) == {"done": 2}, "THE CONTROL FAILED: the test above tests nothing"


def test_a_hold_says_which_app_it_came_from_and_nobody_is_told(scene) -> None:
    client = scene.a_client()
    held = scene.hold(client_id=client)

    assert scene.desk.look_up(scene.driver, held.handle).client_id == client
    assert held.state is State.HELD
