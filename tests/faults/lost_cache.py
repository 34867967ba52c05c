"""The ways to lose the cache, and how it comes back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask

from app import create_app
from kernel.cache import Cache, CacheDown
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.services import of
from kernel.settings import Settings
from tests.servers import CacheServer


@dataclass(frozen=True)
class Fault:
    """A way to lose the cache, and how it comes back. `is_asked` says that it still answers reads."""

    strike: Callable[[CacheServer, Any], Any]
    mend: Callable[[CacheServer, Any], Any]
    is_asked: bool = False


def restart(server: CacheServer, _: Any) -> None:
    server.kill()
    server.start()


def spoil(_: CacheServer, client: Any) -> None:
    """Every key becomes one of another type, those of the limiter too."""
    for key in client.scan_iter():
        client.delete(key)
        client.rpush(key, "not ours")


FAULTS = {
    "killed": Fault(lambda server, _: server.kill(), lambda server, _: server.start()),
    "frozen": Fault(lambda server, _: server.freeze(), lambda server, _: server.thaw()),
    "restarted empty": Fault(restart, lambda *_: None, is_asked=True),
    "flushed": Fault(lambda _, client: client.flushall(), lambda *_: None, is_asked=True),
    "keys of another type": Fault(spoil, lambda _, client: client.flushall()),
    "full": Fault(
        lambda _, client: client.config_set("maxmemory", 1),
        lambda _, client: client.config_set("maxmemory", 0),
        is_asked=True,
    ),
    "full and emptied": Fault(
        lambda _, client: (client.flushall(), client.config_set("maxmemory", 1)),
        lambda _, client: client.config_set("maxmemory", 0),
        is_asked=True,
    ),
    "read-only": Fault(
        lambda _, client: client.config_set("min-replicas-to-write", 1),
        lambda _, client: client.config_set("min-replicas-to-write", 0),
        is_asked=True,
    ),
    "under a password": Fault(
        lambda _, client: (client.config_set("requirepass", "secret"), client.client_kill_filter(skipme=False)),
        lambda *_: None,
    ),
}


def mended(client: Cache, mend: Callable[[Any], Any]) -> None:
    try:
        client.attempt(mend)
    except CacheDown:
        mend(client._client)


@contextmanager
def an_app(settings: Settings, clock: FixedClock, url: str) -> Iterator[Flask]:
    made = create_app(replace(settings, redis_url=url), clock=clock)
    yield made
    of(made, Cache).close()
    of(made, Database).close()
