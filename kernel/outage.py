"""Outage: what a process knows of its database being away, so that nobody waits for it in vain."""

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

LOOKED_AT_EVERY_S = 0.5
_UNWRITABLE_S = 60.0  # a failed write is believed for so long: this process may not be asked to write again


class Outage:
    """While the database is away one thread of the process looks for it, and all others do without at once.

    `answers` says whether the database is there, in two or three seconds at most. The thread lives only as long as
    there is doubt, so that no request pays for looking.
    """

    def __init__(self, answers: Callable[[], bool]) -> None:
        self._answers = answers
        self._away_since: float | None = None
        self._unwritable: tuple[float, float] | None = None  # since when, and last seen
        self._watcher: threading.Thread | None = None
        self._turn = threading.Lock()
        self._closed = threading.Event()

    @property
    def is_away(self) -> bool:
        """Whether the database did not answer when it was last looked for."""
        return self._away_since is not None

    def suspect(self) -> None:
        """Something went wrong on the way to the database: look for it, unless somebody does already."""
        with self._turn:
            if self._watcher is None and not self._closed.is_set():
                self._watcher = threading.Thread(target=self._watch, name="database watcher", daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        while not self._found():
            if self._away_since is None:
                self._away_since = time.monotonic()
                log.warning("the database is away")
            self._closed.wait(LOOKED_AT_EVERY_S)

    def _found(self) -> bool:
        """Whether the watch is over."""
        is_there = self._answers()
        if not is_there and not self._closed.is_set():
            return False
        with self._turn:
            if self.is_away and is_there:
                log.warning("the database is back")
            self._away_since = self._watcher = None
        return True

    def could_not_write(self) -> None:
        """It answers, but takes nothing: it is read-only, or its disk is full."""
        now = time.monotonic()
        since, _ = self._unwritable or (now, now)
        self._unwritable = since, now

    def could_write(self) -> None:
        """A transaction was committed."""
        self._unwritable = None

    def nothing_written_for_s(self) -> float | None:
        """For how many seconds nothing can have been written down; None where it can, as far as this process knows."""
        now, begun = time.monotonic(), [self._away_since]
        if self._unwritable is not None and now - self._unwritable[1] < _UNWRITABLE_S:
            begun.append(self._unwritable[0])
        return max((now - since for since in begun if since is not None), default=None)

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
