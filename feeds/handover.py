"""Handing a client's connection from a web worker to the streamer: the words they exchange on a Unix socket.

One connection a stream, with bounds between messages: the worker asks (JSON), the streamer answers one word, the worker
gives the head of the answer together with the client's socket.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from feeds.domain.interest import Interest
from kernel.box import Box

LONGEST_MESSAGE = 64 * 1024
_WAIT_S = 2.0


class Answer(StrEnum):
    """What the streamer says to a wish."""

    WELCOME = "welcome"
    FULL = "full"
    TOO_MANY_OF_YOURS = "too many of yours"


class Wish:
    """Who wants to hear of what, and the position after which; the streamer keeps one place for it until it is gone."""

    __slots__ = ("after", "interest", "who")

    def __init__(self, *, who: str, interest: Interest, after: int | None) -> None:
        self.who = who
        self.interest = interest
        self.after = after

    def to_bytes(self) -> bytes:
        box = self.interest.box
        said = {
            "who": self.who,
            "after": self.after,
            "station_ids": sorted(self.interest.station_ids),
            "network_id": self.interest.network_id,
            "box": None if box is None else [box.west, box.south, box.east, box.north],
        }
        return orjson.dumps(said)

    @classmethod
    def from_bytes(cls, text: bytes) -> "Wish":
        said: Mapping[str, Any] = orjson.loads(text)
        interest = Interest(
            station_ids=frozenset(said["station_ids"]),
            box=None if said["box"] is None else Box(*said["box"]),
            network_id=said["network_id"],
        )
        return cls(who=said["who"], interest=interest, after=said["after"])


def listening(path: Path, backlog: int = 1024) -> socket.socket:
    """The streamer's end; for this account alone, and in the place of one that was left behind."""
    with suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    listener.listen(backlog)
    listener.setblocking(False)
    return listener


class Place:
    """A web worker's end: asks for a place among the streams, and gives the connection that takes it.

    Raises OSError where the streamer is away or silent.
    """

    def __init__(self, path: Path) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(_WAIT_S)
        try:
            self._line.connect(str(path))
        except OSError:
            self._line.close()
            raise

    def ask(self, wish: Wish) -> Answer:
        """What the streamer says; only after a welcome there is a place."""
        self._line.send(wish.to_bytes())
        said = self._line.recv(LONGEST_MESSAGE)
        if not said:
            raise ConnectionResetError("the streamer hung up")
        return Answer(said.decode())

    def give(self, head: bytes, connection: socket.socket) -> None:
        """The head of the answer goes with the connection, so that it is written by one process only."""
        socket.send_fds(self._line, [head], [connection.fileno()])

    def leave(self) -> None:
        self._line.close()


def taken(line: socket.socket) -> tuple[bytes, socket.socket] | None:
    """The streamer's end of `give`: the head and the client's connection; None where the worker left without it."""
    head, descriptors, _, _ = socket.recv_fds(line, LONGEST_MESSAGE, 1)
    return (head, socket.socket(fileno=descriptors[0])) if descriptors else None


def forgotten(connection: socket.socket) -> None:
    """Put a dead socket in the place of one that was handed over.

    What the web server then does to "its" connection (half-close, drain, close) no longer reaches the client.
    """
    dead, other = socket.socketpair()
    other.close()
    os.dup2(dead.fileno(), connection.fileno(), inheritable=False)
    dead.close()
