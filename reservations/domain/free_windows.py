"""Free windows: what is left of the open hours when the taken windows are cut out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from kernel.window import Window


def free_windows(open_windows: Sequence[Window], taken: Iterable[Window], least: timedelta) -> tuple[Window, ...]:
    """The parts of the open windows that no taken one touches and that last at least `least`, in order of time.

    `open_windows` are sorted and apart from each other; `taken` may overlap, in any order.
    """
    in_order = sorted(taken)
    parts = (part for one in open_windows for part in _parts(one, in_order))
    return tuple(Window(start, end) for start, end in parts if start < end and end - start >= least)


def _parts(whole: Window, taken: Sequence[Window]) -> Iterator[tuple[datetime, datetime]]:
    start = whole.start
    for one in taken:
        if one.overlaps(whole):
            yield start, one.start
            start = max(start, one.end)
    yield start, whole.end
