"""Free windows: the open hours without what is taken, and the parts of them in which a reservation made now can lie."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.window import Window

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When a reservation made at one moment may start, first and last, and how long it may be, inclusive, in steps."""

    first_start: datetime
    last_start: datetime
    shortest: timedelta
    longest: timedelta
    step: timedelta = timedelta(minutes=1)

    @property
    def span(self) -> Window | None:
        """All that such a reservation can touch; None where none is possible."""
        if self.least(self.shortest) is None or self.last_start < self.first_start:
            return None
        return Window(self.first_start, self.last_end)

    @property
    def last_end(self) -> datetime:
        """The end of the longest reservation that starts last."""
        return self.last_start + self.longest // self.step * self.step

    def allow(self, window: Window) -> bool:
        """Whether exactly this window may be reserved, as far as its start and its length go."""
        starts_well = self.first_start <= window.start <= self.last_start
        return starts_well and self.shortest <= window.duration <= self.longest and not window.duration % self.step

    def least(self, wanted: timedelta) -> timedelta | None:
        """The shortest length that is allowed and lasts as long as is wanted; None where there is none."""
        least = -(-max(wanted, self.shortest) // self.step) * self.step
        return least if least <= self.longest else None


def free_windows(open_windows: Sequence[Window], taken: Iterable[Window], least: timedelta) -> tuple[Window, ...]:
    """The parts of the open windows that no taken one touches and that last at least `least`, in order of time.

    `open_windows` are sorted and apart from each other; `taken` may overlap, in any order.
    """
    in_order = sorted(taken)
    parts = (part for one in open_windows for part in _parts(one, in_order))
    return tuple(Window(start, end) for start, end in parts if start < end and end - start >= least)


def bookable_windows(free: Iterable[Window], terms: Terms, least: timedelta) -> tuple[Window, ...]:
    """The parts of free windows that reservations of at least `least` can fill, as the terms stand."""
    shortest = terms.least(least)
    if shortest is None:
        return ()
    parts = ((max(whole_second(one.start), terms.first_start), min(one.end, terms.last_end)) for one in free)
    return tuple(Window(start, end) for start, end in parts if start <= terms.last_start and end - start >= shortest)


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
