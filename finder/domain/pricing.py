"""A price computed: a tariff applied to a usage, by the rules of OCPI 2.2.1 (chapter Tariffs)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from finder.domain.charges import NOTHING, Charge, sums
from finder.domain.estimate import Estimate, LineKind, decimal_of
from finder.domain.price_limits import held, held_in_parts
from finder.domain.reserved_energy import prices_reserved_energy, reserved_kwh
from finder.domain.stay_limits import limits_of
from finder.domain.stay_remarks import remarks
from finder.domain.tariff import Component, Dimension, Element, PartLimits, ReservationKind, Tariff
from finder.domain.tariff_bands import NotKnown, Stretch, component_for, stretches
from finder.domain.usage import Kind, Period, Usage
from finder.domain.wall_clock import zone_named
from kernel.money import rounded

_HOUR = 3600
_WH_PER_KWH = 1000
_ONCE = Fraction(1)
_FREE = Component(Dimension.PARKING_TIME, Decimal(0))


@dataclass(frozen=True, slots=True)
class _Use:
    """What one stretch uses of a component, in the unit of its step: Wh or seconds."""

    component: Component
    quantity: Fraction
    at: Fraction
    limits: PartLimits | None
    free: bool = False


def estimate(tariff: Tariff | None, time_zone: str, usage: Usage, assumptions: tuple[str, ...] = ()) -> Estimate:
    """What a usage costs at a station in a time zone; no tariff, or one that needs what is not said, is no price.

    The tariff must be valid when the stay begins. Time is billed as it elapses, bands go by the wall clock. Minutes in
    grace cost nothing but count towards a block, so that free minutes never make a stay dearer. A flat price counts
    once, from the first element that becomes active with one. An unused reservation costs its own fee, the fee for
    expiring, and the time at the price for expiring if there is one. The tariff's own least price is for sessions.

    The limits of a part of the day hold for what the stay costs in it: each use where it falls, a flat price where it
    falls due, what fills up a block where the last of it was used; those of reservations for all that one costs. The
    energy of a reservation is what it is for; where that is not said, it is what was charged once it was used.
    Raises UnknownTimeZone.
    """
    zone = zone_named(time_zone)
    reason = _refusal(tariff, usage)
    if tariff is None or reason:
        return Estimate(currency=tariff.currency if tariff else None, assumptions=assumptions, reason=reason)
    try:
        charges = [*_reservation(tariff, usage, zone), *_session(tariff, usage.periods, zone)]
    except NotKnown as gap:
        return Estimate(currency=tariff.currency, assumptions=assumptions, reason=gap.reason)
    charges += held(tariff.min_price if usage.periods else None, tariff.max_price, charges)
    return _summed(tariff, charges, (*assumptions, *remarks(tariff, usage, zone, charges)))


def _refusal(tariff: Tariff | None, usage: Usage) -> str | None:
    if tariff is None:
        return "price_unknown"
    early = tariff.valid_from is not None and usage.start < tariff.valid_from
    late = tariff.valid_until is not None and usage.start > tariff.valid_until
    return "tariff_not_valid" if early or late else None


def _of_kind(tariff: Tariff, kind: ReservationKind | None) -> tuple[Element, ...]:
    return tuple(e for e in tariff.elements if e.restrictions.reservation is kind)


def _reservation(tariff: Tariff, usage: Usage, zone: ZoneInfo) -> list[Charge]:
    span = usage.reservation
    if span is None:
        return []
    kind, energy = (
        (Kind.CHARGING, reserved_kwh(span, usage.periods)) if prices_reserved_energy(tariff) else (Kind.IDLE, None)
    )
    reserving = _of_kind(tariff, ReservationKind.RESERVATION)
    expiring = () if span.used else _of_kind(tariff, ReservationKind.RESERVATION_EXPIRES)
    limits = limits_of(tariff, ReservationKind.RESERVATION)
    parts = list(stretches((Period(span.start, span.end, kind, energy),), reserving + expiring, zone, limits=limits))
    return _within_limits(_reserved(reserving, expiring, parts), parts)


def _reserved(reserving: Sequence[Element], expiring: Sequence[Element], parts: Sequence[Stretch]) -> Iterator[Charge]:
    yield from _flat(LineKind.RESERVATION_FLAT, reserving, parts)
    yield from _flat(LineKind.RESERVATION_EXPIRED_FLAT, expiring, parts)
    yield from _by_energy(LineKind.RESERVATION_ENERGY, _energies(reserving, parts))
    if any(c.dimension is Dimension.TIME for e in expiring for c in e.components):
        yield from _by_time(LineKind.RESERVATION_EXPIRED_TIME, _stepped(_timed(expiring, Dimension.TIME, parts)))
        return
    yield from _by_time(LineKind.RESERVATION_TIME, _stepped(_timed(reserving, Dimension.TIME, parts)))


def _session(tariff: Tariff, periods: Sequence[Period], zone: ZoneInfo) -> list[Charge]:
    elements, limits = _of_kind(tariff, None), limits_of(tariff, None)
    parts = list(stretches(periods, elements, zone, limits=limits, grace_min=tariff.idle_grace_min))
    return _within_limits(_stayed(elements, parts), parts)


def _stayed(elements: Sequence[Element], parts: Sequence[Stretch]) -> Iterator[Charge]:
    charging = _timed(elements, Dimension.TIME, [part for part in parts if not part.idle])
    parking = _timed(elements, Dimension.PARKING_TIME, [part for part in parts if part.idle])
    parking_is_last = bool(parking) and (not charging or parking[-1].at > charging[-1].at)
    yield from _flat(LineKind.FLAT, elements, parts)
    yield from _by_energy(LineKind.ENERGY, _energies(elements, parts))
    yield from _by_time(LineKind.TIME, charging if parking_is_last else _stepped(charging))
    yield from _by_time(LineKind.PARKING_TIME, _stepped(parking) if parking_is_last else parking)


def _within_limits(charges: Iterable[Charge], parts: Sequence[Stretch]) -> list[Charge]:
    found = list(charges)
    return [*found, *held_in_parts((part.limits for part in parts), found)]


def _flat(kind: LineKind, elements: Sequence[Element], parts: Sequence[Stretch]) -> Iterator[Charge]:
    for part in parts:
        component = component_for(elements, Dimension.FLAT, part)
        if component is not None:
            yield _charge(kind, _ONCE, "session", component, part.limits)
            return


def _timed(elements: Sequence[Element], dimension: Dimension, parts: Sequence[Stretch]) -> list[_Use]:
    found = ((part, component_for(elements, dimension, part)) for part in parts)
    return [_Use(c, part.seconds, part.elapsed_s, part.limits, part.in_grace) for part, c in found if c is not None]


def _energies(elements: Sequence[Element], parts: Sequence[Stretch]) -> list[_Use]:
    uses = []
    for part in parts:
        component = None if part.energy_kwh == 0 else component_for(elements, Dimension.ENERGY, part)
        if component is None or (part.energy_kwh is None and component.price == 0):
            continue
        if part.energy_kwh is None:
            raise NotKnown("energy_unknown")
        uses.append(_Use(component, part.energy_kwh * _WH_PER_KWH, part.elapsed_s, part.limits))
    return uses


def _stepped(uses: list[_Use]) -> list[_Use]:
    """The uses, filled up to whole steps of the last component; what was used before counts towards the step."""
    if not uses:
        return uses
    last = uses[-1]
    missing = -sum((use.quantity for use in uses), NOTHING) % last.component.step_size
    return [*uses, replace(last, quantity=missing)] if missing else uses


def _by_time(kind: LineKind, uses: Sequence[_Use]) -> Iterator[Charge]:
    return _charges(kind, "h", _HOUR, uses)


def _by_energy(kind: LineKind, uses: list[_Use]) -> Iterator[Charge]:
    return _charges(kind, "kWh", _WH_PER_KWH, _stepped(uses))


def _charges(kind: LineKind, unit: str, per_unit: int, uses: Sequence[_Use]) -> Iterator[Charge]:
    """One charge for all uses of a component in the same part of the day."""
    quantities: dict[tuple[Component, bool, PartLimits | None], Fraction] = {}
    for use in uses:
        key = (use.component, use.free, use.limits)
        earlier = quantities.get(key)
        quantities[key] = use.quantity if earlier is None else earlier + use.quantity
    for (component, free, limits), quantity in quantities.items():
        if free:
            yield _charge(LineKind.IDLE_GRACE, quantity / per_unit, unit, _FREE, limits)
        else:
            yield _charge(kind, quantity / per_unit, unit, component, limits)


def _charge(kind: LineKind, quantity: Fraction, unit: str, component: Component, limits: PartLimits | None) -> Charge:
    price, vat = component.price, component.vat
    amount = Fraction(price) * quantity
    tax = amount * Fraction(vat) / 100 if vat else NOTHING
    return Charge(kind, quantity, unit, price, vat, amount, tax, limits)


def _summed(tariff: Tariff, charges: Sequence[Charge], assumptions: tuple[str, ...]) -> Estimate:
    subtotal, total = sums(charges)
    before_tax = rounded(decimal_of(subtotal), tariff.currency)
    after_tax = rounded(decimal_of(total), tariff.currency)
    lines = tuple(charge.line for charge in charges)
    return Estimate(lines, before_tax, after_tax - before_tax, after_tax, tariff.currency, assumptions)
