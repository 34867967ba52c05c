"""Answering: a connection to PostgreSQL on which nobody waits for a server that is no longer there.

A server that is frozen, or behind a network that swallows everything, keeps its connections open and says nothing;
its own limits (`statement_timeout`) cannot help then. Who waits here for half a second has it looked for, and gives
up as soon as it is known to be away. A statement that takes long on a server that is there is left alone.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout as WaitTimeout  # says of itself that callers should handle it
from psycopg.rows import TupleRow

from kernel.outage import Outage

T = TypeVar("T")
SILENT_S = 0.5
_MOST_S = 40.0  # beyond every limit that the server itself sets


class Silent(psycopg.OperationalError):
    """The server does not answer on this connection."""


class Answering(psycopg.Connection[TupleRow]):
    """Raises Silent, and is closed then."""

    outage: Outage | None = None

    def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As in the library; watched once half a second has gone by."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, SILENT_S)
        except WaitTimeout:
            return super().wait(self._watched(gen), interval)

    def _watched(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """The rest of the library's own steps; it is sent nothing (0) whenever `interval` passes without an answer."""
        heard_at = time.monotonic() - SILENT_S
        try:
            wanted = gen.send(0)
            while True:
                came = yield wanted
                if came:
                    heard_at = time.monotonic()
                else:
                    self._check(time.monotonic() - heard_at)
                wanted = gen.send(came)
        except StopIteration as end:
            value: T = end.value
            return value

    def _check(self, silent_s: float) -> None:
        if self.outage is None or silent_s < SILENT_S:
            return
        self.outage.suspect()
        if self.outage.is_away or silent_s > _MOST_S:
            self.pgconn.finish()
            raise Silent("the server does not answer")
