"""Eight writers report the same ports crosswise: nothing goes back; without the comparisons it does."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import pytest

from finder import status_cache, status_log_store, status_store
from finder.live_status import LiveStatus
from finder.said import Said
from finder.tables import PortStatusRow, StatusSpellRow
from kernel.bulk import Rows
from kernel.cache import Cache, CacheDown
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from tests.servers import CacheServer
from tests.stores.status_words import Held, Ports, said

WRITERS, PORTS, VERSIONS = 8, 8, 16
MANY = 1_000
UPSERT = status_store.newest
Look = Callable[[], dict[int, Held]]


@pytest.fixture
def cache(cache_server: CacheServer) -> Iterator[Cache]:
    opened = Cache(cache_server.url)
    yield opened
    opened.attempt(lambda client: client.flushall())
    opened.close()


def crowd_reports(seed: int) -> list[list[Said]]:
    """All versions of all ports, in an order of this writer's own, in calls of several."""
    everything = [
        said(second - VERSIONS, "available" if second % 2 else "charging", port=port)
        for second in range(VERSIONS)
        for port in range(1, PORTS + 1)
    ]
    random.Random(seed).shuffle(everything)
    return [everything[start : start + 9] for start in range(0, len(everything), 9)]


def of_many(seed: int) -> list[list[Said]]:
    """One version of each of a thousand ports, this writer's own, in an order of its own."""
    everything = [said(seed - WRITERS, "available" if seed % 2 else "charging", port=port + 1) for port in range(MANY)]
    random.Random(seed).shuffle(everything)
    return [everything[start : start + 100] for start in range(0, MANY, 100)]


def race(
    ports: Ports, url: str, cache_url: str, calls: Callable[[int], list[list[Said]]] = crowd_reports
) -> tuple[int, int]:
    """Eight writers at once, each with its calls; how often SQL and the cache were seen to go back."""
    together, done = threading.Barrier(WRITERS), threading.Event()

    def write(seed: int) -> None:
        with closing(Database(url)) as database, closing(Cache(cache_url)) as cache:
            writer = ports.writer(database, cache)
            together.wait()
            for call in calls(seed):
                taken(writer, call)

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        watching = [pool.submit(regressions, look, done) for look in (ports.in_sql, patient(ports.in_cache))]
        writing = [pool.submit(write, seed) for seed in range(WRITERS)]
        wait(writing)
        done.set()
        for one in writing:
            one.result()
        sql, cached = (one.result() for one in watching)
    return sql, cached


def taken(writer: LiveStatus, call: list[Said]) -> None:
    """Report until it is taken: on a busy machine a writer may wait for the others longer than it is let."""
    while True:
        try:
            writer.take(call)
            return
        except TemporarilyUnavailable:
            time.sleep(0.05)


def regressions(look: Look, done: threading.Event) -> int:
    """How often a port was seen with an older report than before; looks once more after the end."""
    seen: dict[int, Held] = {}
    count, last = 0, False
    while not last:
        last = done.is_set()
        now = look()
        count += sum(1 for port_id, held in now.items() if port_id in seen and held[1:] < seen[port_id][1:])
        seen |= now
        time.sleep(0.01)  # leaves the writers some of the machine
    return count


def patient(look: Look) -> Look:
    """A look that waits where the machine is too busy for the cache to answer in time."""

    def looking() -> dict[int, Held]:
        while True:
            try:
                return look()
            except CacheDown:
                time.sleep(0.05)

    return looking


@pytest.fixture
def crowd(database: Database, cache: Cache, clock: FixedClock) -> Ports:
    return Ports(database, cache, clock, ports=PORTS)


def newest_of_all(crowd: Ports) -> dict[int, Held]:
    return dict.fromkeys(crowd.port_ids, ("available" if (VERSIONS - 1) % 2 else "charging", -1.0, 0))


def test_racing_writers_never_set_a_port_back(crowd, empty_url, cache_server) -> None:
    assert race(crowd, empty_url, cache_server.url) == (0, 0)

    crowd.live.reconcile()
    assert crowd.in_sql() == crowd.in_cache() == newest_of_all(crowd)


def test_eight_writers_on_a_thousand_ports_never_set_one_back(database, cache, clock, empty_url, cache_server) -> None:
    many = Ports(database, cache, clock, ports=MANY)

    assert race(many, empty_url, cache_server.url, of_many) == (0, 0)

    many.live.reconcile()
    newest = dict.fromkeys(many.port_ids, ("available", -1.0, 0))
    assert many.in_sql() == many.in_cache() == newest
    assert {len(spells) for spells in many.spells().values()} == {WRITERS}


def test_without_lock_and_guard_in_sql_they_do(crowd, empty_url, cache_server, monkeypatch) -> None:
    """Either of them is enough; the lock is also what keeps the history right."""
    monkeypatch.setattr(status_store, "locked", lambda _, port_ids: dict.fromkeys(port_ids))
    monkeypatch.setattr(status_store, "newest", whatever_comes)

    set_back_in_sql, _ = race(crowd, empty_url, cache_server.url, without_history(monkeypatch))

    assert set_back_in_sql > 0, "THE CONTROL FAILED: without lock and guard nothing went back"


def test_the_guard_in_sql_is_enough_without_the_lock(crowd, empty_url, cache_server, monkeypatch) -> None:
    monkeypatch.setattr(status_store, "locked", lambda _, port_ids: dict.fromkeys(port_ids))

    set_back_in_sql, _ = race(crowd, empty_url, cache_server.url, without_history(monkeypatch))

    assert set_back_in_sql == 0


def without_history(monkeypatch) -> Callable[[int], list[list[Said]]]:
    """The same calls, with no spells kept: without the lock two writers would begin the same one."""
    monkeypatch.setattr(status_log_store, "told", lambda _: Rows(StatusSpellRow, {}))
    return crowd_reports


def whatever_comes(kept):
    """The upsert that one writes first: the last to come wins."""
    columns = UPSERT(kept).columns
    set_all = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "port_id")
    return Rows(PortStatusRow, columns, on_conflict=f"(port_id) DO UPDATE SET {set_all}")


def test_without_the_comparison_in_the_cache_they_do(crowd, empty_url, cache_server, monkeypatch) -> None:
    compared = "if is ~= was then return is > was end"
    assert compared in status_cache.KEEP_IF_NEWER
    monkeypatch.setattr(status_store, "locked", lambda _, port_ids: dict.fromkeys(port_ids))
    monkeypatch.setattr(status_store, "newest", whatever_comes)
    monkeypatch.setattr(status_cache, "KEEP_IF_NEWER", status_cache.KEEP_IF_NEWER.replace(compared, "return true"))

    _, set_back_in_cache = race(crowd, empty_url, cache_server.url, without_history(monkeypatch))

    assert set_back_in_cache > 0, "THE CONTROL FAILED: without the comparison nothing went back"
