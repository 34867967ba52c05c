"""How long a stay may last in each part of the day (the guide's sessionTime, 6.1.3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from finder.domain.tariff import PartLimits, ReservationKind, Restrictions, Tariff
from finder.domain.tariff_bands import stretches
from finder.domain.usage import Kind, Period
from finder.domain.wall_clock import MIDNIGHT, zone_named


@dataclass(frozen=True, slots=True)
class Overstay:
    """A limit that a stay is longer than; `where` names the part of the day, ` from 08:00 to 18:00`, if it is one."""

    most_min: int
    where: str


def overstays(tariff: Tariff, time_zone: str, start: datetime, end: datetime) -> Iterator[Overstay]:
    """The parts that reserving a port for this time overstays: by the limits of stays and those of reservations."""
    zone = zone_named(time_zone)
    for kind in (None, ReservationKind.RESERVATION):
        yield from overstays_in_parts(limits_of(tariff, kind), start, end, zone)


def limits_of(tariff: Tariff, kind: ReservationKind | None) -> tuple[PartLimits, ...]:
    """The limits of the parts of a stay, or of a reservation."""
    return tuple(one for one in tariff.part_limits if one.restrictions.reservation is kind)


def overstays_in_parts(
    limits: Sequence[PartLimits], start: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[Overstay]:
    """The parts of the day in which a stay lasts longer than they allow."""
    if all(one.session_limit_min is None for one in limits):
        return
    parts = list(stretches((Period(start, end, Kind.IDLE),), (), zone, limits=limits))
    for one in limits:
        seconds = sum(part.seconds for part in parts if part.limits == one)
        if one.session_limit_min is not None and seconds > one.session_limit_min * 60:
            yield Overstay(one.session_limit_min, times_of(one.restrictions))


def times_of(r: Restrictions) -> str:
    """The times of day, ` from 08:00 to 18:00`; empty where there are none."""
    if r.start_time is None and r.end_time is None:
        return ""
    return f" from {_shown(r.start_time or MIDNIGHT)} to {_shown(r.end_time or MIDNIGHT)}"


def _shown(moment: time) -> str:
    return moment.isoformat("seconds" if moment.second else "minutes")
