"""What a process remembers of statuses is never behind what has been acknowledged, whoever took the report."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from finder.live_status import LiveStatus
from finder.status_cache import StatusCache
from kernel.cache import Cache
from tests.stores.status_words import Ports, said

REPORTS = 60


def _hashes_read(cache: Cache) -> int:
    found = cache.attempt(lambda client: client.info("commandstats"))
    return int(found.get("cmdstat_hgetall", {"calls": 0})["calls"])


def _behind(ports: Ports, reader: LiveStatus) -> int:
    """How often a reader was told less than another process had acknowledged before it asked."""
    acknowledged, ended = [0], Event()

    def watch() -> int:
        behind = 0
        while not ended.is_set():
            known = acknowledged[0]
            told = reader.latest([ports.pk])[0][ports.pk]
            behind += max(one.sequence for one in told.values()) < known
        return behind

    writer = ports.writer(ports.database, ports.cache)
    writer.take([said(0, sequence=0)])
    with ThreadPoolExecutor(4) as pool:
        watching = [pool.submit(watch) for _ in range(4)]
        for sequence in range(1, REPORTS):
            writer.take([said(0, sequence=sequence)])
            acknowledged[0] = sequence
        ended.set()
        return sum(one.result() for one in watching)


def test_what_has_not_changed_is_not_read_again(ports: Ports) -> None:
    ports.live.take([said(-5)])
    ports.told()  # from the database, into the cache
    known = ports.told()
    before = _hashes_read(ports.cache)

    assert [ports.told() for _ in range(5)] == [known] * 5
    assert _hashes_read(ports.cache) == before


def test_a_report_taken_by_another_process_is_told_at_once(ports: Ports) -> None:
    ports.live.take([said(-5, "charging")])
    ports.told()
    writer = ports.writer(ports.database, ports.cache)

    for second, status in enumerate(["available", "faulted", "charging"]):
        writer.take([said(second, status)])
        assert ports.told() == ports.in_sql() == {ports.port_ids[0]: (status, second, 0)}


def test_a_list_of_changes_that_was_lost_or_cut_short_is_no_reason_to_be_behind(ports: Ports) -> None:
    ports.live.take([said(-5, "charging")])
    ports.told()
    writer = ports.writer(ports.database, ports.cache)

    ports.cache.attempt(lambda client: client.flushall())
    writer.take([said(1, "available")])
    assert ports.told() == ports.in_sql()
    for second in range(2, 8):
        writer.take([said(second, "faulted" if second % 2 else "charging")])
    changes = ports.status_cache._changes()
    ports.cache.attempt(lambda client: client.xtrim(changes, maxlen=2, approximate=False))
    assert ports.told() == ports.in_sql()


def test_readers_are_never_behind_what_was_acknowledged(ports: Ports) -> None:
    assert _behind(ports, ports.live) == 0


def test_a_reader_that_does_not_follow_the_changes_is_seen_to_be_behind(ports: Ports) -> None:
    class Deaf(StatusCache):
        def changed_since(self, mark: bytes) -> tuple[bytes, set[int]]:
            return mark, set()

    deaf = LiveStatus(ports.database, Deaf(ports.cache, ports.status_cache._installation), ports.clock)

    assert _behind(ports, deaf) > 0
