"""Products that lean on cache and database: what the runs that take these away must notice."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from redis import Redis

from faults.replacing import put
from finder.live_status import LiveStatus
from finder.rendered import RenderedStations
from finder.status_cache import StatusCache
from kernel.cache import Cache
from kernel.remembered import Remembered
from reservations.desk import ReservationDesk

T = TypeVar("T")


def trusting(desk: ReservationDesk) -> ReservationDesk:
    """The cache is asked as its library asks by itself, and nobody minds what goes wrong."""

    def attempt(cache: Cache, work: Callable[[Any], T]) -> T:
        return work(Redis.from_url(cache.url))

    put(Cache, "attempt", attempt)
    return desk


def dependent(desk: ReservationDesk) -> ReservationDesk:
    """Neither callers nor stations are remembered."""
    put(Remembered, "of", lambda _self, _key, ask: ask())
    put(RenderedStations, "of", lambda self, entries, _: self._made({entry.pk: 0 for entry in entries}))
    return desk


def counted(desk: ReservationDesk) -> ReservationDesk:
    """No fault: each time that statuses are put back into the cache is taken down in the file REBUILDS."""
    keep = StatusCache.keep_whole

    def keep_whole(self: StatusCache, reports: Mapping[int, Any]) -> None:
        if reports:
            with Path(os.environ["REBUILDS"]).open("a") as file:
                file.write(f"{os.getpid()}\n")
        keep(self, reports)

    put(StatusCache, "keep_whole", keep_whole)
    return desk


def hasty(desk: ReservationDesk) -> ReservationDesk:
    """Who finds nothing in the cache asks the database at once, whoever else does."""

    def refilled(self: LiveStatus, station_pks: Sequence[int]) -> Any:
        found = self._from_database(station_pks)
        self._cache.keep_whole(found)
        return found

    put(LiveStatus, "_refilled", refilled)
    return desk
