"""Drivers after one port at the same moment: what the lock prevents, what the guard prevents, and neither."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest

from faults.guard import drop_guard
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.errors import Refusal
from reservations import hold_store
from reservations.hold_store import Seen
from tests.stores.reservation_words import Scene, finding_it_free

DRIVERS = 6


def meeting(patience_s: float) -> Callable[..., Seen]:
    """The desk's look, after which everybody waits for the others to have looked too.

    Under a lock nobody else gets that far: the wait ends by itself, for this one and for all later ones.
    """
    barrier = Barrier(DRIVERS)

    def looked(*question: Any, **asked: Any) -> Seen:
        seen = hold_store.look(*question, **asked)
        with suppress(BrokenBarrierError):
            barrier.wait(patience_s)
        return seen

    return looked


def everybody(*deeds: Callable[[], object]) -> Counter[str]:
    """What each deed came to, all begun at once: `done` or the refusal's code. What is no refusal is told as itself."""
    outcomes: Counter[str] = Counter()
    start = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
        except Refusal as refusal:
            outcomes[refusal.code] += 1
        except Exception as surprise:
            outcomes[repr(surprise)] += 1
        else:
            outcomes["done"] += 1

    threads = [Thread(target=one, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def race(scene: Scene) -> Counter[str]:
    """Every driver holds the same port and window."""
    drivers = [scene.a_driver(f"driver {number}") for number in range(DRIVERS)]
    return everybody(*((lambda by=driver: scene.hold(by=by)) for driver in drivers))


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    return Scene(database, clock)


def test_one_driver_gets_the_port_and_the_others_a_clean_refusal(scene) -> None:
    scene.desk = scene.a_desk(look=meeting(patience_s=0.5))

    assert race(scene) == {"done": 1, "port_taken": DRIVERS - 1}


def test_the_lock_alone_lets_one_driver_through(scene) -> None:
    drop_guard(scene.database)
    scene.desk = scene.a_desk(look=meeting(patience_s=0.5))

    assert race(scene) == {"done": 1, "port_taken": DRIVERS - 1}


def test_the_guard_alone_lets_one_driver_through_though_not_always_with_a_clean_refusal(scene) -> None:
    scene.desk = scene.a_desk(lock_port=lambda *_: None, look=finding_it_free)
    outcomes = race(scene)

    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", "port_taken", "temporarily_unavailable"}


def test_with_neither_the_port_is_sold_to_several(scene) -> None:
    """The control: on PostgreSQL all check before anybody writes; SQLite's one writer leaves only the check to drop."""
    drop_guard(scene.database)
    is_sqlite = scene.database.engine.dialect.name == "sqlite"
    look = finding_it_free if is_sqlite else meeting(patience_s=5)
    scene.desk = scene.a_desk(lock_port=lambda *_: None, look=look)

    assert race(scene)["done"] == DRIVERS


def test_a_driver_never_has_more_live_holds_than_the_limit(database, clock) -> None:
    scene = Scene(database, clock, ports=8)
    ports = range(1, 9)

    assert everybody(*((lambda port=port: scene.hold(port=port)) for port in ports)) == {"done": 3, "too_many_holds": 5}


def test_of_confirming_and_releasing_at_once_one_happens(scene) -> None:
    held = scene.hold()
    deeds = (
        lambda: scene.desk.confirm(scene.driver, held.handle),
        lambda: scene.desk.release(scene.driver, held.handle),
    )

    assert everybody(*deeds) == {"done": 1, "wrong_state": 1}
    assert len(scene.events()) == 2


def test_confirming_many_times_at_once_is_answered_every_time_and_told_once(scene) -> None:
    held = scene.hold()

    assert everybody(*[lambda: scene.desk.confirm(scene.driver, held.handle)] * DRIVERS) == {"done": DRIVERS}
    assert scene.events() == ["reservation.held", "reservation.confirmed"]
