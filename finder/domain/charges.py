"""Charges: the lines of an estimate before they are written down, in exact fractions."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from finder.domain.estimate import Line, LineKind, decimal_of
from finder.domain.tariff import PartLimits

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line; `limits` are those of the part of the day it falls in."""

    kind: LineKind
    quantity: Fraction
    unit: str
    price: Decimal
    vat: Decimal | None
    amount: Fraction
    tax: Fraction
    limits: PartLimits | None

    @property
    def line(self) -> Line:
        """The line as it is written down."""
        return Line(
            kind=self.kind,
            quantity=decimal_of(self.quantity),
            unit=self.unit,
            unit_price=self.price,
            amount=decimal_of(self.amount),
            tax=decimal_of(self.tax),
            vat=self.vat,
        )


def sums(charges: Iterable[Charge]) -> tuple[Fraction, Fraction]:
    """What the charges are together, before and after tax."""
    subtotal = total = NOTHING
    for charge in charges:
        subtotal += charge.amount
        total += charge.amount + charge.tax
    return subtotal, total
