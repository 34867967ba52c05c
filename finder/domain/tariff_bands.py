"""Where a stay must be cut so that one price holds throughout each stretch, and which component counts there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from finder.domain.tariff import UNRESTRICTED, Component, Dimension, Element, PartLimits, Restrictions, Tariff
from finder.domain.usage import Kind, Period
from finder.domain.wall_clock import MIDNIGHT, clock_cuts, seconds_between

_DAY = timedelta(days=1)
_NOTHING = Decimal(0)
_ZERO = Fraction(0)


class NotKnown(Exception):
    """A price depends on something that the usage does not say; `reason` is the stable code of what."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a period in which every restriction holds throughout or not at all.

    `elapsed_s`, `used_kwh` (both since the session began) and `local` are those of its middle, so no rounding of an
    edge can put it on the wrong side. `local` is None where no element looks at the clock. `limits` are those of the
    part of the day that it lies in.
    """

    idle: bool
    seconds: Fraction
    energy_kwh: Fraction | None
    power_kw: Decimal | None
    current_a: Decimal | None
    elapsed_s: Fraction
    used_kwh: Fraction | None
    local: datetime | None
    in_grace: bool
    limits: PartLimits | None = None

    @property
    def power(self) -> Fraction | None:
        """What was said, else the average that the energy makes, kW."""
        if self.power_kw is not None:
            return Fraction(self.power_kw)
        return None if self.energy_kwh is None else self.energy_kwh * 3600 / self.seconds

    @property
    def current(self) -> Fraction | None:
        """What was said, else none while idle, A."""
        if self.current_a is not None:
            return Fraction(self.current_a)
        return Fraction(0) if self.idle else None


@dataclass(frozen=True, slots=True)
class Edges:
    """All the limits that occur in some elements' restrictions: where a stay may have to be cut."""

    clock: bool
    times: frozenset[time]
    durations_s: frozenset[int]
    energies_kwh: frozenset[Decimal]


_NO_EDGES = Edges(False, frozenset(), frozenset(), frozenset())


def edges_of(restricted: Iterable[Element | PartLimits]) -> Edges:
    """The edges of some elements, or limits."""
    restrictions = [one.restrictions for one in restricted if one.restrictions is not UNRESTRICTED]
    if not restrictions:
        return _NO_EDGES
    times = {t for r in restrictions for t in (r.start_time, r.end_time) if t is not None}
    return Edges(
        clock=bool(times) or any(r.start_date or r.end_date or r.days_of_week for r in restrictions),
        times=frozenset(times | {MIDNIGHT}),
        durations_s=frozenset(d for r in restrictions for d in (r.min_duration_s, r.max_duration_s) if d is not None),
        energies_kwh=frozenset(e for r in restrictions for e in (r.min_kwh, r.max_kwh) if e is not None),
    )


def looks_at_the_clock(tariff: Tariff) -> bool:
    """Whether a price hangs on when a stay is, and not only on how long it is and what it takes."""
    ends = tariff.valid_from is not None or tariff.valid_until is not None
    return ends or edges_of((*tariff.elements, *tariff.part_limits)).clock


def stretches(
    periods: Sequence[Period],
    elements: Sequence[Element],
    zone: ZoneInfo,
    *,
    limits: Sequence[PartLimits] = (),
    grace_min: int = 0,
) -> Iterator[Stretch]:
    """The periods, cut at each edge of elements and limits; the first `grace_min` minutes of idle time are in grace."""
    edges = edges_of((*elements, *limits))
    used: Fraction | None = Fraction(0)
    grace_s = Fraction(grace_min * 60)
    for period in periods:
        span = _Span(periods[0].start, period, used, grace_s)
        if edges is _NO_EDGES and span.free_until == span.begin:
            yield span.whole()
        else:
            local_zone = zone if edges.clock else None
            yield from (span.stretch(*cut, local_zone, limits) for cut in pairwise(span.cuts(edges, zone)))
        used = span.used_at(span.end)
        grace_s = max(_ZERO, grace_s - (span.end - span.begin)) if span.idle else grace_s


