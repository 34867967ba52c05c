"""A listener of the live stream for tests: reads Server-Sent Events off a socket as a browser does."""

import json
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

_WAIT_S = 40.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of the stream."""

    event_id: int
    kind: str
    data: dict[str, Any]


class Ended(Exception):
    """The stream ended; `head` is what was answered."""


class Follower:
    """Keeps the last id, as a browser does."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.connection.settimeout(_WAIT_S)
        self.last_id: int | None = None
        self.beats = 0
        self._came = b""
        self.head = self._until(b"\r\n\r\n").decode()

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def hear(self) -> Heard:
        """The next event. Raises Ended."""
        while True:
            found = self._block()
            if found is not None:
                return found

    def hear_opening(self) -> "Follower":
        """What comes before any event: from then on the stream is open."""
        assert self._block() is None
        assert self.last_id is not None
        return self

    def hear_beat(self) -> None:
        before = self.beats
        while self.beats == before:
            assert self._block() is None

    def hear_end(self) -> None:
        """Everything up to the end."""
        with suppress(Ended):
            while True:
                self._block()

    def close(self) -> None:
        self.connection.close()

    def _block(self) -> Heard | None:
        fields: dict[str, str] = {}
        for line in self._until(b"\n\n").decode().splitlines():
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        if "id" in fields:
            self.last_id = int(fields["id"])
        self.beats += "" in fields
        if "data" not in fields:
            return None
        return Heard(int(fields["id"]), fields["event"], json.loads(fields["data"]))

    def _until(self, end: bytes) -> bytes:
        while end not in self._came:
            try:
                more = self.connection.recv(65_536)
            except ConnectionResetError:
                more = b""
            if not more:
                raise Ended(self._came)
            self._came += more
        found, _, self._came = self._came.partition(end)
        return found


def follow(base: str, *, key: str = "demo", last_id: int | None = None, **query: Any) -> Follower:
    """Open a stream of a running server; an answer that is none has its status and head all the same."""
    address = urlsplit(base)
    connection = socket.create_connection((address.hostname or "", address.port or 80), timeout=_WAIT_S)
    lines = [f"GET /v1/stream?{urlencode(query, doseq=True)} HTTP/1.1", f"Host: {address.netloc}", f"X-API-Key: {key}"]
    lines += [] if last_id is None else [f"Last-Event-ID: {last_id}"]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return Follower(connection)


def follow_once_there(base: str, **query: Any) -> Follower:
    """The same, as soon as the streamer takes connections and has noticed that earlier followers are gone."""
    until = time.monotonic() + 2 * _WAIT_S
    while (follower := follow(base, **query)).status in (429, 503) and time.monotonic() < until:
        follower.close()
        time.sleep(0.1)
    assert follower.status == 200, follower.head
    return follower.hear_opening()
