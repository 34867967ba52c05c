"""Connections that stay open are shared by the web workers, also after one was killed."""

import http.client
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing

from kernel.fair_accepting import Board
from tests.faults.small_site import Serve, eventually

CALLERS = 24
FEWEST_EACH = 8  # of 12


def callers_by_worker(site: Serve) -> Counter[int]:
    """How many of so many kept-alive connections each worker has."""
    with ExitStack() as stack:
        lines = [http.client.HTTPConnection("127.0.0.1", site.port, timeout=5) for _ in range(CALLERS)]
        for line in lines:
            stack.enter_context(closing(line)).connect()
        return Counter(_worker_of(line) for line in lines)


def _worker_of(line: http.client.HTTPConnection) -> int:
    line.request("GET", "/")
    return int(line.getresponse().read())


def shares(site: Serve, tries: int) -> Iterator[int]:
    """What the worker with the fewest connections has, each time that so many come at once."""
    for _ in range(tries):
        found = callers_by_worker(site)
        yield min(found.values()) if len(found) == 2 else 0
        time.sleep(0.1)  # the server has to see that these are closed


def test_connections_are_shared_evenly(site: Serve) -> None:
    site.start_and_wait()
    eventually(lambda: len(callers_by_worker(site)) == 2)

    assert min(shares(site, 10)) >= FEWEST_EACH


def test_without_the_sharing_they_are_not(site: Serve) -> None:
    site.start_and_wait(GREEDY="yes")
    eventually(lambda: len(callers_by_worker(site)) == 2)

    assert any(share < FEWEST_EACH for share in shares(site, 50))


def test_the_successor_of_a_killed_worker_has_its_share(site: Serve) -> None:
    site.start_and_wait()
    before = eventually(lambda: len(found := callers_by_worker(site)) == 2 and found)
    killed = next(iter(before))

    os.kill(killed, signal.SIGKILL)
    eventually(lambda: len(found := callers_by_worker(site)) == 2 and killed not in found)

    assert min(shares(site, 5)) >= FEWEST_EACH


def test_who_is_gone_does_not_count() -> None:
    board = Board()
    board.write(0, 5)
    board.write(1, 3)

    board.leave(1)

    assert board.fewest() == 5
