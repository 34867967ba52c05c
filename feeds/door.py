"""The door: where web workers bring the connections of those who want to listen."""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from feeds.handover import LONGEST_MESSAGE, Answer, Wish, listening, taken

log = structlog.get_logger(__name__)

Places = Callable[[Wish, list[Wish]], Answer]
Welcome = Callable[[Wish, bytes, socket.socket], None]


class Door:
    """Asks `places` whether there is one for a wish, beside those promised; `welcome` is given who takes it."""

    def __init__(self, path: Path, selector: selectors.BaseSelector, *, places: Places, welcome: Welcome) -> None:
        self._path = path
        self._selector = selector
        self._places = places
        self._welcome = welcome
        self._lines: dict[socket.socket, Wish | None] = {}
        self._listener = listening(path)
        selector.register(self._listener, selectors.EVENT_READ, self._open)

    def close(self) -> None:
        for line in tuple(self._lines):
            self._hang_up(line)
        self._path.unlink(missing_ok=True)
        self._selector.unregister(self._listener)
        self._listener.close()

    def _open(self, _: int) -> None:
        with suppress(BlockingIOError):
            line, _address = self._listener.accept()
            line.setblocking(False)
            self._lines[line] = None
            self._selector.register(line, selectors.EVENT_READ, lambda _: self._hear(line))

    def _hear(self, line: socket.socket) -> None:
        """A web worker says something: first a wish, then it gives the connection. Or it is gone."""
        try:
            if self._lines[line] is None:
                self._answer(line)
            else:
                self._take(line)
        except BlockingIOError:
            return
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("a connection was not taken over", exc_info=True)
            if line in self._lines:
                self._hang_up(line)

    def _answer(self, line: socket.socket) -> None:
        text = line.recv(LONGEST_MESSAGE)
        if not text:
            self._hang_up(line)
            return
        wish = Wish.from_bytes(text)
        answer = self._places(wish, [promised for promised in self._lines.values() if promised is not None])
        line.send(answer.encode())
        if answer is Answer.WELCOME:
            self._lines[line] = wish
        else:
            self._hang_up(line)

    def _take(self, line: socket.socket) -> None:
        wish, given = self._lines[line], taken(line)
        self._hang_up(line)
        if wish is not None and given is not None:
            self._welcome(wish, *given)

    def _hang_up(self, line: socket.socket) -> None:
        del self._lines[line]
        self._selector.unregister(line)
        line.close()
