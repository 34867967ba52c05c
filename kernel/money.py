"""Money: a Decimal amount with a currency, rounded once, half up, to the currency's ISO 4217 exponent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def exponent(currency: str) -> int:
    """Decimal places of a currency (ISO 4217): 0, 2 or 3."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount as it is charged: rounded half up to the currency's smallest coin, never minus zero."""
    quantum = Decimal(1).scaleb(-exponent(currency))
    return amount.quantize(quantum, rounding=ROUND_HALF_UP) + 0


def as_text(amount: Decimal) -> str:
    """The amount in plain digits, as the API writes it: `"0.50"`, never `"5E-1"`."""
    return f"{amount:f}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that is charged: already rounded to the currency's exponent."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, exact: Decimal, currency: str) -> "Money":
        return cls(rounded(exact, currency), currency)

    def __str__(self) -> str:
        return as_text(self.amount)
