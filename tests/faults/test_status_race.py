"""Eight writers report the same ports crosswise: nothing goes back; without the comparisons it does."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from finder import status_cache, status_store
from finder.intake import Said
from finder.tables import PortStatusRow
from kernel.cache import Cache, CacheDown
from kernel.clock import FixedClock
from kernel.database import Database
from tests.servers import CacheServer
from tests.stores.status_words import Held, Ports, said

WRITERS, PORTS, VERSIONS = 8, 8, 16
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


def race(ports: Ports, url: str, cache_url: str) -> tuple[int, int]:
    """Eight writers at once, each with all the reports; how often SQL and the cache were seen to go back."""
    together, done = threading.Barrier(WRITERS), threading.Event()

    def write(seed: int) -> None:
        with closing(Database(url)) as database, closing(Cache(cache_url)) as cache:
            writer = ports.writer(database, cache)
            together.wait()
            for call in crowd_reports(seed):
                writer.take(call)

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        watching = [pool.submit(regressions, look, done) for look in (ports.in_sql, patient(ports.in_cache))]
        writing = [pool.submit(write, seed) for seed in range(WRITERS)]
        wait(writing)
        done.set()
        for one in writing:
            one.result()
        sql, cached = (one.result() for one in watching)
    return sql, cached


def regressions(look: Look, done: threading.Event) -> int:
    """How often a port was seen with an older report than before; looks once more after the end."""
    seen: dict[int, Held] = {}
    count, last = 0, False
    while not last:
        last = done.is_set()
        now = look()
        count += sum(1 for port_id, held in now.items() if port_id in seen and held[1:] < seen[port_id][1:])
        seen |= now
        time.sleep(0.001)  # leaves the writers some of the machine
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


def test_without_the_comparison_in_sql_they_do(crowd, empty_url, cache_server, monkeypatch) -> None:
    monkeypatch.setattr(status_store, "keep_if_newer", keep_whatever_comes)

    set_back_in_sql, _ = race(crowd, empty_url, cache_server.url)

    assert set_back_in_sql > 0, "THE CONTROL FAILED: without the guard nothing went back, so the race tests nothing"


def keep_whatever_comes(session, reports):
    """The upsert that one writes first: the last to come wins."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for port_id, report in sorted(reports.items()):
        row = status_store._values(port_id, report)
        statement = dialect.insert(PortStatusRow).values(row)
        session.execute(statement.on_conflict_do_update(index_elements=["port_id"], set_=row))
    return set(reports)


def test_without_the_comparison_in_the_cache_they_do(crowd, empty_url, cache_server, monkeypatch) -> None:
    compared = "newer = new_at > at or (new_at == at and new_seq > seq)"
    assert compared in status_cache.KEEP_IF_NEWER
    monkeypatch.setattr(status_store, "keep_if_newer", keep_whatever_comes)
    monkeypatch.setattr(status_cache, "KEEP_IF_NEWER", status_cache.KEEP_IF_NEWER.replace(compared, "newer = true"))

    _, set_back_in_cache = race(crowd, empty_url, cache_server.url)

    assert set_back_in_cache > 0, "THE CONTROL FAILED: without the comparison nothing went back"
