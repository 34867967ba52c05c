"""Silence: each port that falls silent is announced once, and stations gone silent are one question to the cache."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import count
from threading import Barrier, Event, Semaphore

import pytest
from sqlalchemy import event, select

from finder import status_store
from finder.announcements import Announcements
from finder.domain.freshness import Thresholds
from finder.domain.maintenance import Effect, Scope
from finder.index import StationIndex
from finder.live_status import LiveStatus
from finder.maintenance import MaintenanceWindows, Wish
from finder.silence import Silence
from finder.status_events import TOPIC
from finder.thresholds import NetworkThresholds, ThresholdsOutOfOrder, UnknownNetwork
from kernel.cache import Cache
from kernel.database import Database
from kernel.outbox import OutboxRow
from tests.stores.status_words import STATION, Ports, said

NOWHERE = "unix:///nowhere/cache.sock"
CLIENTS = 64


@pytest.fixture
def silence(ports: Ports) -> Silence:
    return a_worker(ports)


def a_worker(ports: Ports, live: LiveStatus | None = None) -> Silence:
    """What a worker that has just been started knows: nothing."""
    announcements = Announcements(ports.database, ports.clock, StationIndex(ports.database))
    thresholds = NetworkThresholds(ports.database)
    return Silence(ports.database, ports.clock, live or ports.live, thresholds, announcements)


def told(ports: Ports) -> list[tuple[int, str, str]]:
    """What was announced, in order."""
    with ports.database.reading() as session:
        statuses = select(OutboxRow.payload).where(OutboxRow.topic == TOPIC).order_by(OutboxRow.id)
        payloads = session.execute(statuses).scalars()
        return [(one["port_number"], one["status"], one["freshness"]) for one in payloads]


def test_a_report_that_changes_what_is_told_is_announced_and_no_other(ports) -> None:
    for second, word in ((-50, "available"), (-40, "available"), (-30, "charging"), (-20, "finishing")):
        ports.take(said(second, word))
    ports.take(said(-35, "faulted"))

    assert told(ports) == [(1, "AVAILABLE", "FRESH"), (1, "IN_USE", "FRESH")]


def test_an_event_says_where_the_port_is_and_what_it_is(ports) -> None:
    ports.take(said(-30, "Charging"))

    with ports.database.reading() as session:
        [row] = session.execute(select(OutboxRow).where(OutboxRow.topic == TOPIC)).scalars()
    assert (row.topic, row.subject) == ("status_changed", STATION)
    assert row.payload == {
        "station_id": STATION,
        "port_number": 1,
        "network_id": 7,
        "lat": row.payload["lat"],
        "lon": row.payload["lon"],
        "status": "IN_USE",
        "technical_status": "charging",
        "as_of": "2026-03-10T11:59:30Z",
        "freshness": "FRESH",
    }


def test_a_port_that_falls_silent_is_announced_once_at_each_threshold(ports, silence, clock) -> None:
    ports.take(said(0, "available"))

    found = []
    for after_s in (900, 901, 902, 3600, 3601, 3700):
        clock.moment = clock.moment.replace(hour=12, minute=0, second=0) + timedelta(seconds=after_s)
        found.append((silence.announce(), a_worker(ports).announce()))

    assert found == [(0, 0), (1, 0), (0, 0), (0, 0), (1, 0), (0, 0)]
    assert told(ports)[1:] == [(1, "AVAILABLE", "STALE"), (1, "UNREACHABLE", "STALE")]


def test_a_port_that_speaks_again_is_announced_again(ports, silence, clock) -> None:
    ports.take(said(0, "available"))
    clock.advance(hours=2)
    silence.announce()

    ports.take(said(7200, "available"))

    assert told(ports)[1:] == [(1, "UNREACHABLE", "STALE"), (1, "AVAILABLE", "FRESH")]
    assert silence.announce() == 0


def test_two_workers_at_once_announce_each_port_once(ports, clock) -> None:
    ports.take(said(0, "available"), said(0, "charging", port=2))
    clock.advance(hours=2)
    together = Barrier(2)

    def sweep(worker: Silence) -> int:
        together.wait()
        return worker.announce()

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(sweep, [a_worker(ports), a_worker(ports)]))

    assert sum(counts) == 2
    assert len(told(ports)) == 4


def test_the_control_a_worker_that_remembers_nothing_tells_it_again(ports, silence, clock, monkeypatch) -> None:
    monkeypatch.setattr(status_store, "set_told", lambda *_: None)
    ports.take(said(0, "available"))
    clock.advance(hours=2)

    assert [silence.announce(), a_worker(ports).announce()] == [1, 1]


def test_a_network_with_thresholds_of_its_own_is_judged_by_them(ports, clock) -> None:
    thresholds = NetworkThresholds(ports.database)
    thresholds.set(7, stale_after_s=60, unreachable_after_s=120)
    ports.take(said(0, "available"))

    found = []
    for _ in range(2):
        clock.advance(seconds=61)
        found.append(a_worker(ports).announce())

    assert found == [1, 1]
    assert (thresholds.of(7), thresholds.of(8)) == (Thresholds(60, 120), Thresholds())


def test_thresholds_that_cannot_be_are_refused(ports) -> None:
    thresholds = NetworkThresholds(ports.database)

    with pytest.raises(ThresholdsOutOfOrder):
        thresholds.set(7, stale_after_s=4000, unreachable_after_s=None)
    with pytest.raises(UnknownNetwork):
        thresholds.set(8, stale_after_s=60, unreachable_after_s=120)
    assert thresholds.own() == {}


@pytest.mark.parametrize(
    "scope",
    [Scope(), Scope(network_id=7), Scope(organization_id="7:1"), Scope(station_ids=(STATION,))],
    ids=["everything", "network", "organization", "station"],
)
def test_silence_is_no_news_while_maintenance_delays_statuses(ports, clock, scope, monkeypatch) -> None:
    monkeypatch.setattr("finder.silence._AT_ONCE", 1)  # every port is a batch of its own
    ports.take(said(0, "available"), said(0, "charging", port=2))
    before, window = told(ports), timedelta(hours=3)
    windows = MaintenanceWindows(ports.database, clock)
    if scope.is_everything:
        windows.begin(window, "Upgrade")
    else:
        effects = frozenset({Effect.STATUS_DELAYED})
        wish = Wish(scope=scope, start=None, end=clock.moment + window, message="Upgrade", effects=effects)
        windows.announce(wish, by="test")

    clock.advance(hours=2)
    meanwhile = a_worker(ports).announce()
    clock.advance(hours=2)

    assert meanwhile == 0
    assert a_worker(ports).announce() == 2
    assert len(before) == 2


def test_stations_gone_silent_are_found_by_time_with_the_cache_and_without(ports, silence, clock) -> None:
    ports.take(said(0, "available"), said(-500, "available", port=2))
    clock.advance(seconds=901)
    with closing(Cache(NOWHERE)) as nowhere:
        cut_off = a_worker(ports, ports.writer(ports.database, nowhere))

        found = [one.stations_gone_silent(timedelta(hours=1)) for one in (silence, cut_off)]

    assert found[0] == found[1] == {STATION: clock.moment - timedelta(seconds=901)}
    assert silence.stations_gone_silent(timedelta(minutes=15)) == {}


def test_the_index_of_silence_is_made_again_after_a_flush_and_only_once(ports, silence, clock) -> None:
    ports.take(said(0, "available"))
    clock.advance(hours=1)
    silence.stations_gone_silent(timedelta(hours=2))
    ports.cache.attempt(lambda client: client.flushall())

    with counted(ports.database, "max(") as asked:
        found = [silence.stations_gone_silent(timedelta(hours=2)) for _ in range(3)]

    assert list(found[0]) == list(found[2]) == [STATION]
    assert len(asked) == 1


class counted:  # noqa: N801 - reads as a word of the test
    """The statements with this in them, while the block runs."""

    def __init__(self, database: Database, part: str) -> None:
        self.engine, self.part, self.found = database.engine, part, []

    def see(self, _connection, _cursor, statement, *_rest) -> None:
        if self.part in statement:
            self.found.append(statement)

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self.see)
        return self.found

    def __exit__(self, *_) -> None:
        event.remove(self.engine, "before_cursor_execute", self.see)


def herd(ports: Ports, monkeypatch, *, looks: int) -> int:
    """How often SQL is asked when 64 clients want the same station at once and the cache is empty.

    It answers once so many looks at the cache have found nothing: each client's first, and those before asking SQL.
    """
    ports.take(said(-5))
    ports.told()
    ports.cache.attempt(lambda client: client.flushall())
    looked, enough = count(1), Event()
    look, read = ports.status_cache.latest, status_store.latest_of_stations

    def counting(pks):
        found = look(pks)
        if next(looked) >= looks:
            enough.set()
        return found

    def waiting(session, pks):
        enough.wait(30)
        return read(session, pks)

    monkeypatch.setattr(ports.status_cache, "latest", counting)
    monkeypatch.setattr(status_store, "latest_of_stations", waiting)
    with counted(ports.database, "FROM ports JOIN port_statuses") as asked, ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda _: ports.live.latest([ports.pk])[0][ports.pk], range(CLIENTS)))
    assert all(answer == answers[0] != {} for answer in answers)
    return len(asked)


def test_a_herd_at_an_empty_cache_asks_the_database_once(ports, monkeypatch) -> None:
    assert herd(ports, monkeypatch, looks=CLIENTS + 1) == 1


def test_the_control_without_taking_turns_it_asks_more_often(ports, monkeypatch) -> None:
    ports.live._one_refill = Semaphore(CLIENTS)

    asked = herd(ports, monkeypatch, looks=CLIENTS + 2)

    assert asked > 1, "THE CONTROL FAILED: nobody had to wait"
