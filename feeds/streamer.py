"""The streamer: one process and one loop that hold every open stream, so that a thousand cost no thread."""

import resource
import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from feeds import wire
from feeds.audience import Audience
from feeds.domain.replay import Replay, Told
from feeds.door import Door
from feeds.handover import Answer, Wish
from feeds.listener import Listener, TooSlow
from feeds.news import News
from kernel.database import Database

LONGEST_S = 3600.0  # then a stream is ended and comes back, which looks at its key again
_READ, _BOTH = selectors.EVENT_READ, selectors.EVENT_READ | selectors.EVENT_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many streams there may be, of which one caller may have half; how often a quiet one is sent something."""

    most: int
    heartbeat_s: float

    @property
    def most_of_one(self) -> int:
        return max(1, self.most // 2)


class Streamer:
    """Takes connections over at its door and tells them the news. Everything but reading news is one thread."""

    def __init__(self, database: Database, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._selector = selectors.DefaultSelector()
        self._audience = Audience()
        self._bell, self._clapper = socket.socketpair()
        self._bell.setblocking(False)
        self._clapper.setblocking(False)
        self._news = News(database, self._ring)
        self._replay = Replay(0, 0)
        self._stopping = False

    def run(self) -> None:
        """Stream until `stop` is called. What happened last is read first, so that who comes back misses nothing."""
        _allow_connections(self._limits.most)
        with self._bell, self._clapper, self._selector:
            replay = self._news.begin()
            if replay is not None:
                self._replay = replay
                self._stream()

    def _stream(self) -> None:
        self._selector.register(self._bell, _READ, lambda _: self._tell_news())
        door = Door(self._path, self._selector, places=self._answer_to, welcome=self._welcome)
        self._loop()
        door.close()
        for listener in self._audience:
            self._drop(listener)
        self._news.end()

    def stop(self) -> None:
        """End; from any thread or signal handler."""
        self._stopping = True
        self._news.stop()
        self._ring()

    def _ring(self) -> None:
        with suppress(OSError):  # it rings already, or all is over
            self._clapper.send(b"!")

    def _loop(self) -> None:
        beat_at = time.monotonic() + self._limits.heartbeat_s
        while not self._stopping:
            for key, mask in self._selector.select(max(0.0, beat_at - time.monotonic())):
                if self._selector.get_map().get(key.fd) is key:  # else another dropped it, or changed it, just now
                    key.data(mask)
            if time.monotonic() >= beat_at:
                self._beat()
                beat_at = time.monotonic() + self._limits.heartbeat_s

    def _answer_to(self, wish: Wish, promised: Sequence[Wish]) -> Answer:
        """Places that are promised count as taken."""
        if len(self._audience) + len(promised) >= self._limits.most:
            return Answer.FULL
        own = self._audience.of(wish.who) + sum(other.who == wish.who for other in promised)
        return Answer.TOO_MANY_OF_YOURS if own >= self._limits.most_of_one else Answer.WELCOME

    def _welcome(self, wish: Wish, head: bytes, connection: socket.socket) -> None:
        listener = Listener(connection, who=wish.who, interest=wish.interest, now=time.monotonic())
        self._audience.add(listener)
        self._selector.register(connection, _READ, lambda mask: self._serve(listener, mask))
        texts = [head, wire.opening(self._replay.last if wish.after is None else wish.after)]
        if wish.after is not None:
            texts += self._missed_since(wish.after, listener)
        self._send(listener, texts, catching_up=True)

    def _missed_since(self, position: int, listener: Listener) -> list[bytes]:
        missed = self._replay.after(position)
        if missed is None:
            return [wire.reset(self._replay.last)]
        return [event.text for event in missed if listener.interest.concerns(event.about)]

    def _tell_news(self) -> None:
        with suppress(BlockingIOError):
            self._bell.recv(4096)
        events: list[Told] = []
        while not self._news.fresh.empty():
            events += self._news.fresh.get()
        self._replay.add(events)
        self._tell(events)

    def _tell(self, events: Sequence[Told]) -> None:
        """One write for each listener, however many of the events are for it: it is given time between two."""
        texts: dict[Listener, list[bytes]] = {}
        for event in events:
            for listener in self._audience.concerned(event.about):
                texts.setdefault(listener, []).append(event.text)
        for listener, some in texts.items():
            self._send(listener, some)

    def _beat(self) -> None:
        """Something for everybody, and the end of those that have lasted long enough."""
        text, now = wire.heartbeat(self._replay.last), time.monotonic()
        for listener in self._audience:
            if now - listener.opened_at > LONGEST_S and not listener.has_waiting:
                self._drop(listener)
            else:
                self._send(listener, [text])

    def _serve(self, listener: Listener, mask: int) -> None:
        if mask & _READ and listener.is_gone():
            self._drop(listener)
        else:
            self._send(listener, ())

    def _send(self, listener: Listener, texts: Sequence[bytes], *, catching_up: bool = False) -> None:
        try:
            if catching_up:
                listener.catch_up(texts)
            else:
                listener.send(texts)
        except (TooSlow, OSError):
            self._drop(listener)
            return
        key, events = self._selector.get_key(listener.connection), _BOTH if listener.has_waiting else _READ
        if key.events != events:
            self._selector.modify(listener.connection, events, key.data)

    def _drop(self, listener: Listener) -> None:
        self._audience.remove(listener)
        self._selector.unregister(listener.connection)
        listener.connection.close()


def _allow_connections(number: int) -> None:
    """As many open files as that takes, within what the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number + 512  # doors, database, logs, and connections on their way
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
