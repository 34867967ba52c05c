"""The made-up price lists of the demo network: one of each kind that a driver meets."""

from dataclasses import replace
from datetime import time
from decimal import Decimal

from demo.dice import Dice
from finder.domain.tariff import Component, Dimension, Element, Limit, Restrictions, Tariff, free, simple
from kernel.money import rounded

CURRENCIES = {"US": "USD", "CA": "CAD", "DE": "EUR", "FR": "EUR", "GB": "GBP", "AU": "AUD"}
VAT = {"DE": Decimal(19), "FR": Decimal(20), "GB": Decimal(20), "AU": Decimal(10)}
UNKNOWN_TEXTS = (
    None,
    "Price on the station's display",
    "Included in the parking fee",
    "Ask at the front desk",
)

_KINDS = (
    (12, "free"),
    (20, "per_kwh"),
    (14, "per_hour"),
    (12, "session_and_kwh"),
    (12, "time_of_day"),
    (10, "length_of_time"),
    (14, "idle_fee"),
    (6, "unknown"),
)
_TWO_HOURS_S = 7200


def price_list(country: str, dice: Dice, *, fast: bool) -> Tariff | None:
    """A tariff in the country's currency and with its VAT, None where the price is unknown."""
    kind = dice.weighted("price list", _KINDS)
    currency = CURRENCIES[country]
    if kind == "unknown":
        return None
    if kind == "free":
        return free(currency)
    return _taxed(_priced(kind, currency, dice, fast=fast), VAT.get(country))


def _priced(kind: str, currency: str, dice: Dice, *, fast: bool) -> Tariff:
    kwh = Decimal(dice.below("kwh", 6) * 3 + (42 if fast else 24)).scaleb(-2)
    hour = Decimal(dice.below("hour", 5) * 25 + (1200 if fast else 100)).scaleb(-2)
    match kind:
        case "per_kwh":
            return simple(currency, per_kwh=kwh)
        case "per_hour":
            least = Limit(Decimal("0.50")) if dice.share("least") < 0.5 else None
            return replace(simple(currency, per_hour=hour), min_price=least)
        case "session_and_kwh":
            return simple(currency, per_session=Decimal("1.00"), per_kwh=kwh)
        case "time_of_day":
            return _time_of_day(currency, kwh)
        case "length_of_time":
            return _length_of_time(currency, hour)
        case _:
            return simple(currency, per_kwh=kwh, idle_per_hour=Decimal("12.00"), idle_grace_min=10)


def _time_of_day(currency: str, kwh: Decimal) -> Tariff:
    day, night = time(7), time(21)
    dear = Restrictions(start_time=day, end_time=night)
    cheap = Restrictions(start_time=night, end_time=day)
    less = kwh - Decimal("0.10")
    return Tariff(
        currency=currency, elements=(_part(Dimension.ENERGY, kwh, dear), _part(Dimension.ENERGY, less, cheap))
    )


def _length_of_time(currency: str, hour: Decimal) -> Tariff:
    first = Restrictions(max_duration_s=_TWO_HOURS_S)
    thereafter = Restrictions(min_duration_s=_TWO_HOURS_S)
    return Tariff(
        currency=currency,
        elements=(_part(Dimension.TIME, hour, first), _part(Dimension.TIME, hour * 2, thereafter)),
        session_limit_min=480,
    )


def _part(dimension: Dimension, price: Decimal, restrictions: Restrictions) -> Element:
    return Element((Component(dimension, price),), restrictions)


def _taxed(tariff: Tariff, vat: Decimal | None) -> Tariff:
    if vat is None:
        return tariff
    elements = tuple(
        replace(element, components=tuple(replace(part, vat=vat) for part in element.components))
        for element in tariff.elements
    )
    least = tariff.min_price and _limit_taxed(tariff.min_price, vat, tariff.currency)
    return replace(tariff, elements=elements, min_price=least)


def _limit_taxed(limit: Limit, vat: Decimal, currency: str) -> Limit:
    return Limit(limit.excl_vat, rounded(limit.excl_vat * (100 + vat) / 100, currency))
