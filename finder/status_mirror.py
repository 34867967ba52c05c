"""StatusMirror: reports of stations lately asked about, in this process's memory, current at every question."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from threading import Lock

from finder.domain.status import Report
from finder.status_cache import Mark, StatusCache
from kernel.bell import Bell
from kernel.cache import CacheDown

Reports = dict[int, dict[int, Report]]

_MOST_HELD = 50_000
_ELSEWHERE_S = 0.25


class StatusMirror:
    """The cache lists which stations have changed; what has not changed since it was read need not be read again.

    The list is asked for where the bell has rung since, which everyone on this machine does who writes; what was
    written on another machine is known a quarter of a second later. Without a bell every question asks, and those
    that wait for each other share the answer: what counts is that the list was asked for after the question came.
    Where the list does not go back far enough everything is read anew.
    """

    def __init__(self, cache: StatusCache, bell: Bell | None = None) -> None:
        self._cache = cache
        self._bell = bell
        self._turn = Lock()
        self._heard: int | None = None
        self._read_up_to: Mark | None = None
        self._asked_at = 0.0
        self._current: set[int] = set()
        self._last: Reports = {}

    def current(self, station_pks: Sequence[int]) -> tuple[Reports, Mark | None]:
        """What is known of these stations for certain, and up to which change. Raises CacheDown."""
        came_at = time.monotonic()
        with self._turn:
            mark = self._read_up_to
            if mark is None or not self._is_up_to_date(came_at):
                asked_at, heard = time.monotonic(), None if self._bell is None else self._bell.heard()
                self._asked_at = 0.0  # if it cannot say, the next question asks too
                mark = self._follow()
                self._asked_at, self._heard = asked_at, heard
            return {pk: self._last[pk] for pk in station_pks if pk in self._current}, mark

    def _is_up_to_date(self, came_at: float) -> bool:
        """Whether the list was asked for after the question came, or nothing has been written since."""
        if self._asked_at >= came_at:
            return True
        if self._bell is None or came_at - self._asked_at > _ELSEWHERE_S:
            return False
        return self._bell.heard() == self._heard

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
