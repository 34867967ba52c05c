"""A listener: one client's connection, with a bounded line of what it has not taken yet."""

import socket
from collections import deque
from collections.abc import Sequence

from feeds.domain.interest import Interest

MOST_PENDING = 1024 * 1024  # texts that all listeners and the replay share
_CHUNK = 64 * 1024


class TooSlow(Exception):
    """It takes less than it is sent; it comes back when it can, and resumes where it was."""


class Listener:
    """Nothing here waits. The texts are shared with all other listeners, so those that wait cost a reference each.

    Raises TooSlow where more waits than may, and OSError where the client is gone.
    """

    def __init__(self, connection: socket.socket, *, who: str, interest: Interest, now: float) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _CHUNK)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.who = who
        self.interest = interest
        self.opened_at = now
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._most = MOST_PENDING

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def catch_up(self, texts: Sequence[bytes]) -> None:
        """Send what was missed, as much as it is."""
        self._most = MOST_PENDING + sum(map(len, texts))
        self.send(texts)

    def send(self, texts: Sequence[bytes]) -> None:
        """Send these behind what waits. What waits already decides: nobody is cut off for how much comes at once."""
        self.flush()
        if self._waiting_bytes > self._most:
            raise TooSlow
        self._waiting.extend(texts)
        self._waiting_bytes += sum(map(len, texts))
        self.flush()

    def flush(self) -> None:
        """Send what the connection takes now."""
        while self._waiting:
            chunk = self._next_chunk()
            try:
                sent = self.connection.send(chunk)
            except BlockingIOError:
                sent = 0
            self._waiting_bytes -= sent
            if sent < len(chunk):
                self._waiting.appendleft(chunk[sent:])
                return
        self._most = MOST_PENDING

    def is_gone(self) -> bool:
        """Called when there is something to read: the end, or what nobody asked for and nobody reads."""
        try:
            return not self.connection.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _next_chunk(self) -> bytes:
        texts, length = [self._waiting.popleft()], 0
        while self._waiting and length < _CHUNK:
            texts.append(self._waiting.popleft())
            length += len(texts[-1])
        return b"".join(texts)
