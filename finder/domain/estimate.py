"""The estimate: what a usage costs, line by line, exactly and in coins."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.money import exponent

# Cutting off instead of rounding keeps every later "half up" right: nothing below a half can become one.
_EXACT = Context(prec=28, rounding=ROUND_DOWN)


class LineKind(StrEnum):
    """What a line is for."""

    RESERVATION_FLAT = "RESERVATION_FLAT"
    RESERVATION_ENERGY = "RESERVATION_ENERGY"
    RESERVATION_TIME = "RESERVATION_TIME"
    RESERVATION_EXPIRED_FLAT = "RESERVATION_EXPIRED_FLAT"
    RESERVATION_EXPIRED_TIME = "RESERVATION_EXPIRED_TIME"
    FLAT = "FLAT"
    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"
    IDLE_GRACE = "IDLE_GRACE"  # idle minutes that are free
    MINIMUM = "MINIMUM"  # what is added to reach the least price
    MAXIMUM = "MAXIMUM"  # what is taken off to keep to the greatest price; not more than zero


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `quantity` in `unit` (`kWh`, `h` or `session`) at `unit_price` before tax.

    `quantity` is what is billed, steps included. `amount` (before tax) and `tax` are exact, or cut off after 28
    digits where a third of an hour has no end. `vat` is in percent; None is no tax, which is not 0 %.
    """

    kind: LineKind
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    tax: Decimal
    vat: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a usage costs. An unknown price has no lines, null amounts and a stable `reason`; free is 0.

    `subtotal` and `total` are each rounded once from exact sums, half up to the currency's coin, because both are
    amounts that a tariff may limit; `tax` is their difference, so subtotal + tax = total always.
    Reasons: `price_unknown`, `tariff_not_valid`, `energy_unknown`, `power_unknown`, `current_unknown`.
    """

    lines: tuple[Line, ...] = ()
    subtotal: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    currency: str | None = None
    assumptions: tuple[str, ...] = ()
    reason: str | None = None


def decimal_of(value: Fraction) -> Decimal:
    """The fraction as a Decimal: exact, or cut off after 28 digits."""
    return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def in_coins(estimate: Estimate) -> tuple[tuple[Decimal, Decimal], ...]:
    """For each line its amount and its tax in whole coins; they add up to the subtotal and to the tax.

    A line of nothing stays nothing; no line is moved by a coin or more. Empty where the price is unknown.
    """
    if estimate.subtotal is None or estimate.tax is None or estimate.currency is None:
        return ()
    places = exponent(estimate.currency)
    amounts = _shares([line.amount for line in estimate.lines], estimate.subtotal, places)
    taxes = _shares([line.tax for line in estimate.lines], estimate.tax, places)
    return tuple(zip(amounts, taxes, strict=True))


def _shares(exact: Sequence[Decimal], whole: Decimal, places: int) -> list[Decimal]:
    """Cut every amount down to coins, then hand the missing coins to those that lost most, earlier ones first."""
    coin = Decimal(1).scaleb(-places)
    shares = [amount.quantize(coin, ROUND_FLOOR) for amount in exact]
    missing = int((whole - sum(shares, Decimal(0))) / coin)
    losers = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
    for i in losers[:missing]:
        shares[i] += coin
    return [share + 0 for share in shares]
