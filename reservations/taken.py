"""TakenPorts: which ports are inside a live reservation now; read at most once a second, however many ask."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from kernel.database import Database
from reservations import store

_REMEMBERED_S = 1.0
_REMEMBERED = timedelta(seconds=_REMEMBERED_S)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was read, for which moment, and when it is too old (monotonic seconds)."""

    ports: frozenset[int]
    moment: datetime
    good_until: float

    def serves(self, moment: datetime) -> bool:
        return time.monotonic() < self.good_until and abs(moment - self.moment) < _REMEMBERED


class TakenPorts:
    """Tells the finder which ports are reserved (`finder.domain.availability.TakenPorts`)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answer: _Answer | None = None
        self._commits = 0
        self._reading = Lock()

    def taken_at(self, moment: datetime) -> frozenset[int]:
        """Ids of the ports inside a live window at this moment, at most a second old."""
        answer = self._answer
        if answer is not None and answer.serves(moment):
            return answer.ports
        with self._reading:
            answer = self._answer
            if answer is None or not answer.serves(moment):
                answer = self._read(moment)
            return answer.ports

    def forget(self) -> None:
        """Read again when next asked: this process has committed a move."""
        self._commits += 1
        self._answer = None

    def _read(self, moment: datetime) -> _Answer:
        commits = self._commits
        with self._database.reading() as session:
            ports = store.taken_ports(session, moment)
        answer = _Answer(ports, moment, time.monotonic() + _REMEMBERED_S)
        if commits == self._commits:  # what was read before a commit must not outlive it
            self._answer = answer
        return answer
