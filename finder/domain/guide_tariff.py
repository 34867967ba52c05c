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
    - Per reservation, flat and hourly prices are those of OCPI's RESERVATION elements, and charging is free.
    """
    flat = any(part.per_session is not None for part in pricing.parts)
    elements = tuple(element for part in pricing.parts for element in _elements(part, pricing, flat=flat))
    return Tariff(
        currency=pricing.currency,
        elements=elements,
        min_price=None if pricing.min_price is None else Limit(pricing.min_price),
        max_price=None if pricing.max_price is None else Limit(pricing.max_price),
        session_limit_min=pricing.session_time_min,
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
