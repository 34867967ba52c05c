"""The pricing columns of the guide's station file (4.1 guide, 6.3.3): a tariff in their words, and back."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain

from finder.domain.currencies import CURRENCY_OF
from finder.domain.guide_pricing import Basis, GuidePart, GuidePricing
from finder.domain.guide_pricing_json import guide_pricing_from_json, guide_pricing_to_json
from finder.domain.guide_tariff import tariff_from_guide
from finder.domain.guide_view import guide_from_tariff
from finder.domain.tariff import Tariff, free
from finder.domain.tariff_type import TariffType, tariff_type
from finder.domain.tax_included import with_tax_included

_FIELDS = {
    "Start Time": "start_time",
    "End Time": "end_time",
    "Min Charge": "min_price",
    "Max Charge": "max_price",
    "Unit Charge (Session)": "unit_price_per_session",
    "Unit Charge (kWh)": "unit_price_per_kwh",
    "Unit Charge (Hourly)": "unit_price_per_hour",
    "Initial Unit Charge Duration (Hours)": "first_duration_hours",
    "Unit Charge Thereafter (Hourly)": "unit_price_per_hour_thereafter",
    "Session Time": "session_time_hours",
}
PRICING = ("Type", *_FIELDS)
_HOURLY, _FIRST, _THEREAFTER = "unit_price_per_hour", "first_duration_hours", "unit_price_per_hour_thereafter"
_TIMES = ("start_time", "end_time")
_NO_SET = ("",) * len(PRICING)
_NOTHING = (*_NO_SET, *_NO_SET)
_SETS = ("", " 2")


class PriceWord(StrEnum):
    """Whether one pays (6.3.3 Price)."""

    FREE = "FREE"
    PAID = "PAID"


class UnreadablePrice(Exception):
    """The pricing columns say no price; the arguments are reason and detail."""


@lru_cache(maxsize=4096)
def pricing_cells(tariff: Tariff | None, country: str | None) -> tuple[PriceWord | None, str, Sequence[str]]:
    """The cells Price and LegacyPricing, and both sets of pricing columns.

    The sets are empty where they would say another price: in a currency that is not the country's, as the file has no
    column for it, or where the guide has no words for it. Tax is in the prices.
    """
    if tariff is None:
        return None, "", _NOTHING
    word = PriceWord.FREE if tariff_type(tariff) is TariffType.FREE else PriceWord.PAID
    pricing = _sayable(tariff, country)
    if pricing is None or pricing.parts == (GuidePart(),):
        return word, "", _NOTHING
    legacy = "NO" if any(part.by_length or len(_types(part)) > 1 for part in pricing.parts) else "YES"
    sets = [*map(_set, guide_pricing_to_json(pricing)["parts"], map(_types, pricing.parts)), _NO_SET]  # type: ignore[arg-type]
    return word, legacy, tuple(chain(*sets[:2]))


def _sayable(tariff: Tariff, country: str | None) -> GuidePricing | None:
    paid = with_tax_included(tariff)
    if paid is None or CURRENCY_OF.get(country or "") != paid.currency:
        return None
    pricing = guide_from_tariff(paid).pricing
    if pricing is None or pricing.basis is not Basis.CHARGE:
        return None
    return pricing


def _types(part: GuidePart) -> list[str]:
    said = {"SESSION": part.per_session, "KWH": part.per_kwh, "HOUR": part.per_hour or part.by_length}
    return [word for word, price in said.items() if price is not None]


def _set(part: dict[str, str], types: Sequence[str]) -> tuple[str, ...]:
    """One set of the columns; by length of time, the price per hour is that of the first hours."""
    told = {_FIRST: "0"} | part
    if "unit_price_for_first" in part:
        told[_HOURLY] = part["unit_price_for_first"]
    return (",".join(types), *(told.get(name, "") for name in _FIELDS.values()))


def tariff_of_cells(cell: Callable[[str], str], country: str | None) -> tuple[Tariff | None, str | None]:
    """The tariff, and the price in words where there is no tariff. Raises UnreadablePrice and InvalidTariff.

    `cell` gives what a column says. Prices count whatever the word in Type; 0 is the same as absent.
    """
    word, currency = _word(cell("Price")), CURRENCY_OF.get(country or "")
    parts = [part for part in (_part(cell, number) for number in _SETS) if part]
    if not parts and word is PriceWord.FREE and currency:
        return free(currency), None
    if not parts:
        return None, word
    if currency is None:
        raise UnreadablePrice(
            "currency_unknown", f"no currency is known for {country or 'a station without a country'}"
        )
    tariff = tariff_from_guide(guide_pricing_from_json({"type": "NONE", "currency": currency, "parts": parts}))
    if tariff_type(tariff) is TariffType.FREE and word is not PriceWord.FREE:
        return None, word
    if tariff_type(tariff) is not TariffType.FREE and word is PriceWord.FREE:
        raise UnreadablePrice("contradictory_price", "Price is FREE, and yet there are charges")
    return tariff, None


def _word(text: str) -> PriceWord | None:
    try:
        return PriceWord(text.strip().upper()) if text.strip() else None
    except ValueError as error:
        raise UnreadablePrice("invalid_price", f"Price {text[:40]!r} is neither FREE nor PAID") from error


def _part(cell: Callable[[str], str], suffix: str) -> dict[str, str]:
    """A set of the columns as the guide's fields; empty where it says nothing but that it is for the whole day."""
    told = {name: cell(column + suffix).strip() for column, name in _FIELDS.items()}
    times = {name: text for name in _TIMES if (text := told.pop(name))}
    said = {name: text for name, text in told.items() if text.strip("0.")}
    if not said and {text[:5] for text in times.values()} <= {"00:00", "24:00"}:
        return {}
    said |= times
    if _FIRST in said:
        said["unit_price_for_first"] = said.pop(_HOURLY, "0")
        said.setdefault(_THEREAFTER, "0")
    return said
