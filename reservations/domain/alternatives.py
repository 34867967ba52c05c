"""Alternatives: what a driver is offered instead of a window that cannot be had, and which three of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.window import Window
from reservations.domain.free_windows import Terms
from reservations.domain.price import Price

MOST = 3
_MINUTE = timedelta(minutes=1)
_METRES_A_MINUTE = 500  # through a town, at 30 km/h


class Kind(StrEnum):
    """In what an alternative differs from the wish."""

    OTHER_PORT = "OTHER_PORT"
    OTHER_TIME = "OTHER_TIME"
    NEARBY_STATION = "NEARBY_STATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A port and a window that can be reserved now; `distance_m` is from the station wished for, `price` told last."""

    kind: Kind
    station_id: str
    port_number: int
    window: Window
    distance_m: float
    price: Price | None = None

    @property
    def start(self) -> datetime:
        return self.window.start

    @property
    def duration_min(self) -> int:
        return self.window.duration // _MINUTE


def other_starts(bookable: Iterable[Window], terms: Terms, wished: Window) -> tuple[datetime, ...]:
    """The nearest start before the one wished for and the nearest after it, where there are such.

    `bookable` are the port's bookable windows. One in which the wish itself has room gives no other start.
    """
    spans = [_starts(one, terms, wished.duration) for one in bookable if one.duration >= wished.duration]
    before = [last for first, last in spans if first <= last < wished.start]
    after = [first for first, last in spans if wished.start < first <= last]
    nearest = (max(before, default=None), min(after, default=None))
    return tuple(start for start in nearest if start is not None)


def _starts(bookable: Window, terms: Terms, duration: timedelta) -> tuple[datetime, datetime]:
    return max(bookable.start, terms.first_start), min(bookable.end - duration, terms.last_start)


def best(found: Iterable[Alternative], wished: Window) -> tuple[Alternative, ...]:
    """Three at most: the least trouble of each kind, so that there is a real choice, then what is the least trouble.

    In order of trouble, in minutes: another port is none, another time is the shift, another station the way there.
    """
    in_order = sorted(set(found), key=lambda one: _trouble(one, wished))
    first_of_kind = {one.kind: one for one in reversed(in_order)}
    rest = [one for one in in_order if one is not first_of_kind[one.kind]]
    chosen = [*first_of_kind.values(), *rest][:MOST]
    return tuple(one for one in in_order if one in chosen)


def _trouble(one: Alternative, wished: Window) -> tuple[float, str, datetime, str, int]:
    """Minutes, and then what makes the order the same at every call."""
    shift = abs(one.start - wished.start) / _MINUTE
    return (shift + one.distance_m / _METRES_A_MINUTE, one.kind, one.start, one.station_id, one.port_number)
