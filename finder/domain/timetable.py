"""Timetable: when somebody who drives along a route is where."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_M_PER_KM, _S_PER_H = 1000.0, 3600.0
_HALF_A_SECOND = timedelta(seconds=0.5)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Metres from the start, never fewer than before, and when each is reached; between two it is driven steadily."""

    offsets_m: Sequence[float]
    moments: Sequence[datetime]

    def arrival(self, offset_m: float) -> datetime:
        """When the place so far along is reached, to the nearest second; where a stop is made, when it begins."""
        return (self._exactly(offset_m) + _HALF_A_SECOND).replace(microsecond=0)

    def _exactly(self, offset_m: float) -> datetime:
        place = bisect_left(self.offsets_m, offset_m)
        if place == 0:
            return self.moments[0]
        if place == len(self.offsets_m):
            return self.moments[-1]
        before, after = self.offsets_m[place - 1], self.offsets_m[place]
        share = (offset_m - before) / (after - before)
        return self.moments[place - 1] + share * (self.moments[place] - self.moments[place - 1])


def at_speed(departure: datetime, length_m: float, speed_kmh: float) -> Timetable:
    """All the way at one speed. Raises OverflowError where the calendar ends before the journey."""
    lasts = timedelta(seconds=length_m / _M_PER_KM / speed_kmh * _S_PER_H)
    return Timetable((0.0, length_m), (departure, departure + lasts))


def minute_from(moment: datetime) -> datetime:
    """The first whole minute from a moment on: reservations begin there."""
    start = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return start if start == moment else start + _MINUTE
