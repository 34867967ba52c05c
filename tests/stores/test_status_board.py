"""The board of statuses is what the database says: at first, as reports come, after a pause, and while it is away."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder import status_board
from finder.domain.status import Report, TechnicalStatus
from finder.status_board import StatusBoard, said_by
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from tests.conftest import NOW
from tests.servers import CacheServer
from tests.stores.status_words import Ports, said

NO_MORE = 1_000_000  # a port that nobody has


@pytest.fixture
def ports(database: Database, cache_server: CacheServer, clock: FixedClock) -> Iterator[Ports]:
    cache = Cache(cache_server.url)
    yield Ports(database, cache, clock, ports=3)
    cache.attempt(lambda client: client.flushall())
    cache.close()


@pytest.fixture(autouse=True)
def looks_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_board, "LOOKED_AT_EVERY_S", 0.0)


def told(board: StatusBoard, ports: Ports) -> list[tuple[int, int, bool]]:
    """What the board knows of the ports, and of one that nobody has."""
    known = board.of(np.array([*ports.port_ids, NO_MORE]))
    return list(zip(known.code.tolist(), known.as_of_us.tolist(), known.says_reserved.tolist(), strict=True))


def kept(ports: Ports) -> list[tuple[int, int, bool]]:
    """The same, by the reports themselves."""
    latest = ports.live.latest([ports.pk])[0][ports.pk]
    known = said_by([*(latest.get(port_id) for port_id in ports.port_ids), None])
    return list(zip(known.code.tolist(), known.as_of_us.tolist(), known.says_reserved.tolist(), strict=True))


def test_it_follows_what_is_reported(ports: Ports, clock: FixedClock) -> None:
    ports.take(said(-60, "available"), said(-50, "Reserved", port=2))
    board = StatusBoard(ports.database, clock)
    first = told(board, ports)

    clock.advance(seconds=5)
    ports.take(said(3, "faulted"), said(4, "charging", port=3), said(-90, "charging", port=2))

    assert first[2] == first[3] == (0, 0, False)
    assert told(board, ports) == kept(ports) != first


def test_who_has_not_looked_for_long_reads_everything_anew(ports: Ports, clock: FixedClock) -> None:
    board = StatusBoard(ports.database, clock)
    told(board, ports)
    ports.take(said(0, "available"))

    clock.advance(hours=2)

    assert told(board, ports) == kept(ports)


def test_with_the_database_away_the_last_stays_and_without_any_it_says_so(ports: Ports, clock: FixedClock) -> None:
    ports.take(said(-60, "available"))
    board = StatusBoard(ports.database, clock)
    before = told(board, ports)

    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    board._database = nowhere

    assert told(board, ports) == before
    with pytest.raises(TemporarilyUnavailable):
        told(StatusBoard(nowhere, clock), ports)


@given(st.sampled_from(TechnicalStatus), st.integers(-(10**9), 10**9), st.sampled_from([None, "Reserved", "x"]))
def test_a_report_is_told_by_its_earlier_time(status: TechnicalStatus, at_s: int, raw: str | None) -> None:
    reported = said(at_s).reported_at
    report = Report(status, reported, 0, NOW, NOW, raw_status=raw)

    known = said_by([report])

    assert known.as_of_us[0] == status_board.microseconds(min(reported, NOW))
    assert (known.code[0] > 0, known.says_reserved[0]) == (True, report.says_reserved)
