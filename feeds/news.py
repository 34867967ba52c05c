"""News: the outbox's events in the order of the relay, read at a pace of its own by one thread."""

import queue
import threading
from collections.abc import Callable

import structlog

from feeds.domain.replay import DEPTH, Replay, Told
from feeds.wire import told
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from kernel.outbox import events_after, first_position, last_position

log = structlog.get_logger(__name__)

TOPICS = ("status_changed", "station_changed", "stations_changed", "maintenance_")
_AT_ONCE = 500
_PAUSE_S = 0.2
_PAUSE_WITHOUT_DATABASE_S = 1.0


class News:
    """Reads on from a position; what it reads waits in `fresh` and is announced by `arrived`.

    Who has read up to a position has missed nothing before it: the relay gives positions in the order of its commits.
    """

    def __init__(self, database: Database, arrived: Callable[[], None]) -> None:
        self._database = database
        self._arrived = arrived
        self._position = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="news", daemon=True)
        self.fresh: queue.SimpleQueue[list[Told]] = queue.SimpleQueue()

    def begin(self) -> Replay | None:
        """Read what happened last, and follow from there. None when asked to stop before the database answers."""
        while not self._stop.is_set():
            try:
                replay = self._read_back()
            except TemporarilyUnavailable:
                log.warning("stream waits: the database is away")
                self._stop.wait(_PAUSE_WITHOUT_DATABASE_S)
            else:
                self._thread.start()
                return replay
        return None

    def stop(self) -> None:
        """Follow no longer."""
        self._stop.set()

    def end(self) -> None:
        """Stop, and wait until it has."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(5)

    def _read_back(self) -> Replay:
        with self._database.reading() as session:
            last = last_position(session)
            floor = max(last - DEPTH, first_position(session) - 1, 0)
        replay, self._position = Replay(floor, last), floor
        while events := self._next():
            replay.add(events)
        return replay

    def _next(self) -> list[Told]:
        with self._database.reading() as session:
            events = [told(event) for event in events_after(session, self._position, TOPICS, _AT_ONCE)]
        if events:
            self._position = events[-1].position
        return events

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self._take())

    def _take(self) -> float:
        """Reads some; returns for how long to pause."""
        try:
            events = self._next()
        except TemporarilyUnavailable:
            log.warning("stream is silent: the database is away")
            return _PAUSE_WITHOUT_DATABASE_S
        if events:
            self.fresh.put(events)
            self._arrived()
        return 0.0 if len(events) == _AT_ONCE else _PAUSE_S
