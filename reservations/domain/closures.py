"""Closures: announced windows in which a station takes no reservations, or no changes, whoever knows of them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from kernel.window import Window

ClosuresOf = Callable[[str], Sequence[Window]]


class ClosedWindows(Protocol):
    """Knows when stations take no reservations or no changes: announced maintenance. The reservations ask."""

    def during(self, span: Window) -> ClosuresOf:
        """Station id → its closures that touch the span, in any order; however many are asked, read once."""

    def check_writes(self, station_id: str) -> None:
        """Refuses with 503 while nothing that concerns this station can be changed."""

    def is_paused(self, station_id: str) -> bool:
        """Whether `check_writes` refuses now."""


class NeverClosed:
    """The answer where nobody announces anything."""

    def during(self, span: Window) -> ClosuresOf:
        return lambda _: ()

    def check_writes(self, station_id: str) -> None:
        pass

    def is_paused(self, station_id: str) -> bool:
        return False
