"""An app on a cache of a test's own, to be ill-treated in the ways of `faults.losses`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from app import create_app
from kernel.bell import Bell
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.services import of
from kernel.settings import Settings


@contextmanager
def an_app(settings: Settings, clock: FixedClock, url: str) -> Iterator[Flask]:
    made = create_app(replace(settings, redis_url=url), clock=clock)
    yield made
    of(made, Cache).close()
    of(made, Database).close()


def somebody_writes(app: Flask) -> None:
    """What every report does: from then on no process relies on its memory until it has asked the cache."""
    Bell(of(app, Settings).var / "statuses-written").ring()
