"""The load generator: a closed loop over keep-alive connections, in one process without threads."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

_WAIT_S = 60.0
_HEAD_END = b"\r\n\r\n"


class BadAnswer(Exception):
    """An answer that would make the figure worthless: not 200 or 201, marked as degraded, or cut off."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One round: answers a second, each answer's seconds, and the share of a core that the generator itself took."""

    per_s: float
    seconds: tuple[float, ...]
    generator_share: float


@dataclass(slots=True)
class _Line:
    """One connection: what came of the answer so far, and its whole length once that is known."""

    socket: socket.socket
    came: bytearray = field(default_factory=bytearray)
    length: int | None = None
    asked_at: float = 0.0

    def ask(self, request: bytes) -> None:
        self.came.clear()
        self.length, self.asked_at = None, time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Takes what has come. Raises BadAnswer."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise BadAnswer("the server closed a connection")
        self.came += chunk
        if self.length is None:
            self.length = _whole_length(self.came)
        return self.length is not None and len(self.came) >= self.length


def request_for(path: str, port: int, *, body: bytes | None = None, **headers: str) -> bytes:
    """A GET of this path, or a POST of this JSON; `headers` with underscores for hyphens."""
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [] if body is None else ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def one_answer(port: int, request: bytes) -> bytes:
    """The body of the answer to one request on a connection of its own. Raises BadAnswer."""
    with _connected(port) as line_socket:
        line = _Line(line_socket)
        line.ask(request)
        while not line.is_answered():
            pass
        return bytes(line.came.partition(_HEAD_END)[2])


class Callers:
    """Connections to a server that are kept from round to round, as apps keep theirs."""

    def __init__(self, port: int, connections: int) -> None:
        self._lines = [_Line(_connected(port)) for _ in range(connections)]
        self._selector = selectors.DefaultSelector()
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)

    def __enter__(self) -> "Callers":
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for line in self._lines:
            line.socket.close()

    def measure(self, waiting: Iterator[bytes], seconds: float) -> Measured:
        """Ask in turn on every connection, the next request when the answer is whole, for so long. Raises BadAnswer."""
        took: list[float] = []
        began, cpu = time.perf_counter(), time.process_time()
        for line in self._lines:
            line.ask(next(waiting))
        while (now := time.perf_counter()) - began < seconds:
            for line in self._answered():
                took.append(time.perf_counter() - line.asked_at)
                line.ask(next(waiting))
        elapsed = now - began
        return Measured(len(took) / elapsed, tuple(took), (time.process_time() - cpu) / elapsed)

    def rest(self) -> None:
        """Wait for what was still asked for when a round ended, before another begins. Raises BadAnswer."""
        left = len(self._lines)
        while left:
            left -= sum(1 for _ in self._answered())

    def _answered(self) -> Iterator[_Line]:
        """The connections whose answer is whole now; waits for something to come."""
        ready = self._selector.select(_WAIT_S)
        if not ready:
            raise BadAnswer(f"no answer within {_WAIT_S:g} s")
        yield from (key.data for key, _ in ready if key.data.is_answered())


def measure(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Measured:
    """One round of callers who come for it alone. Raises BadAnswer."""
    with Callers(port, connections) as callers:
        return callers.measure(cycle(requests), seconds)


def _connected(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=_WAIT_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _whole_length(came: bytearray) -> int | None:
    """Head and body in bytes, None while the head is not complete. Raises BadAnswer."""
    end = came.find(_HEAD_END)
    if end < 0:
        return None
    head = bytes(came[:end]).lower()
    if not head.startswith((b"http/1.1 200 ", b"http/1.1 201 ")) or b"\r\nportside-degraded:" in head:
        raise BadAnswer(bytes(came[:400]).decode(errors="replace"))
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return end + len(_HEAD_END) + int(length)
