"""Rate limits: leased from one count, so that processes together are exact and a busy caller asks the cache rarely."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kernel.cache import Cache
from kernel.limits import WINDOW_S, RequestLimits
from tests.servers import cache


@pytest.fixture
def counter() -> Iterator[Cache]:
    with cache() as server:
        opened = Cache(server.url)
        yield opened
        opened.close()


def let_through(limits: RequestLimits, requests: int, per_min: int) -> int:
    return sum(limits.take("someone", per_min)[0] for _ in range(requests))


@pytest.mark.parametrize("per_min", [1, 3, 49, 50, 51, 600, 1200])
def test_one_process_lets_exactly_the_limit_through(counter, per_min) -> None:
    assert let_through(RequestLimits(counter), per_min + 20, per_min) == per_min


def test_several_processes_never_let_more_through_and_lose_little(counter) -> None:
    processes = [RequestLimits(counter) for _ in range(4)]

    passed = sum(let_through(one, 1, 600) for _ in range(300) for one in processes)

    assert 600 - 4 * 600 // 50 <= passed <= 600


def test_threads_of_a_process_share_the_limit_exactly(counter) -> None:
    limits = RequestLimits(counter)

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(lambda _: let_through(limits, 100, 300), range(8)))

    assert passed == 300


def test_a_busy_caller_asks_the_cache_rarely(counter) -> None:
    limits = RequestLimits(counter)

    assert let_through(limits, 500, 100_000) == 500

    assert int(counter.attempt(lambda client: client.info("stats")["total_commands_processed"])) < 20


def test_the_window_ends_and_begins_anew_with_the_next_request(counter) -> None:
    now = [1_000_000.0]
    limits = RequestLimits(counter, lambda: now[0])
    assert let_through(limits, 5, 3) == 3

    now[0] += WINDOW_S + 1
    counter.attempt(lambda client: client.flushall())  # its own clock has not moved

    assert let_through(limits, 5, 3) == 3


def test_a_refused_caller_is_told_when_to_come_back(counter) -> None:
    limits = RequestLimits(counter)
    let_through(limits, 3, 3)

    allowed, lease = limits.take("someone", 3)

    assert not allowed
    assert lease.remaining == 0
    assert 0 < lease.resets_in_s(limits._now()) <= WINDOW_S
