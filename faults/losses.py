"""The ways to lose the cache and the database, and how each comes back."""

import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from redis import Redis
from sqlalchemy import create_engine, text

from kernel.cache import Cache, CacheDown
from tests.postgres import PostgresServer
from tests.processes import family
from tests.servers import CacheServer

Strike = Callable[[CacheServer, Any], Any]
_DARK_S, _LIGHT_S = 0.3, 0.02


@dataclass(frozen=True)
class Loss:
    """A way to lose the cache, and how it comes back. `is_asked` says that it still answers reads (None: at times)."""

    strike: Strike
    mend: Strike
    is_asked: bool | None = False


def _restart(server: CacheServer, _: Any) -> None:
    server.kill()
    server.start()


def _spoil(_: CacheServer, client: Any) -> None:
    """Every key becomes one of another type, those of the limiter too."""
    for key in client.scan_iter():
        client.delete(key)
        client.rpush(key, "not ours")


def _evict(_: CacheServer, client: Any) -> None:
    """There is room for a few keys, and every write drives others out."""
    client.config_set("maxmemory-policy", "allkeys-random")
    client.flushall()
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 30_000)


def _keep(_: CacheServer, client: Any) -> None:
    client.config_set("maxmemory", 0)
    client.config_set("maxmemory-policy", "noeviction")


def _forbid(_: CacheServer, client: Any) -> None:
    client.config_set("requirepass", "secret")
    client.client_kill_filter(skipme=False)


def _admit(server: CacheServer) -> None:
    with Redis.from_url(server.url, password="secret") as insider:
        insider.config_set("requirepass", "")


class _Stutter:
    """It answers now and then: each time it is asked it has most likely just stopped for 0.3 s."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, server: CacheServer, _: Any) -> None:
        self._over.clear()
        self._thread = threading.Thread(target=self._stutter, args=[server], daemon=True)
        self._thread.start()

    def _stutter(self, server: CacheServer) -> None:
        while not self._over.wait(_LIGHT_S):
            server.freeze()
            self._over.wait(_DARK_S)
            server.thaw()

    def end(self, *_: Any) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()


_stutter = _Stutter()
CACHE_LOSSES = {
    "killed": Loss(lambda server, _: server.kill(), lambda server, _: server.start()),
    "frozen": Loss(lambda server, _: server.freeze(), lambda server, _: server.thaw()),
    "slow": Loss(_stutter.begin, _stutter.end, is_asked=None),
    "restarted empty": Loss(_restart, lambda *_: None, is_asked=True),
    "flushed": Loss(lambda _, client: client.flushall(), lambda *_: None, is_asked=True),
    "evicting": Loss(_evict, _keep, is_asked=True),
    "keys of another type": Loss(_spoil, lambda _, client: client.flushall()),
    "full": Loss(
        lambda _, client: client.config_set("maxmemory", 1),
        lambda _, client: client.config_set("maxmemory", 0),
        is_asked=True,
    ),
    "full and emptied": Loss(
        lambda _, client: (client.flushall(), client.config_set("maxmemory", 1)),
        lambda _, client: client.config_set("maxmemory", 0),
        is_asked=True,
    ),
    "read-only": Loss(
        lambda _, client: client.config_set("min-replicas-to-write", 1),
        lambda _, client: client.config_set("min-replicas-to-write", 0),
        is_asked=True,
    ),
    "under a password": Loss(
        _forbid,
        lambda server, _: _admit(server),
    ),
}


def cache_lost(loss: Loss, server: CacheServer, client: Cache) -> None:
    client.attempt(lambda redis: loss.strike(server, redis))


def cache_back(loss: Loss, server: CacheServer, client: Cache) -> None:
    """The client may be in its cool-down, and none that is asked to leave the cache alone."""
    try:
        client.attempt(lambda redis: loss.mend(server, redis))
    except CacheDown:
        loss.mend(server, client._client)


DATABASE_LOSSES = ("killed", "frozen", "refused", "read-only")


@contextmanager
def postgres_lost(loss: str, server: PostgresServer) -> Iterator[None]:
    """PostgreSQL is away in this way for the time of the block."""
    strike, mend = {
        "killed": (server.kill, server.start),
        "frozen": (server.freeze, server.thaw),
        "refused": (server.hide, server.show),
        "read-only": (lambda: _configured(server, "on"), lambda: _configured(server, "off")),
    }[loss]
    strike()
    try:
        yield
    finally:
        mend()


def _configured(server: PostgresServer, value: str) -> None:
    """Read-only or not, and seen by every session: they hear of it by a signal, new ones at once."""
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = off"))
        connection.execute(text(f"ALTER SYSTEM SET default_transaction_read_only = {value}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@contextmanager
def disk_full(pid: int) -> Iterator[None]:
    """For the time of the block a server and its children can write to no file, not even to their log."""
    everyone = [child for parent in family(pid) for child in family(parent)]
    before = {one: resource.prlimit(one, resource.RLIMIT_FSIZE) for one in everyone}
    for one, (_, most) in before.items():
        resource.prlimit(one, resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        for one, limits in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(one, resource.RLIMIT_FSIZE, limits)
