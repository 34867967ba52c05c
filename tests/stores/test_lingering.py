"""A web worker's thread stays with a connection whose next request follows at once, but never at others' cost."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from kernel import lingering
from kernel.lingering import LingeringWorker

THREADS = 4
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def worker() -> Iterator[LingeringWorker]:
    config = Config()
    config.set("threads", THREADS)
    made = LingeringWorker(1, os.getpid(), [], None, 30, config, None)
    made.tpool = made.get_thread_pool()
    yield made
    made.tpool.shutdown()
    made.tmp.close()


@pytest.fixture
def line(worker: LingeringWorker) -> Iterator[tuple[Any, socket.socket]]:
    """A connection as the worker sees it after its first request, and the caller's end of it."""
    with ExitStack() as stack:
        yield connected(worker, stack)


def connected(worker: LingeringWorker, stack: ExitStack) -> tuple[Any, socket.socket]:
    ours, theirs = map(stack.enter_context, socket.socketpair())
    conn = TConn(worker.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
    conn.init()
    theirs.sendall(REQUEST)
    assert next(conn.parser).uri == "/"
    return conn, theirs


def test_the_next_request_is_taken_at_once(worker, line) -> None:
    conn, caller = line
    caller.sendall(REQUEST)

    assert worker.next_comes(conn)


def test_where_none_comes_the_connection_is_given_back(worker, line) -> None:
    conn, _caller = line

    assert not worker.next_comes(conn)


def test_a_request_that_was_read_with_the_one_before_is_seen(worker, line) -> None:
    conn, _caller = line
    conn.parser.unreader.unread(REQUEST)

    assert worker.next_comes(conn)


def test_a_caller_who_has_gone_is_seen_at_once(worker, line) -> None:
    conn, caller = line
    caller.close()

    assert worker.next_comes(conn)  # there is an end to be read


def test_nobody_lingers_while_a_request_waits_for_a_thread(worker, line) -> None:
    conn, caller = line
    caller.sendall(REQUEST)
    worker.line.join()
    assert not worker.next_comes(conn)

    worker.line.leave()
    assert worker.next_comes(conn)


def test_who_comes_to_wait_for_a_thread_meanwhile_gets_it(worker, line, monkeypatch: pytest.MonkeyPatch) -> None:
    conn, caller = line
    given_back = Event()
    monkeypatch.setattr(lingering, "_LOOKS", 5_000)

    def come() -> None:
        time.sleep(0.05)  # until somebody lingers
        worker.line.join()
        if not given_back.wait(2):
            caller.sendall(REQUEST)

    other = Thread(target=come)
    other.start()
    assert not worker.next_comes(conn)
    given_back.set()
    other.join()


def test_at_most_half_of_the_threads_linger(worker, line) -> None:
    conn, caller = line
    caller.sendall(REQUEST)
    with worker.may_linger, worker.may_linger:
        assert not worker.next_comes(conn)

    assert worker.next_comes(conn)


def test_a_worker_that_is_to_end_does_not_linger(worker, line) -> None:
    conn, caller = line
    caller.sendall(REQUEST)
    worker.alive = False

    assert not worker.next_comes(conn)
