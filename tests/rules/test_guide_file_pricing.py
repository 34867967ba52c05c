"""The pricing columns of the guide's station file: told without loss, or not told at all."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.domain.guide_file_pricing import PRICING, PriceWord, UnreadablePrice, pricing_cells, tariff_of_cells
from finder.domain.guide_pricing import Basis, GuidePricing
from finder.domain.guide_tariff import tariff_from_guide
from finder.domain.ocpi_tariff import InvalidTariff
from finder.domain.tariff import Component, Dimension, Element, Tariff, free, simple
from tests.rules.test_guide_pricing import guide_pricings, tariffs

SETS = (*PRICING, *(f"{name} 2" for name in PRICING))
countries = st.sampled_from(["US", "DE", "JP", None])


def read_back(cells: tuple[PriceWord | None, str, object], country: str | None) -> tuple[Tariff | None, str | None]:
    word, _, sets = cells
    told = {"Price": word or "", **dict(zip(SETS, sets, strict=True))}  # type: ignore[call-overload]
    return tariff_of_cells(lambda name: told[name], country)


@given(guide_pricings())
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_what_the_guide_can_say_is_told_without_loss(pricing: GuidePricing) -> None:
    country = {"EUR": "DE", "USD": "US", "JPY": "JP"}.get(pricing.currency)
    tariff = tariff_from_guide(pricing)

    cells = pricing_cells(tariff, country)
    again, _ = read_back(cells, country)

    if any(cells[2]) and pricing.basis is Basis.CHARGE:
        assert again == tariff
    assert again is not None or cells[0] != PriceWord.FREE or country is None


@given(tariffs, countries)
def test_cells_that_are_read_are_written_again_the_same(tariff: Tariff, country: str | None) -> None:
    first = pricing_cells(tariff, country)

    again, words = read_back(first, country)

    second = pricing_cells(again, country) if again else (words and PriceWord(words), "", first[2])
    assert second == first
    assert again is not None or not any(first[2])


def test_a_price_in_another_currency_is_only_said_to_be_paid() -> None:
    word, legacy, sets = pricing_cells(simple("EUR", per_kwh=Decimal("0.50")), "US")

    assert (word, legacy, any(sets)) == (PriceWord.PAID, "", False)


def test_tax_is_in_what_is_told() -> None:
    taxed = Tariff(
        currency="EUR", elements=(Element((Component(Dimension.ENERGY, Decimal("0.50"), vat=Decimal(19)),)),)
    )

    _, _, sets = pricing_cells(taxed, "DE")

    assert dict(zip(SETS, sets, strict=True))["Unit Charge (kWh)"] == "0.595"


def test_the_columns_say_hours_sessions_and_what_is_new_pricing() -> None:
    _, legacy, sets = pricing_cells(simple("USD", per_hour=Decimal("1.50"), per_kwh=Decimal("0.20")), "US")
    told = dict(zip(SETS, sets, strict=True))

    assert (legacy, told["Type"], told["Start Time"], told["End Time"]) == ("NO", "KWH,HOUR", "00:00:00", "24:00:00")
    assert (told["Unit Charge (Hourly)"], told["Initial Unit Charge Duration (Hours)"]) == ("1.50", "0")
    assert not any(text for name, text in told.items() if name.endswith(" 2"))


def of(country: str | None = "US", **cells: str) -> tuple[Tariff | None, str | None]:
    told = {name.replace("_", " "): text for name, text in cells.items()}
    return tariff_of_cells(lambda name: told.get(name, ""), country)


def test_words_alone_are_kept_as_words() -> None:
    assert of(Price="FREE") == (free("USD"), None)
    assert of(Price="paid") == (None, "PAID")
    assert of() == (None, None)
    assert of(None, Price="FREE") == (None, "FREE")


@pytest.mark.parametrize(
    ("country", "cells", "reason"),
    [
        ("US", {"Price": "MAYBE"}, "invalid_price"),
        (None, {"Min Charge": "1.00"}, "currency_unknown"),
        ("US", {"Price": "FREE", "Unit Charge (kWh)": "0.30"}, "contradictory_price"),
    ],
)
def test_a_price_that_cannot_be_is_refused_with_its_reason(
    country: str | None, cells: dict[str, str], reason: str
) -> None:
    with pytest.raises(UnreadablePrice) as refused:
        tariff_of_cells(lambda name: cells.get(name, ""), country)

    assert refused.value.args[0] == reason


@pytest.mark.parametrize(
    "cells",
    [
        {"Unit Charge (kWh)": "x"},
        {"Unit Charge (kWh)": "-1"},
        {"Max Charge": "1", "Min Charge": "2"},
        {"Start Time": "25:00:00", "Unit Charge (kWh)": "1"},
        {"Start Time": "08:00:00", "End Time": "18:00:00", "Unit Charge (kWh)": "1"},
        {"Unit Charge Thereafter (Hourly)": "1"},
    ],
)
def test_pricing_columns_that_contradict_themselves_are_refused(cells: dict[str, str]) -> None:
    with pytest.raises(InvalidTariff):
        tariff_of_cells(lambda name: cells.get(name, ""), "US")