class _Span:
    """One period on the session's time line, in seconds since the session began."""

    __slots__ = ("begin", "end", "energy", "free_until", "idle", "origin", "period", "used")

    def __init__(self, origin: datetime, period: Period, used: Fraction | None, grace_s: Fraction) -> None:
        self.origin, self.period, self.used = origin, period, used
        self.begin, self.end = seconds_between(origin, period.start), seconds_between(origin, period.end)
        self.idle = period.kind is Kind.IDLE
        known = period.energy_kwh if period.energy_kwh is not None or not self.idle else _NOTHING
        self.energy = None if known is None else Fraction(known)
        self.free_until = self.begin + grace_s if self.idle else self.begin

    def cuts(self, edges: Edges, zone: ZoneInfo) -> list[Fraction]:
        """Both ends and every edge between them, in order."""
        cuts = {self.begin, self.end, self.free_until, *map(Fraction, edges.durations_s)}
        if edges.clock:
            moments = clock_cuts(self.period.start, self.period.end, edges.times, zone)
            cuts.update(seconds_between(self.origin, moment) for moment in moments)
        if self.energy and self.used is not None:
            pace = (self.end - self.begin) / self.energy
            cuts.update(self.begin + (Fraction(edge) - self.used) * pace for edge in edges.energies_kwh)
        return sorted(cut for cut in cuts if self.begin <= cut <= self.end)

    def used_at(self, moment: Fraction) -> Fraction | None:
        if self.used is None or self.energy is None:
            return None
        if moment == self.end:
            return self.used + self.energy
        return self.used + self.energy * (moment - self.begin) / (self.end - self.begin)

    def whole(self) -> Stretch:
        """The period uncut, for elements that restrict nothing: nobody will ask where its middle is."""
        return Stretch(
            idle=self.idle,
            seconds=self.end - self.begin,
            energy_kwh=self.energy,
            power_kw=self.period.power_kw,
            current_a=self.period.current_a,
            elapsed_s=self.begin,
            used_kwh=self.used,
            local=None,
            in_grace=False,
        )

    def stretch(self, first: Fraction, last: Fraction, zone: ZoneInfo | None, limits: Sequence[PartLimits]) -> Stretch:
        """The part between two cuts."""
        middle, share = (first + last) / 2, (last - first) / (self.end - self.begin)
        local = None
        if zone is not None:
            local = (self.origin + timedelta(microseconds=int(middle * 1_000_000))).astimezone(zone)
        return Stretch(
            idle=self.idle,
            seconds=last - first,
            energy_kwh=None if self.energy is None else self.energy * share,
            power_kw=self.period.power_kw,
            current_a=self.period.current_a,
            elapsed_s=middle,
            used_kwh=self.used_at(middle),
            local=local,
            in_grace=self.idle and middle < self.free_until,
            limits=_limits_at(local, limits),
        )


def _limits_at(local: datetime | None, limits: Sequence[PartLimits]) -> PartLimits | None:
    """The limits of the part that a local time lies in; without a time only those of the whole day are asked."""
    return next((one for one in limits if local is None or _clock_matches(one.restrictions, local)), None)


def component_for(elements: Iterable[Element], dimension: Dimension, stretch: Stretch) -> Component | None:
    """The component that counts: of the first element that has one of this dimension and whose restrictions match.

    None where the dimension costs nothing. Raises NotKnown where that depends on what the usage does not say.
    """
    for element in elements:
        for component in element.components:
            if component.dimension is dimension and _match(element.restrictions, stretch):
                return component
    return None


def _match(r: Restrictions, stretch: Stretch) -> bool:
    return r is UNRESTRICTED or (
        (stretch.local is None or _clock_matches(r, stretch.local))
        and _within(stretch.elapsed_s, r.min_duration_s, r.max_duration_s, "duration_unknown")
        and _within(stretch.used_kwh, r.min_kwh, r.max_kwh, "energy_unknown")
        and _within(stretch.power, r.min_power, r.max_power, "power_unknown")
        and _within(stretch.current, r.min_current, r.max_current, "current_unknown")
    )


def _within(value: Fraction | None, least: Decimal | int | None, below: Decimal | int | None, reason: str) -> bool:
    if least is None and below is None:
        return True
    if value is None:
        raise NotKnown(reason)
    return (least is None or value >= least) and (below is None or value < below)


def _clock_matches(r: Restrictions, local: datetime) -> bool:
    """Whether a band is on. One that runs past midnight belongs, to its end, to the day on which it began."""
    day, now = local.date(), local.time()
    begin, end = r.start_time or MIDNIGHT, r.end_time or MIDNIGHT
    if end > begin and not begin <= now < end:
        return False
    if end <= begin and now < begin:
        if now >= end:
            return False
        day -= _DAY
    return _day_matches(r, day)


def _day_matches(r: Restrictions, day: date) -> bool:
    return (
        (not r.days_of_week or day.isoweekday() in r.days_of_week)
        and (r.start_date is None or day >= r.start_date)
        and (r.end_date is None or day < r.end_date)
    )
