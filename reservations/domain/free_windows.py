"""Free windows: the open hours without what is taken, and the parts of them in which a reservation made now can lie."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.window import Window

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When a reservation made at one moment may start, first and last, and how long it may be, inclusive."""

    first_start: datetime
    last_start: datetime
    shortest: timedelta
    longest: timedelta

    @property
    def span(self) -> Window | None:
        """All that such a reservation can touch; None where none is possible."""
        last_end = self.last_start + self.longest
        if self.longest < self.shortest or self.last_start < self.first_start:
            return None
        return Window(self.first_start, last_end)

    def allow(self, window: Window) -> bool:
        """Whether exactly this window may be reserved, as far as its start and its length go."""
        starts_well = self.first_start <= window.start <= self.last_start
        return starts_well and self.shortest <= window.duration <= self.longest


def free_windows(open_windows: Sequence[Window], taken: Iterable[Window], least: timedelta) -> tuple[Window, ...]:
    """The parts of the open windows that no taken one touches and that last at least `least`, in order of time.

    `open_windows` are sorted and apart from each other; `taken` may overlap, in any order.
    """
    in_order = sorted(taken)
    parts = (part for one in open_windows for part in _parts(one, in_order))
    return tuple(Window(start, end) for start, end in parts if start < end and end - start >= least)


def bookable_windows(free: Iterable[Window], terms: Terms, least: timedelta) -> tuple[Window, ...]:
    """The parts of free windows that reservations of at least `least` can fill, as the terms stand."""
    least = max(least, terms.shortest)
    if least > terms.longest:
        return ()
    parts = ((max(whole_second(one.start), terms.first_start), one.end) for one in free)
    ends = ((start, min(end, terms.last_start + terms.longest)) for start, end in parts if start <= terms.last_start)
    return tuple(Window(start, end) for start, end in ends if end - start >= least)


def whole_second(moment: datetime) -> datetime:
    """The first whole second from a moment on."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + _SECOND


def _parts(whole: Window, taken: Sequence[Window]) -> Iterator[tuple[datetime, datetime]]:
    start = whole.start
    for one in taken:
        if one.overlaps(whole):
            yield start, one.start
            start = max(start, one.end)
    yield start, whole.end
