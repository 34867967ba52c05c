"""Real servers for tests, each a child that ends with them; the embedded cache is one."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.embedded_cache import EmbeddedCache
from tests.processes import family, send


class Server:
    """A server that a fault test may freeze, kill and start again. `pid` is None for one that is not ours."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def pid(self) -> int | None:
        return None

    def _own_pid(self) -> int:
        if self.pid is None:
            raise RuntimeError("this server was not started by the tests")
        return self.pid

    def freeze(self) -> None:
        """Stop it in the middle of what it does: connections stay open and nothing answers."""
        parent = self._own_pid()
        send(parent, signal.SIGSTOP)  # first, so that it makes no child that is not stopped
        for pid in family(parent)[1:]:
            send(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in family(self._own_pid()):
            send(pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would, frozen or not."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it again in the same place; returns once it answers."""
        raise NotImplementedError


class CacheServer(Server):
    """A fresh embedded cache; after `kill` and `start` it is empty."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"unix://{path}")
        self._cache = EmbeddedCache(path)

    @property
    def pid(self) -> int | None:
        return self._cache.child.pid

    def start(self) -> None:
        self._cache.start()

    def kill(self) -> None:
        os.kill(self._own_pid(), signal.SIGKILL)
        self._cache.stop()

    def stop(self) -> None:
        self._cache.stop()


@contextmanager
def cache() -> Iterator[CacheServer]:
    """A fresh embedded cache for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="portside-cache-") as directory:
        server = CacheServer(Path(directory, "cache.sock"))
        server.start()
        try:
            yield server
        finally:
            server.stop()
