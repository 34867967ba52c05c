"""Reservations whose port is out of order: moved to one that is as good, or flagged until it works again."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from faults.guard import drop_guard
from kernel.clock import FixedClock
from kernel.database import Database
from reservations import relocation_store
from reservations.audit import audit
from reservations.domain.lifecycle import State
from reservations.domain.reservation import Change
from reservations.domain.trouble import Reason, Trouble
from reservations.modification import Modification
from reservations.relocation import Relocation
from reservations.unusable_ports import Faults
from tests.stores.test_attendance import OWN, Charger
from tests.stores.test_reservation_life import confirmed, state
from tests.stores.test_reservation_race import everybody


class Faulty(Charger):
    """A scene with a worker that looks at faulty ports."""

    def a_relocation(self, **changes) -> Relocation:
        faults = Faults(self.database)
        return Relocation(self.database, self.clock, self.catalogue, self.taken, faults, **changes)

    def sweep(self) -> int:
        return self.a_relocation().sweep()

    def seen(self, handle: str):
        return self.desk.look_up(self.driver, handle)


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Faulty:
    return Faulty(database, clock)


@pytest.mark.parametrize("word", ["faulted", "unavailable"])
def test_who_comes_soon_gets_another_port_at_the_promised_price(scene, word) -> None:
    handle = confirmed(scene)
    before = scene.seen(handle)
    scene.say(word)

    assert [scene.sweep(), scene.sweep()] == [1, 0]
    after = scene.seen(handle)

    assert (after.port_number, after.state, after.window) == (2, State.CONFIRMED, before.window)
    assert (after.price, after.cancel_until) == (before.price, before.cancel_until)
    assert scene.whats(handle)[2:] == ["relocated"]
    assert audit(scene.database) == ()


def test_a_hold_is_moved_too_and_can_then_be_confirmed(scene) -> None:
    held = scene.hold()
    scene.say("faulted")

    scene.sweep()

    assert scene.desk.confirm(scene.driver, held.handle).port_number == 2
    assert scene.hold(port=1).port_number == 1


def test_where_no_other_port_is_free_it_says_so_until_the_port_works_again(scene, clock) -> None:
    handle = confirmed(scene)
    confirmed(scene, port=2, after_min=90)
    scene.say("faulted")
    swept = [scene.sweep(), scene.sweep()]
    flagged = scene.seen(handle)

    clock.advance(minutes=1)
    scene.say("available")
    swept += [scene.sweep(), scene.sweep()]

    assert swept == [1, 0, 1, 0]
    assert flagged.trouble == Trouble(reason=Reason.PORT_FAULTED, since=clock.now() - timedelta(minutes=1))
    assert scene.seen(handle).trouble is None
    assert scene.whats(handle)[2:] == ["flagged", "cleared"]
    assert audit(scene.database) == ()


def test_who_was_flagged_is_moved_when_a_port_becomes_free(scene) -> None:
    handle = confirmed(scene)
    other = confirmed(scene, port=2)
    scene.say("faulted")
    scene.sweep()

    scene.desk.cancel(scene.driver, other)
    scene.sweep()

    assert (scene.seen(handle).port_number, scene.seen(handle).trouble) == (2, None)
    assert scene.whats(handle)[2:] == ["flagged", "relocated"]


def test_where_every_port_is_out_of_order_nobody_is_moved_about(scene) -> None:
    handle = confirmed(scene)
    scene.say("faulted")
    scene.say("unavailable", port=2)

    scene.sweep()

    assert (scene.seen(handle).port_number, scene.seen(handle).trouble.reason) == (1, Reason.PORT_FAULTED)


def test_who_comes_later_is_moved_once_the_fault_has_lasted(scene, clock) -> None:
    handle = confirmed(scene, after_min=180)
    scene.say("faulted")
    clock.advance(minutes=14)
    early = scene.sweep()

    clock.advance(minutes=1)

    assert (early, scene.sweep(), scene.seen(handle).port_number) == (0, 1, 2)


def test_who_is_at_the_port_or_has_gone_is_left_alone(scene, clock) -> None:
    active, cancelled = confirmed(scene, after_min=45), confirmed(scene, after_min=120)
    scene.desk.cancel(scene.driver, cancelled)
    clock.advance(minutes=45)
    scene.say("charging", card=OWN)
    clock.advance(seconds=1)
    scene.say("faulted")

    assert scene.sweep() == 0
    assert (state(scene, active), state(scene, cancelled)) == (State.ACTIVE, State.CANCELLED)


def test_a_no_show_in_the_other_port_makes_room(scene, clock) -> None:
    missed = confirmed(scene, port=2, after_min=15)
    handle = confirmed(scene, after_min=40)
    clock.advance(minutes=30)
    scene.say("faulted")

    scene.sweep()

    assert (scene.seen(handle).port_number, state(scene, missed)) == (2, State.NO_SHOW)
    assert audit(scene.database) == ()


def race(scene: Faulty, deed: Callable[[str], object]) -> list[str]:
    """The moves of a reservation that is relocated by two workers while its driver does something to it."""
    handle = confirmed(scene)
    scene.say("faulted")
    everybody(scene.sweep, scene.sweep, lambda: deed(handle))
    scene.sweep()
    return scene.whats(handle)[2:]


def test_relocating_and_cancelling_at_once_leave_one_legal_path(scene) -> None:
    moves = race(scene, lambda handle: scene.desk.cancel(scene.driver, handle))

    assert moves in (["cancelled"], ["relocated", "cancelled"])
    assert audit(scene.database) == ()


def test_relocating_and_modifying_at_once_leave_one_legal_path(scene) -> None:
    modification = Modification(scene.desk)

    moves = race(scene, lambda handle: modification.modify(scene.driver, handle, Change(duration_min=90)))

    assert moves in (["relocated"], ["modified", "relocated"], ["relocated", "modified"])
    assert audit(scene.database) == ()


def test_relocating_into_a_port_that_is_being_held_leaves_it_to_one(scene) -> None:
    bob = scene.a_driver("bob")

    moves = race(scene, lambda _: scene.hold(port=2, by=bob))

    held = scene.events().count("reservation.held") == 2
    assert moves == (["flagged"] if held else ["relocated"])
    assert audit(scene.database) == ()


def test_two_reservations_of_two_faulty_ports_never_share_the_third(database, clock) -> None:
    scene = Faulty(database, clock, ports=3)
    handles = [confirmed(scene, port=1), confirmed(scene, port=2)]
    for port in (1, 2):
        scene.say("faulted", port=port)

    everybody(*[scene.sweep] * 4)

    assert sorted(scene.seen(handle).port_number for handle in handles) in ([1, 3], [2, 3])
    assert audit(database) == ()


def test_the_control_without_check_and_guard_two_share_a_port(database, clock) -> None:
    scene = Faulty(database, clock, ports=3)
    drop_guard(database)
    handles = [confirmed(scene, port=1), confirmed(scene, port=2)]
    for port in (1, 2):
        scene.say("faulted", port=port)

    scene.a_relocation(lock_port=lambda *_: None, find_overlap=lambda *_: False).sweep()

    assert [scene.seen(handle).port_number for handle in handles] == [3, 3]


def test_the_control_without_the_guarded_update_a_cancelled_reservation_is_moved(scene, monkeypatch) -> None:
    handle = confirmed(scene)
    seen = scene.seen(handle)
    scene.desk.cancel(scene.driver, handle)
    port = scene.catalogue.listed(seen.station_id).ports[1]

    guarded = scene.a_relocation()._relocated(seen, port)
    monkeypatch.setattr(relocation_store, "is_still", lambda _: ())
    monkeypatch.setattr(relocation_store, "is_live", lambda _: relocation_store._R.id > 0)
    unguarded = scene.a_relocation()._relocated(seen, port)

    assert (guarded, unguarded) == (False, True)
    assert scene.whats(handle)[2:] == ["cancelled", "relocated"]
