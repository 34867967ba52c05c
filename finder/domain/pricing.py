"""A price computed: a tariff applied to a usage, by the rules of OCPI 2.2.1 (chapter Tariffs)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from finder.domain.estimate import Estimate, Line, LineKind, decimal_of
from finder.domain.price_limits import lowered, raised
from finder.domain.tariff import Component, Dimension, Element, ReservationKind, Tariff
from finder.domain.tariff_bands import NotKnown, Stretch, component_for, stretches
from finder.domain.usage import Kind, Period, ReservationSpan, Usage
from finder.domain.wall_clock import zone_named
from kernel.money import rounded

_HOUR = 3600
_WH_PER_KWH = 1000
_NOTHING = Fraction(0)
_ONCE = Fraction(1)


@dataclass(frozen=True, slots=True)
class _Use:
    """What one stretch uses of a component, in the unit of its step: Wh or seconds."""

    component: Component
    quantity: Fraction
    at: Fraction
    free: bool = False


@dataclass(frozen=True, slots=True)
class _Charge:
    """A line before it is written down, in exact fractions."""

    kind: LineKind
    quantity: Fraction
    unit: str
    price: Decimal
    vat: Decimal | None
    amount: Fraction
    tax: Fraction


def estimate(tariff: Tariff | None, time_zone: str, usage: Usage, assumptions: tuple[str, ...] = ()) -> Estimate:
    """What a usage costs at a station in a time zone; no tariff, or one that needs what is not said, is no price.

    The tariff must be valid when the stay begins. Time is billed as it elapses, bands go by the wall clock. Minutes in
    grace cost nothing but count towards a block, so that free minutes never make a stay dearer. A flat price counts
    once, from the first element that becomes active with one. An unused reservation costs its own fee, the fee for
    expiring, and the time at the price for expiring if there is one. A least price is for sessions only.
    Raises UnknownTimeZone.
    """
    zone = zone_named(time_zone)
    reason = _refusal(tariff, usage)
    if tariff is None or reason:
        return Estimate(currency=tariff.currency if tariff else None, assumptions=assumptions, reason=reason)
    try:
        charges = [*_reservation(tariff, usage.reservation, zone), *_session(tariff, usage.periods, zone)]
    except NotKnown as gap:
        return Estimate(currency=tariff.currency, assumptions=assumptions, reason=gap.reason)
    return _summed(tariff, charges, assumptions + _remarks(tariff, usage.periods), session=bool(usage.periods))


def _refusal(tariff: Tariff | None, usage: Usage) -> str | None:
    if tariff is None:
        return "price_unknown"
    early = tariff.valid_from is not None and usage.start < tariff.valid_from
    late = tariff.valid_until is not None and usage.start > tariff.valid_until
    return "tariff_not_valid" if early or late else None


def _remarks(tariff: Tariff, periods: Sequence[Period]) -> tuple[str, ...]:
    limit = tariff.session_limit_min
    if limit is None or not periods or (periods[-1].end - periods[0].start).total_seconds() <= limit * 60:
        return ()
    return (f"The stay is longer than the {limit} minutes allowed.",)


def _of_kind(tariff: Tariff, kind: ReservationKind | None) -> tuple[Element, ...]:
    return tuple(e for e in tariff.elements if e.restrictions.reservation is kind)


def _reservation(tariff: Tariff, span: ReservationSpan | None, zone: ZoneInfo) -> Iterator[_Charge]:
    if span is None:
        return
    stay = (Period(span.start, span.end, Kind.IDLE),)
    reserving = _of_kind(tariff, ReservationKind.RESERVATION)
    expiring = () if span.used else _of_kind(tariff, ReservationKind.RESERVATION_EXPIRES)
    parts = list(stretches(stay, reserving + expiring, zone))
    yield from _flat(LineKind.RESERVATION_FLAT, reserving, parts)
    yield from _flat(LineKind.RESERVATION_EXPIRED_FLAT, expiring, parts)
    if any(c.dimension is Dimension.TIME for e in expiring for c in e.components):
        yield from _by_time(LineKind.RESERVATION_EXPIRED_TIME, _stepped(_timed(expiring, Dimension.TIME, parts)))
        return
    yield from _by_time(LineKind.RESERVATION_TIME, _stepped(_timed(reserving, Dimension.TIME, parts)))


def _session(tariff: Tariff, periods: Sequence[Period], zone: ZoneInfo) -> Iterator[_Charge]:
    elements = _of_kind(tariff, None)
    parts = list(stretches(periods, elements, zone, tariff.idle_grace_min))
    charging = _timed(elements, Dimension.TIME, [part for part in parts if not part.idle])
    parking = _timed(elements, Dimension.PARKING_TIME, [part for part in parts if part.idle])
    parking_is_last = bool(parking) and (not charging or parking[-1].at > charging[-1].at)
    yield from _flat(LineKind.FLAT, elements, parts)
    yield from _charges(LineKind.ENERGY, "kWh", _WH_PER_KWH, _stepped(_energies(elements, parts)))
    yield from _by_time(LineKind.TIME, charging if parking_is_last else _stepped(charging))
    yield from _by_time(LineKind.PARKING_TIME, _stepped(parking) if parking_is_last else parking)


def _flat(kind: LineKind, elements: Sequence[Element], parts: Sequence[Stretch]) -> Iterator[_Charge]:
    found = (component_for(elements, Dimension.FLAT, part) for part in parts)
    component = next((c for c in found if c is not None), None)
    if component is not None:
        yield _charge(kind, _ONCE, "session", component.price, component.vat)


def _timed(elements: Sequence[Element], dimension: Dimension, parts: Sequence[Stretch]) -> list[_Use]:
    found = ((part, component_for(elements, dimension, part)) for part in parts)
    return [_Use(c, part.seconds, part.elapsed_s, part.in_grace) for part, c in found if c is not None]


def _energies(elements: Sequence[Element], parts: Sequence[Stretch]) -> list[_Use]:
    uses = []
    for part in parts:
        component = None if part.energy_kwh == 0 else component_for(elements, Dimension.ENERGY, part)
        if component is None or (part.energy_kwh is None and component.price == 0):
            continue
        if part.energy_kwh is None:
            raise NotKnown("energy_unknown")
        uses.append(_Use(component, part.energy_kwh * _WH_PER_KWH, part.elapsed_s))
    return uses


def _stepped(uses: list[_Use]) -> list[_Use]:
    """The uses, filled up to whole steps of the last component; what was used before counts towards the step."""
    if not uses:
        return uses
    last = uses[-1]
    missing = -sum((use.quantity for use in uses), _NOTHING) % last.component.step_size
    return [*uses, _Use(last.component, missing, last.at, last.free)] if missing else uses


def _by_time(kind: LineKind, uses: Sequence[_Use]) -> Iterator[_Charge]:
    return _charges(kind, "h", _HOUR, uses)


def _charges(kind: LineKind, unit: str, per_unit: int, uses: Sequence[_Use]) -> Iterator[_Charge]:
    quantities: dict[tuple[Component, bool], Fraction] = {}
    for use in uses:
        key = (use.component, use.free)
        earlier = quantities.get(key)
        quantities[key] = use.quantity if earlier is None else earlier + use.quantity
    for (component, free), quantity in quantities.items():
        if free:
            yield _charge(LineKind.IDLE_GRACE, quantity / per_unit, unit, Decimal(0), None)
        else:
            yield _charge(kind, quantity / per_unit, unit, component.price, component.vat)


def _charge(kind: LineKind, quantity: Fraction, unit: str, price: Decimal, vat: Decimal | None) -> _Charge:
    amount = Fraction(price) * quantity
    tax = amount * Fraction(vat) / 100 if vat else _NOTHING
    return _Charge(kind, quantity, unit, price, vat, amount, tax)


def _summed(tariff: Tariff, charges: list[_Charge], assumptions: tuple[str, ...], *, session: bool) -> Estimate:
    subtotal = sum((charge.amount for charge in charges), _NOTHING)
    total = subtotal + sum((charge.tax for charge in charges), _NOTHING)
    if session and tariff.min_price is not None:
        least = raised(tariff.min_price, subtotal, total)
        charges += _difference(LineKind.MINIMUM, (subtotal, total), least)
        subtotal, total = least
    if tariff.max_price is not None:
        most = lowered(tariff.max_price, subtotal, total)
        charges += _difference(LineKind.MAXIMUM, (subtotal, total), most)
        subtotal, total = most
    before_tax = rounded(decimal_of(subtotal), tariff.currency)
    after_tax = rounded(decimal_of(total), tariff.currency)
    lines = tuple(map(_line, charges))
    return Estimate(lines, before_tax, after_tax - before_tax, after_tax, tariff.currency, assumptions)


def _difference(kind: LineKind, before: tuple[Fraction, Fraction], after: tuple[Fraction, Fraction]) -> list[_Charge]:
    if before == after:
        return []
    amount, whole = after[0] - before[0], after[1] - before[1]
    return [_Charge(kind, _ONCE, "session", decimal_of(amount), None, amount, whole - amount)]


def _line(charge: _Charge) -> Line:
    return Line(
        kind=charge.kind,
        quantity=decimal_of(charge.quantity),
        unit=charge.unit,
        unit_price=charge.price,
        amount=decimal_of(charge.amount),
        tax=decimal_of(charge.tax),
        vat=charge.vat,
    )
