"""The guide's pricing as a tariff: what each of its fields (4.1 guide, 6.1.3) means in OCPI 2.2.1."""

from dataclasses import replace
from decimal import Decimal

from finder.domain.guide_pricing import Basis, GuidePart, GuidePricing
from finder.domain.tariff import (
    UNRESTRICTED,
    Component,
    Dimension,
    Element,
    Limit,
    PartLimits,
    ReservationKind,
    Restrictions,
    Tariff,
)

_ZERO = Decimal(0)
_FREE_SESSION = Component(Dimension.FLAT, _ZERO)
_FREE_HOURS = Component(Dimension.TIME, _ZERO)


def tariff_from_guide(pricing: GuidePricing) -> Tariff:
    """The tariff that a guide's pricing means; nothing is lost.

    - A price per hour is for the time "how long the vehicle charges" (1.2.3.2), so it is TIME and idle time is free.
    - The first portion by length of time is counted from the start of the stay.
    - A price per session is that of the part in which the session begins.
    - Per reservation, prices are those of OCPI's RESERVATION elements, with one per kWh, and charging is free. So are
      its limits (12.5.17).
    - The limits of a part of the day are for what a session costs and lasts in that part.
    """
    flat = any(part.per_session is not None for part in pricing.parts)
    elements = tuple(element for part in pricing.parts for element in _elements(part, pricing, flat=flat))
    tariff = Tariff(currency=pricing.currency, elements=elements)
    limits = [_limits(part, pricing) for part in pricing.parts]
    if limits[0].restrictions is UNRESTRICTED:
        [whole] = limits
        return replace(
            tariff,
            min_price=whole.min_price,
            max_price=whole.max_price,
            session_limit_min=whole.session_limit_min,
        )
    return replace(tariff, part_limits=tuple(one for one in limits if one != PartLimits(restrictions=one.restrictions)))


def _limits(part: GuidePart, pricing: GuidePricing) -> PartLimits:
    return PartLimits(
        restrictions=_restrictions(part, pricing),
        min_price=None if part.min_price is None else Limit(part.min_price),
        max_price=None if part.max_price is None else Limit(part.max_price),
        session_limit_min=part.session_time_min,
    )


def _elements(part: GuidePart, pricing: GuidePricing, *, flat: bool) -> tuple[Element, ...]:
    """The elements of a part: the first hours by length of time, then all the rest."""
    when = _restrictions(part, pricing)
    rest = Element(_components(part, flat=flat, alone=len(pricing.parts) == 1), when)
    if part.by_length is None:
        return (rest,)
    first_hours = replace(when, max_duration_s=part.by_length.duration_s)
    return Element((Component(Dimension.TIME, part.by_length.price_for_first),), first_hours), rest


def _components(part: GuidePart, *, flat: bool, alone: bool) -> tuple[Component, ...]:
    """What a part charges. A part of the day that is free is 0 per hour, which leaves the other's prices alone."""
    per_hour = part.by_length.price_thereafter if part.by_length else part.per_hour
    prices = {
        Dimension.FLAT: (part.per_session or _ZERO) if flat else None,
        Dimension.ENERGY: part.per_kwh,
        Dimension.TIME: per_hour,
    }
    found = tuple(Component(kind, price) for kind, price in prices.items() if price is not None)
    return found or (_FREE_SESSION if alone else _FREE_HOURS,)


def _restrictions(part: GuidePart, pricing: GuidePricing) -> Restrictions:
    reservation = ReservationKind.RESERVATION if pricing.basis is Basis.RESERVATION else None
    if len(pricing.parts) == 1:
        return Restrictions(reservation=reservation) if reservation else UNRESTRICTED
    return Restrictions(start_time=part.start_time, end_time=part.end_time, reservation=reservation)
