"""Turns: on SQLite one writer at a time; the others stand in line instead of knocking ever more rarely."""

import fcntl
import os
import time
from threading import Lock

from sqlalchemy import make_url

from kernel.database_faults import Unwritable
from kernel.errors import TemporarilyUnavailable

_WAIT_S = 10.0
_LOOK_S = 0.001


class WriterTurn:
    """The turn to write to an SQLite file; for any other database there is nothing to wait for.

    SQLite itself lets a writer that finds the file locked sleep longer with every try (up to 0.1 s), so that under a
    crowd some never come to it. Here the threads of a process wait for one another, and only the one whose turn it is
    asks for the file that the processes share. The kernel frees that with the process, however it ends.
    """

    def __init__(self, url: str) -> None:
        self._path = f"{make_url(url).database}-turn" if url.startswith("sqlite") else None
        self._threads = Lock()
        self._file = -1

    def __enter__(self) -> None:
        """Raises TemporarilyUnavailable where the turn does not come in time."""
        if self._path is None:
            return
        until = time.monotonic() + _WAIT_S
        if not self._threads.acquire(timeout=_WAIT_S):
            raise TemporarilyUnavailable("The database is too busy at the moment.")
        try:
            self._file = _claimed(self._path, until)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            os.close(self._file)
            self._threads.release()


def _claimed(path: str, until: float) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unwritable from error
    try:
        while not _is_free(file):
            if time.monotonic() > until:
                raise TemporarilyUnavailable("The database is too busy at the moment.")
            time.sleep(_LOOK_S)
    except BaseException:
        os.close(file)
        raise
    return file


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
