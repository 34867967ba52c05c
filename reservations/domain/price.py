"""The price of a reservation, as it was quoted: line by line, in coins."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One line: `quantity` in `unit` (`kWh`, `h` or `session`) at `unit_price` before tax; `vat` in percent.

    `amount` and `tax` are in whole coins and add up to the price's `subtotal` and `tax`.
    """

    kind: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    tax: Decimal
    vat: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A promised price. An unknown one has no lines, null amounts and a stable `reason`; free is 0."""

    lines: tuple[PriceLine, ...]
    subtotal: Decimal | None
    tax: Decimal | None
    total: Decimal | None
    currency: str | None
    assumptions: tuple[str, ...]
    reason: str | None
