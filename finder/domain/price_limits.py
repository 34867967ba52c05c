"""Least and greatest prices: each holds before tax and after tax separately (OCPI 2.2.1, Tariff object)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from finder.domain.charges import Charge, sums
from finder.domain.estimate import LineKind, decimal_of
from finder.domain.tariff import Limit, PartLimits

Amounts = tuple[Fraction, Fraction]


def held_in_parts(touched: Iterable[PartLimits | None], charges: Sequence[Charge]) -> list[Charge]:
    """What the limits of each part of the day that a stay touched add to its charges, and take off."""
    found: list[Charge] = []
    for limits in dict.fromkeys(filter(None, touched)):
        inside = [charge for charge in charges if charge.limits == limits]
        found += held(limits.min_price, limits.max_price, inside, limits)
    return found


def held(
    least: Limit | None, most: Limit | None, charges: Sequence[Charge], limits: PartLimits | None = None
) -> list[Charge]:
    """What must be added to charges to reach the least price, and taken off to keep to the greatest."""
    found: list[Charge] = []
    if least is not None:
        before = sums(charges)
        found += _difference(LineKind.MINIMUM, before, _raised(least, *before), limits)
    if most is not None:
        before = sums((*charges, *found))
        found += _difference(LineKind.MAXIMUM, before, _lowered(most, *before), limits)
    return found


def _raised(limit: Limit, subtotal: Fraction, total: Fraction) -> Amounts:
    """Both amounts raised to their own limit; without one after tax, what is added bears no tax."""
    least = max(subtotal, Fraction(limit.excl_vat))
    if limit.incl_vat is None:
        return least, least + total - subtotal
    return least, max(total, Fraction(limit.incl_vat), least)


def _lowered(limit: Limit, subtotal: Fraction, total: Fraction) -> Amounts:
    """Both amounts lowered to their own limit; without one after tax, the tax shrinks in step. No tax stays no tax."""
    most = min(subtotal, Fraction(limit.excl_vat))
    if total == subtotal:
        return most, most
    if limit.incl_vat is None:
        return most, total if most == subtotal else total * most / subtotal
    return most, max(most, min(total, Fraction(limit.incl_vat)))


def _difference(kind: LineKind, before: Amounts, after: Amounts, limits: PartLimits | None) -> list[Charge]:
    if before == after:
        return []
    amount, whole = after[0] - before[0], after[1] - before[1]
    return [Charge(kind, Fraction(1), "session", decimal_of(amount), None, amount, whole - amount, limits)]
