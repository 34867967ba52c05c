"""What a tariff's elements charge at each time of day and length of stay, as parts of the guide's pricing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal

from finder.domain.guide_pricing import ByLength, GuidePart
from finder.domain.tariff import Dimension, Element, Limit, PartLimits, Restrictions
from finder.domain.wall_clock import MIDNIGHT, in_band

NumberedElement = tuple[int, Element]

_ZERO = Decimal(0)


class Gap(Exception):
    """The guide has no words for a price: a JSON pointer into the OCPI form, and why."""

    def __init__(self, pointer: str, reason: str) -> None:
        self.pointer, self.reason = pointer, reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class _Step:
    """From which second of the stay a price holds; None is no component at all."""

    from_s: int
    price: Decimal | None

    @property
    def charged(self) -> Decimal:
        return self.price or _ZERO


@dataclass(frozen=True, slots=True)
class _Band:
    """A part of the day, and what is charged in it."""

    begin: time
    flat: Decimal | None
    energy: Decimal
    hours: tuple[_Step, ...]
    limits: PartLimits | None

    @property
    def prices(self) -> tuple[Decimal | None, Decimal, tuple[_Step, ...], PartLimits | None]:
        return self.flat, self.energy, self.hours, self.limits


def parts_of(
    elements: Sequence[NumberedElement], limits: Sequence[PartLimits] = ()
) -> tuple[tuple[GuidePart, ...], frozenset[PartLimits]]:
    """The parts of the day, that of the first element with times of day first, and the limits that are not of one part.

    The elements are restricted by time of day and by length of stay only. Raises Gap where they say more than one
    price, or two by length of time, in at most two parts of the day.
    """
    begins = _begins([*(element.restrictions for _, element in elements), *(one.restrictions for one in limits)])
    bands = [_band(begin, elements, limits) for begin in begins]
    if len(bands) > 2:
        changes = [band for i, band in enumerate(bands) if band.prices != bands[i - 1].prices]
        bands = changes or [replace(bands[0], begin=MIDNIGHT)]
    if len(bands) > 2:
        raise Gap("/elements", "the guide has at most two parts of the day")
    flats = [band.flat for band in bands]
    if any(flats) and None in flats:
        raise Gap("/elements", "the guide has no price per session that falls due within a stay")
    ends = [*(band.begin for band in bands[1:]), bands[0].begin]
    of_all = frozenset(band.limits for band in bands[1:] if band.limits and band.limits == bands[0].limits)
    return tuple(_part(band, end, of_all) for band, end in zip(bands, ends, strict=True)), of_all


def _begins(restrictions: Sequence[Restrictions]) -> list[time]:
    """When the parts of the day begin, from that of the first element with times of day on."""
    spans = [_span(r) for r in restrictions]
    edges = [edge for begin, end in spans if begin != end for edge in (begin, end)]
    if not edges:
        return [MIDNIGHT]
    later = sorted(edge for edge in set(edges) if edge >= edges[0])
    return later + sorted(edge for edge in set(edges) if edge < edges[0])


def _span(r: Restrictions) -> tuple[time, time]:
    return r.start_time or MIDNIGHT, r.end_time or MIDNIGHT


def _band(begin: time, elements: Sequence[NumberedElement], limits: Sequence[PartLimits]) -> _Band:
    active = [(n, e) for n, e in elements if in_band(begin, *_span(e.restrictions))]
    return _Band(
        begin=begin,
        flat=_only(Dimension.FLAT, active),
        energy=_only(Dimension.ENERGY, active) or _ZERO,
        hours=_steps(Dimension.TIME, active),
        limits=next((one for one in limits if in_band(begin, *_span(one.restrictions))), None),
    )


def _only(dimension: Dimension, elements: Sequence[NumberedElement]) -> Decimal | None:
    """The price of a dimension, where it is the same throughout the stay."""
    steps = _steps(dimension, elements)
    if len({step.price for step in steps}) > 1:
        number = next(n for n, e in elements if _restricts_length(e) and _counts(e, dimension))
        raise Gap(f"/elements/{number}/restrictions", "the guide has only prices per hour by length of time")
    return steps[0].price


def _restricts_length(element: Element) -> bool:
    r = element.restrictions
    return r.min_duration_s is not None or r.max_duration_s is not None


def _counts(element: Element, dimension: Dimension) -> bool:
    return any(component.dimension is dimension for component in element.components)


def _steps(dimension: Dimension, elements: Sequence[NumberedElement]) -> tuple[_Step, ...]:
    """The prices of a dimension in the order of the stay."""
    priced = [e for _, e in elements if _counts(e, dimension)]
    edges = {edge for e in priced for edge in (e.restrictions.min_duration_s, e.restrictions.max_duration_s) if edge}
    return tuple(_Step(begin, _price(dimension, priced, begin)) for begin in sorted({0, *edges}))


def _price(dimension: Dimension, elements: Sequence[Element], second: int) -> Decimal | None:
    """The price that the first element which holds at this second of the stay has for a dimension."""
    for element in elements:
        least, below = element.restrictions.min_duration_s or 0, element.restrictions.max_duration_s
        if least <= second and (below is None or second < below):
            return next(c.price for c in element.components if c.dimension is dimension)
    return None


def _part(band: _Band, end: time, of_all: frozenset[PartLimits]) -> GuidePart:
    steps = _few([_Step(step.from_s, step.charged) for step in band.hours])
    part = GuidePart(
        start_time=band.begin,
        end_time=end,
        per_session=band.flat or None,
        per_kwh=band.energy or None,
    )
    if band.limits and band.limits not in of_all:
        part = limited(part, band.limits.min_price, band.limits.max_price, band.limits.session_limit_min)
    if len(steps) == 1:
        return replace(part, per_hour=steps[0].price or None)
    first, then = steps
    by_length = ByLength(price_for_first=first.charged, duration_s=then.from_s, price_thereafter=then.charged)
    return replace(part, by_length=by_length)


def limited(part: GuidePart, least: Limit | None, most: Limit | None, longest_min: int | None) -> GuidePart:
    """The part with limits, before tax; one of 0 is none."""
    return replace(
        part,
        min_price=(least and least.excl_vat) or None,
        max_price=(most and most.excl_vat) or None,
        session_time_min=longest_min,
    )


def _few(steps: list[_Step]) -> list[_Step]:
    """One or two steps; only where there are more are those that change nothing left out."""
    if len(steps) > 2:
        steps = [step for i, step in enumerate(steps) if i == 0 or step.price != steps[i - 1].price]
    if len(steps) > 2:
        raise Gap("/elements", "the guide has at most two prices per hour by length of time")
    return steps
