"""Ranking: in which order stations answer, as one number that grows and a key that breaks ties."""

from decimal import Decimal
from enum import StrEnum

LAST = 1e15  # behind every distance in metres, price and power; finite, so that it fits into a cursor


class Sort(StrEnum):
    """What comes first: the nearest, the cheapest, the most powerful."""

    DISTANCE = "distance"
    PRICE = "price"
    POWER = "power"


def by_price(amounts: list[Decimal | None]) -> float:
    """The station's cheapest port first, unknown prices last. Amounts count as they are, whatever the currency."""
    known = [amount for amount in amounts if amount is not None]
    return float(min(known)) if known else LAST
