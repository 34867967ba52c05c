"""One driver's keep-alive connection, without threads: requests as they are sent, answers as they come."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

WAIT_S = 30.0


class Torn(Exception):
    """No whole answer came: what the request did is not known. `sent` is when it was sent at the earliest."""

    def __init__(self, sent: int) -> None:
        super().__init__(sent)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; when the request was sent and the answer was whole, in monotonic nanoseconds (one clock for all)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: int
    received: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        return self.json.get("code") if self.status >= 400 else None


class Line:
    """A connection that is opened when it is needed and again after it was torn."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Heard:
        """The answer. Raises Torn."""
        request = _request(method, path, body, token=self._token, key=key)
        sent = time.monotonic_ns()
        try:
            async with asyncio.timeout(WAIT_S):
                reader, writer = await self._connected()
                sent = time.monotonic_ns()
                writer.write(request)
                status, headers, content = await read_answer(reader)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Torn(sent) from error
        received = time.monotonic_ns()
        if headers.get("connection") == "close":
            self.close()
        return Heard(status, headers, content, sent, received)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port)
        return self._ends

    def close(self) -> None:
        if self._ends is not None:
            with suppress(OSError):
                self._ends[1].close()
            self._ends = None


def _request(method: str, path: str, body: Any, *, token: str, key: str | None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    lines += ["Content-Type: application/json"] if content else []
    lines += [f"Idempotency-Key: {key}"] if key else []
    return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by lower-case name, and body. Raises EOFError where the connection ends before."""
    _, head, body = await read_message(reader)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(": ", 1) for line in lines if line)
    return int(first.split(" ", 2)[1]), {name.lower(): value for name, value in pairs}, body


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes, bytes]:
    """A whole request or answer: all its bytes, its head and its body, whose length the head tells."""
    head = await reader.readuntil(b"\r\n\r\n")
    told = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    body = await reader.readexactly(int(told or b"0"))
    return head + body, head[:-4], body
