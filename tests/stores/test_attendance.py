"""Reservations become active, completed and troubled by what their port reports, in the report's own transaction."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from finder.live_status import LiveStatus
from finder.said import Outcome, Said
from finder.status_cache import StatusCache
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.installation import Installation
from reservations import attendance_store
from reservations.attendance import Attendance
from reservations.audit import audit
from reservations.domain.lifecycle import State
from reservations.domain.trouble import Reason, Trouble
from reservations.events import tell
from reservations.expiry import Expiry
from reservations.history import ReservationHistory
from reservations.tables import RESERVATIONS
from tests.stores.reservation_words import NOON, STATION_ID, Scene
from tests.stores.test_reservation_life import confirmed, state
from tests.stores.test_reservation_race import everybody

OWN, OTHER = "card of ada", "card of bob"


class Charger(Scene):
    """A scene whose ports report."""

    def __post_init__(self) -> None:
        super().__post_init__()
        cache = StatusCache(Cache("redis://127.0.0.1:1/0"), Installation(self.database))  # nobody is there
        attendance = Attendance(self.database, self.clock, self.taken)
        self.live = LiveStatus(self.database, cache, self.clock, listeners=(attendance,))

    def say(self, word: str, *, minute: float | None = None, card: str | None = None, port: int = 1) -> Outcome:
        """What the charger says, and does so at once."""
        at = self.clock.now() if minute is None else NOON + timedelta(minutes=minute)
        one = Said(station_id=STATION_ID, port_number=port, technical_status=word, reported_at=at, card=card)
        [outcome] = self.live.take([one])
        return outcome

    def whats(self, handle: str) -> list[str]:
        return [move.what for move in ReservationHistory(self.database, self.clock).of(self.driver, handle)]


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Charger:
    return Charger(database, clock)


@pytest.mark.parametrize("card", [OWN, None])
def test_a_session_in_its_time_makes_a_reservation_active_and_leaving_completes_it(scene, clock, card) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=50)

    scene.say("preparing", card=card)
    during = state(scene, handle)
    clock.advance(minutes=40)
    scene.say("available")

    assert (during, state(scene, handle)) == (State.ACTIVE, State.COMPLETED)
    assert scene.whats(handle) == ["held", "confirmed", "active", "completed"]
    assert scene.hold(after_min=105, lasts_min=15).state is State.HELD
    assert audit(scene.database) == ()


def test_a_session_that_is_not_left_is_over_when_the_time_to_unplug_is(scene, clock) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=60)
    scene.say("charging", card=OWN)

    clock.advance(minutes=75, microseconds=-1)
    before = state(scene, handle)
    clock.advance(microseconds=1)

    assert (before, state(scene, handle)) == (State.ACTIVE, State.COMPLETED)
    assert Expiry(scene.database, clock).sweep() == 1
    assert audit(scene.database) == ()


def test_another_card_is_flagged_once_and_the_flag_goes_with_it(scene, clock) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=61)
    for _ in range(3):
        scene.say("charging", card=OTHER)
        clock.advance(seconds=1)
    flagged = scene.desk.look_up(scene.driver, handle)

    scene.say("available")
    cleared = scene.desk.look_up(scene.driver, handle)
    clock.advance(seconds=1)
    scene.say("charging", card=OWN)

    since = NOON + timedelta(minutes=61)
    assert (flagged.state, flagged.trouble) == (State.CONFIRMED, Trouble(reason=Reason.OTHER_CARD, since=since))
    assert (cleared.trouble, state(scene, handle)) == (None, State.ACTIVE)
    assert scene.whats(handle) == ["held", "confirmed", "flagged", "cleared", "active"]
    assert audit(scene.database) == ()


@pytest.mark.parametrize("minute", [44.9, 75])
def test_a_session_out_of_its_time_is_not_counted(scene, clock, minute) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=minute)

    scene.say("charging", card=OWN)

    assert "active" not in scene.whats(handle)


def test_what_comes_after_the_grace_is_too_late_whatever_its_time(scene, clock) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=75)

    scene.say("charging", minute=60, card=OWN)

    assert state(scene, handle) is State.NO_SHOW


def test_a_whole_session_in_one_call_out_of_order_is_understood(scene, clock) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=70)
    said = [("available", 69), ("charging", 61), ("available", 59)]

    scene.live.take(
        [
            Said(station_id=STATION_ID, port_number=1, technical_status=word, reported_at=NOON + timedelta(minutes=at))
            for word, at in said
        ]
    )

    assert scene.whats(handle)[2:] == ["active", "completed"]
    assert audit(scene.database) == ()


def test_reports_delivered_twice_move_nothing_twice(scene, clock) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=60)

    for _ in range(2):
        scene.say("charging", minute=60, card=OWN)

    assert scene.whats(handle).count("active") == 1


def test_holds_and_other_ports_are_left_alone(scene, clock) -> None:
    held, elsewhere = scene.hold(after_min=2).handle, confirmed(scene, port=2)
    clock.advance(minutes=3)

    scene.say("charging", card=OWN)

    assert state(scene, held) is State.HELD
    assert state(scene, elsewhere) is State.CONFIRMED


def test_a_report_that_is_undone_leaves_the_reservation_as_it_was(scene, clock, database) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=60)

    def undone() -> None:
        with database.writing():
            scene.say("charging")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()

    assert scene.whats(handle) == ["held", "confirmed"]
    assert audit(database) == ()


def test_cancelling_and_coming_at_once_leave_one_legal_path(scene, clock) -> None:
    """Of many tries, so that both come first now and then."""
    for number in range(1, 5):
        handle = confirmed(scene, after_min=60 * number)
        with scene.database.writing() as session:
            session.execute(update(RESERVATIONS).values(cancel_until=RESERVATIONS.c.start_at))
        clock.moment = NOON + timedelta(minutes=60 * number - 10)

        everybody(
            lambda handle=handle: scene.desk.cancel(scene.driver, handle), lambda: scene.say("charging", card=OWN)
        )

        assert scene.whats(handle)[2:] in (["active"], ["cancelled"])
        clock.advance(seconds=1)
        scene.say("available")
    assert audit(scene.database) == ()


def test_the_last_moment_of_the_grace_and_two_sweepers_leave_one_legal_path(scene, clock) -> None:
    """The sweepers' clock is at the deadline, the charger's just before it: both may move the reservation."""
    for number in range(1, 5):
        handle = confirmed(scene, after_min=60 * number)
        clock.moment = NOON + timedelta(minutes=60 * number + 14)
        late = Expiry(scene.database, FixedClock(clock.moment + timedelta(minutes=1)))

        everybody(late.sweep, late.sweep, lambda: scene.say("charging", card=OWN))

        assert scene.whats(handle)[2:] in (["active"], ["no_show"])
        clock.advance(seconds=1)
        scene.say("available")
    assert audit(scene.database) == ()


def test_the_control_without_the_guard_the_book_does_not_agree(scene, clock, monkeypatch) -> None:
    handle = confirmed(scene)
    clock.advance(minutes=60)
    with scene.database.reading() as session:
        [seen] = attendance_store.awaited(session, [scene.port_id], clock.now())
    Expiry(scene.database, FixedClock(NOON + timedelta(minutes=75))).sweep()

    def begin() -> None:
        with scene.database.writing() as session:
            begun = attendance_store.become(session, seen, State.ACTIVE, clock.now())
            if begun is not None:
                tell(session, begun, clock.now())

    begin()
    guarded = scene.whats(handle)[2:]
    monkeypatch.setattr(attendance_store, "is_still", lambda _: ())
    monkeypatch.setattr(attendance_store, "is_live", lambda _: RESERVATIONS.c.id > 0)
    begin()

    assert guarded == ["no_show"]
    assert audit(scene.database)
