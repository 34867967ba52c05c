"""The last events in their order, for those who were away and come back."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DEPTH = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it is told: its place in the order, what it is about, and the bytes that are sent."""

    position: int
    about: Mapping[str, Any]
    text: bytes


class Replay:
    """Everything after `floor` up to `last` is here; positions of events that nobody follows are missing in between."""

    def __init__(self, floor: int, last: int, depth: int = DEPTH) -> None:
        self._events: deque[Told] = deque()
        self._depth = depth
        self._floor = floor
        self._last = max(floor, last)

    @property
    def last(self) -> int:
        return self._last

    def add(self, events: Iterable[Told]) -> None:
        """Events in order; the oldest make room."""
        for event in events:
            self._events.append(event)
            self._last = max(self._last, event.position)
            if len(self._events) > self._depth:
                self._floor = self._events.popleft().position

    def after(self, position: int) -> list[Told] | None:
        """What came after a position, in order; None where some of it is not here any more, or it never was given."""
        if not self._floor <= position <= self._last:
            return None
        missed: list[Told] = []
        for event in reversed(self._events):
            if event.position <= position:
                break
            missed.append(event)
        missed.reverse()
        return missed
