"""StatusMirror: reports of stations lately asked about, in this process's memory, current at every question."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from threading import Lock

from finder.domain.status import Report
from finder.status_cache import Mark, StatusCache
from kernel.cache import CacheDown

Reports = dict[int, dict[int, Report]]

_MOST_HELD = 50_000


class StatusMirror:
    """The cache lists which stations have changed; what has not changed since it was read need not be read again.

    A question costs one short round trip, and questions that wait for each other share it: what counts is that the
    list was asked for after the question came. Where the list does not go back far enough everything is read anew.
    """

    def __init__(self, cache: StatusCache) -> None:
        self._cache = cache
        self._turn = Lock()
        self._read_up_to: Mark | None = None
        self._asked_at = 0.0
        self._current: set[int] = set()
        self._last: Reports = {}

    def current(self, station_pks: Sequence[int]) -> tuple[Reports, Mark | None]:
        """What is known of these stations for certain, and up to which change. Raises CacheDown."""
        came_at = time.monotonic()
        with self._turn:
            mark = self._read_up_to
            if self._asked_at < came_at or mark is None:
                self._asked_at = time.monotonic()
                mark = self._follow()
            return {pk: self._last[pk] for pk in station_pks if pk in self._current}, mark

    def keep(self, reports: Reports, mark: Mark | None = None) -> None:
        """What was read, from the cache after this mark or elsewhere; current only if nothing has changed since."""
        with self._turn:
            if len(self._last) > _MOST_HELD:
                self._current.clear()
                self._last = {}
            if mark is not None and mark == self._read_up_to:
                self._last |= reports
                self._current |= reports.keys()
            else:
                self._last |= {pk: said for pk, said in reports.items() if pk not in self._current}

    def remembered(self, station_pks: Iterable[int]) -> Reports:
        """What was known last, current or not: for when nobody else can say."""
        return {pk: self._last[pk] for pk in station_pks if pk in self._last}

    def _follow(self) -> Mark | None:
        found = None if self._read_up_to is None else self._cache.changed_since(self._read_up_to)
        if found is not None:
            self._read_up_to, changed = found
            self._current -= changed
            return self._read_up_to
        self._current.clear()
        self._read_up_to = None
        with suppress(CacheDown):  # a full or read-only cache can still be read, station by station
            self._read_up_to = self._cache.begin_following()
        return self._read_up_to
