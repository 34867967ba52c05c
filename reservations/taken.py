"""TakenPorts: which ports are inside a live reservation now; read at most once a second, however many ask."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from reservations import store

_REMEMBERED_S = 1.0
_REMEMBERED = timedelta(seconds=_REMEMBERED_S)
_WHILE_READ = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was read, for which moment, and when it is too old (monotonic seconds)."""

    ports: frozenset[int]
    moment: datetime
    good_until: float

    def serves(self, moment: datetime) -> bool:
        return time.monotonic() < self.good_until and abs(moment - self.moment) < _REMEMBERED

    def nearly_serves(self, moment: datetime) -> bool:
        """Whether it serves while a newer one is being read."""
        return abs(moment - self.moment) < _WHILE_READ


class TakenPorts:
    """Tells the finder which ports are reserved (`finder.domain.availability.TakenPorts`).

    One thread reads, and who comes meanwhile goes on with the last answer. With the database away that is the last
    that was known; nothing can be reserved then, and a port that was reserved goes on being told so.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answer: _Answer | None = None
        self._last: _Answer | None = None  # whatever became of it since
        self._commits = 0
        self._reading = Lock()

    def taken_at(self, moment: datetime) -> frozenset[int]:
        """Ids of the ports inside a live window at this moment, at most a second old while the database is there.

        Raises TemporarilyUnavailable where none was ever read.
        """
        answer = self._answer
        if answer is not None and answer.serves(moment):
            return answer.ports
        must_wait = answer is None or not answer.nearly_serves(moment)
        if not self._reading.acquire(blocking=must_wait) and answer is not None:
            return answer.ports
        try:
            answer = self._answer
            return answer.ports if answer is not None and answer.serves(moment) else self._read(moment)
        finally:
            self._reading.release()

    def forget(self) -> None:
        """Read again when next asked: this process has committed a move."""
        self._commits += 1
        self._answer = None

    def _read(self, moment: datetime) -> frozenset[int]:
        commits = self._commits
        try:
            with self._database.reading() as session:
                ports = store.taken_ports(session, moment)
        except TemporarilyUnavailable:
            if self._last is None:
                raise
            return self._last.ports
        answer = self._last = _Answer(ports, moment, time.monotonic() + _REMEMBERED_S)
        if commits == self._commits:  # what was read before a commit must not outlive it
            self._answer = answer
        return ports
