"""Maintenance in the database: each event is left once whoever races, and what is remembered costs no statement."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from finder import maintenance_store as store
from finder.announcements import LOOKED_AT_EVERY_S, Announcements
from finder.catalogue import StationCatalogue
from finder.domain.maintenance import Effect, Scope, WritesPaused
from finder.index import StationIndex
from finder.maintenance import MaintenanceIsOver, MaintenanceWindows, UnknownMaintenanceWindow, Wish
from finder.maintenance_tables import MaintenanceRow
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.errors import Refusal, TemporarilyUnavailable
from kernel.outbox import OutboxRow
from tests.builders import a_station
from tests.conftest import NOW
from tests.statements import counted

MINUTE = timedelta(minutes=1)
CROWD = 8


@pytest.fixture
def windows(database: Database, clock: FixedClock) -> MaintenanceWindows:
    StationCatalogue(database, clock).merge([a_station("7:1")], source="test", complete=False, force=False)
    return MaintenanceWindows(database, clock)


def a_wish(start_min: int = 1, end_min: int = 2, *effects: Effect) -> Wish:
    return Wish(
        scope=Scope(network_id=7),
        start=NOW + start_min * MINUTE,
        end=NOW + end_min * MINUTE,
        message="Upgrade",
        effects=frozenset(effects or [Effect.STATUS_DELAYED]),
    )


def announced(windows: MaintenanceWindows, *wish: object) -> str:
    return windows.announce(a_wish(*wish), by="test").maintenance_id


def events(database: Database) -> list[str]:
    return [row.topic.removeprefix("maintenance_") for row in left(database)]


def left(database: Database) -> list[OutboxRow]:
    """What was left in the outbox about maintenance."""
    with database.reading() as session:
        rows = select(OutboxRow).where(OutboxRow.topic.startswith("maintenance_")).order_by(OutboxRow.id)
        return list(session.execute(rows).scalars())


def test_beginning_and_end_are_told_once_each(database, windows, clock) -> None:
    announced(windows)
    told = []
    for minute in (0, 1, 1, 2, 2):
        clock.moment = NOW + minute * MINUTE
        told.append(windows.tell())

    assert told == [0, 1, 0, 1, 0]
    assert events(database) == ["announced", "started", "ended"]


def test_a_worker_that_slept_tells_both_in_their_order(database, windows, clock) -> None:
    announced(windows)
    clock.advance(hours=1)

    assert (windows.tell(), windows.tell()) == (2, 0)
    assert events(database) == ["announced", "started", "ended"]


def test_an_event_says_what_it_is_about(database, windows) -> None:
    made = announced(windows)

    [row] = left(database)
    assert (row.topic, row.subject) == ("maintenance_announced", made)
    assert row.payload == {
        "maintenance_id": made,
        "scope": {"everything": False, "network_id": 7, "organization_id": None, "station_ids": []},
        "start": "2026-03-10T12:01:00Z",
        "end": "2026-03-10T12:02:00Z",
        "message": "Upgrade",
        "effects": ["status_delayed"],
    }


def test_nothing_more_is_told_of_a_cancelled_window(database, windows, clock) -> None:
    windows.cancel(announced(windows))
    clock.advance(hours=1)

    assert windows.tell() == 0
    assert events(database) == ["announced", "cancelled"]


def together(*works) -> list[object]:
    """All at once; what each answered, or the refusal it raised."""
    start = Barrier(len(works))

    def one(work):
        start.wait()
        try:
            return work()
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_many_workers_tell_once(database, windows, clock) -> None:
    for _ in range(3):
        announced(windows)
    clock.advance(hours=1)

    told = together(*[windows.tell] * CROWD)

    assert sum(told) == 6
    assert Counter(events(database)) == {"announced": 3, "started": 3, "ended": 3}


def test_of_many_who_cancel_one_does(database, windows) -> None:
    made = announced(windows)

    ended = together(*[lambda: windows.cancel(made)] * CROWD)

    assert Counter(ended) == {None: 1, UnknownMaintenanceWindow: CROWD - 1}
    assert events(database) == ["announced", "cancelled"]


@pytest.mark.parametrize("minute", [1, 2])
def test_cancelling_against_telling_leaves_a_history_that_can_be(database, windows, clock, minute) -> None:
    made = announced(windows)
    clock.moment = NOW + minute * MINUTE

    cancelled, *_ = together(lambda: windows.cancel(made), *[windows.tell] * 3)

    was_over = minute == 2
    assert cancelled is (MaintenanceIsOver if was_over else None)
    assert events(database) in (
        [["announced", "started", "ended"]]
        if was_over
        else [["announced", "cancelled"], ["announced", "started", "cancelled"]]
    )


def test_the_control_telling_without_the_guard_tells_twice(database, windows, clock, monkeypatch) -> None:
    def careless(session, told_at, moment, now):
        """Looks first and writes then."""
        query = select(MaintenanceRow).where(told_at.is_(None), moment <= now)
        found = store._maintenance(session, session.execute(query).scalars().all())
        if moment is MaintenanceRow.start_at:
            seen.wait(60)
        session.execute(update(MaintenanceRow).where(moment <= now).values({told_at: now}))
        return found

    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    seen = Barrier(2)
    monkeypatch.setattr(store, "_claim", careless)
    announced(windows)
    clock.advance(minutes=1)

    together(windows.tell, windows.tell)

    assert Counter(events(database))["started"] == 2


def looks(sent: list[str]) -> int:
    return len([statement for statement in sent if statement.startswith("SELECT")])


def test_what_is_announced_is_looked_at_once_a_second_and_known_at_once_here(database, clock) -> None:
    announcements = Announcements(database, clock, StationIndex(database))
    windows = MaintenanceWindows(database, clock, changed=announcements.look_again)
    StationCatalogue(database, clock).merge([a_station("7:1")], source="test", complete=False, force=False)
    assert not announcements.is_paused("7:1")

    announced(windows, 0, 9, Effect.WRITES_PAUSED)
    with counted(database) as sent:
        for _ in range(50):
            with pytest.raises(WritesPaused):
                announcements.check_writes("7:1")
    announcements._look_at -= LOOKED_AT_EVERY_S  # a second later
    with counted(database) as again:
        assert announcements.is_paused("7:1")

    assert (looks(sent), looks(again)) == (1, 1)


def test_with_the_database_away_what_was_known_last_holds(database, clock, monkeypatch) -> None:
    announcements = Announcements(database, clock, StationIndex(database))
    windows = MaintenanceWindows(database, clock, changed=announcements.look_again)
    windows.begin(timedelta(minutes=5), "Upgrade")
    assert announcements.is_paused("7:1")

    def away(*_):
        raise TemporarilyUnavailable

    monkeypatch.setattr(store, "not_over", away)
    announcements.look_again()

    assert announcements.is_paused("7:1")
    clock.advance(minutes=5)
    assert not announcements.is_paused("7:1")


def test_a_process_that_never_reached_the_database_pauses_nothing(clock) -> None:
    nowhere = Database("postgresql+psycopg://nobody@/none?host=/nowhere")

    announcements = Announcements(nowhere, clock, StationIndex(nowhere))

    assert not announcements.is_paused("7:1")
    nowhere.close()


def test_the_database_itself_refuses_a_window_that_ends_before_it_starts(database, windows) -> None:
    announced(windows)

    with database.writing() as session, pytest.raises(IntegrityError):
        session.execute(update(MaintenanceRow).values(end_at=NOW))
