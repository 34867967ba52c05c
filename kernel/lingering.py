"""Lingering: a thread that has answered waits a moment for the next request on the same connection."""

import select
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

_LOOKS = 5  # a millisecond each


class LingeringWorker(ThreadWorker):
    """gunicorn's threads, for callers that ask one question after another.

    Between two requests gunicorn gives a connection back to its main thread, which puts it among those it waits for,
    finds it readable and hands it to a thread again: a tenth of what the shortest answer takes. Here at most half of
    the threads stay with their connection for 5 ms; who waits for a thread meanwhile is seen within one of them.
    """

    def get_thread_pool(self) -> ThreadPoolExecutor:
        self.line = Line()
        self.may_linger = BoundedSemaphore(self.cfg.threads // 2)
        return super().get_thread_pool()  # type: ignore[no-any-return]

    def enqueue_req(self, conn: Any) -> None:
        self.line.join()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """True where the connection goes on, to be waited for by the main thread."""
        self.line.leave()
        goes_on = super().handle(conn)
        while goes_on is True and self.next_comes(conn):
            goes_on = super().handle(conn)
        return goes_on

    def next_comes(self, conn: Any) -> bool:
        """Whether this thread may wait for the connection's next request, and that came."""
        if not self.alive or conn.is_http2 or self.line.is_there or not self.may_linger.acquire(blocking=False):
            return False
        try:
            return self._is_readable(conn)
        finally:
            self.may_linger.release()

    def _is_readable(self, conn: Any) -> bool:
        """Whether something comes in time; what was read too far already belongs to the next request."""
        if conn.parser.unreader.buf.getvalue():
            return True
        waiting = select.poll()
        waiting.register(conn.sock, select.POLLIN)
        return any(waiting.poll(1) for _ in range(_LOOKS) if not self.line.is_there)


class Line:
    """How many requests are waiting for a thread."""

    def __init__(self) -> None:
        self._waiting = 0
        self._turn = Lock()

    @property
    def is_there(self) -> bool:
        """Whether any is."""
        return self._waiting > 0

    def join(self) -> None:
        with self._turn:
            self._waiting += 1

    def leave(self) -> None:
        with self._turn:
            self._waiting -= 1
