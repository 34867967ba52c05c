"""A streamer in a thread, events for it, and web workers that bring it connections."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feeds.domain.interest import Interest
from feeds.handover import Answer, Place, Wish
from feeds.streamer import Limits, Streamer
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.outbox import announce
from kernel.relay import Relay
from tests.streaming import Follower

EVERYWHERE = Interest(network_id=1)
_WAIT_S = 30.0


class Streaming:
    """What a test says to a streamer."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database = database
        self.path = path
        self._open = ExitStack()

    def close(self) -> None:
        self._open.close()

    def happen(self, *numbers: int, **about: Any) -> None:
        """A status of station `1:<number>` changes, for each number, and the relay hands it on."""
        for number in numbers:
            told = {"station_id": f"1:{number}", "network_id": 1, "lat": 10.0, "lon": 20.0, **about}
            self._announce("status_changed", f"1:{number}", told)
        Relay(self.database, SystemClock()).send()

    def announce(self, topic: str, told: dict[str, Any]) -> None:
        """Anything else happens, and the relay hands it on."""
        self._announce(topic, "something", told)
        Relay(self.database, SystemClock()).send()

    def _announce(self, topic: str, subject: str, told: dict[str, Any]) -> None:
        with self.database.writing() as session:
            announce(session, topic=topic, subject=subject, payload=told, at=datetime.now(UTC))

    def ask(
        self, interest: Interest = EVERYWHERE, *, who: str = "me", after: int | None = None
    ) -> tuple[Answer, Place]:
        place = self._place()
        return place.ask(Wish(who=who, interest=interest, after=after)), place

    def follow(self, interest: Interest = EVERYWHERE, *, who: str = "me", after: int | None = None) -> Follower:
        answer, place = self.ask(interest, who=who, after=after)
        assert answer is Answer.WELCOME
        ours, theirs = socket.socketpair()
        place.give(b"HTTP/1.1 200 OK\r\n\r\n", theirs)
        theirs.close()
        place.leave()
        self._open.callback(ours.close)
        return Follower(ours).hear_opening()

    def _place(self) -> Place:
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            with suppress(OSError):
                place = Place(self.path)
                self._open.callback(place.leave)
                return place
            time.sleep(0.01)
        raise AssertionError("no streamer")


@contextmanager
def streaming(database: Database, path: Path, *, most: int = 100, heartbeat_s: float = 60.0) -> Iterator[Streaming]:
    """A streamer for the time of the block."""
    streamer = Streamer(database, path, Limits(most=most, heartbeat_s=heartbeat_s))
    thread = threading.Thread(target=streamer.run)
    thread.start()
    try:
        stream = Streaming(database, path)
        yield stream
        stream.close()
    finally:
        streamer.stop()
        thread.join(_WAIT_S)
        assert not thread.is_alive()
