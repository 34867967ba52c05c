"""Least and greatest prices: each holds before tax and after tax separately (OCPI 2.2.1, Tariff object)."""

from fractions import Fraction

from finder.domain.tariff import Limit


def raised(limit: Limit, subtotal: Fraction, total: Fraction) -> tuple[Fraction, Fraction]:
    """Both amounts raised to their own limit; without one after tax, what is added bears no tax."""
    least = max(subtotal, Fraction(limit.excl_vat))
    if limit.incl_vat is None:
        return least, least + total - subtotal
    return least, max(total, Fraction(limit.incl_vat), least)


def lowered(limit: Limit, subtotal: Fraction, total: Fraction) -> tuple[Fraction, Fraction]:
    """Both amounts lowered to their own limit; without one after tax, the tax shrinks in step. No tax stays no tax."""
    most = min(subtotal, Fraction(limit.excl_vat))
    if total == subtotal:
        return most, most
    if limit.incl_vat is None:
        return most, total * most / subtotal
    return most, max(most, min(total, Fraction(limit.incl_vat)))
