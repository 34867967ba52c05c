"""Closures: announced windows in which a station takes no reservations, whoever knows of them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from kernel.window import Window

ClosuresOf = Callable[[str], Sequence[Window]]


class ClosedWindows(Protocol):
    """Knows when stations take no reservations: announced maintenance. The reservations ask."""

    def during(self, span: Window) -> ClosuresOf:
        """Station id → its closures that touch the span, in any order; however many are asked, read once."""


class NeverClosed:
    """The answer where nobody announces anything."""

    def during(self, span: Window) -> ClosuresOf:
        return lambda _: ()
