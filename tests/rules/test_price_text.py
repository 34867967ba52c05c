"""Price text: a tariff to the cent, or no tariff."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.tariff import Component, Dimension, Element, Restrictions, Tariff, free, simple
from finder.imports.price_text import tariff_from_text

amounts = st.decimals(0, 9999, places=2)


def dollars(text: str) -> Tariff | None:
    return tariff_from_text(text, "USD")


def connected(per_hour: str, limits: Restrictions) -> Element:
    price = Decimal(per_hour)
    return Element((Component(Dimension.TIME, price), Component(Dimension.PARKING_TIME, price)), limits)


@pytest.mark.parametrize("text", ["Free", "FREE", " free ", "Free of charge"])
def test_free_is_a_tariff_that_costs_nothing(text: str) -> None:
    assert dollars(text) == free("USD")


@pytest.mark.parametrize("text", ["$0.40 per kWh", "$0.40/kWh", "$0.40 / kWh", "$ 0.40 per KWH"])
def test_a_price_per_kwh_in_its_spellings(text: str) -> None:
    assert dollars(text) == simple("USD", per_kwh=Decimal("0.40"))


@pytest.mark.parametrize(
    "text",
    [
        "$1.50 per session; $0.75 per kWh",
        "$1.50per session, $0.75 per kWh",
        "$1.50 initiation fee + $0.75 per kWh",
        "$1.50 session fee and $0.75/kWh",
    ],
)
def test_a_fee_per_session_beside_the_energy(text: str) -> None:
    assert dollars(text) == simple("USD", per_session=Decimal("1.50"), per_kwh=Decimal("0.75"))


def test_an_idle_fee_counts_only_while_not_charging() -> None:
    expected = simple("USD", per_kwh=Decimal("0.30"), idle_per_hour=Decimal(2))

    assert dollars("$0.30 per kWh; $2 per hour idle fee") == expected


def test_an_idle_fee_may_begin_after_a_grace() -> None:
    expected = simple("USD", per_kwh=Decimal("0.30"), idle_per_hour=Decimal(24), idle_grace_min=10)

    assert dollars("$0.30 per kWh; $0.40 per minute idle fee after 10 minutes") == expected


def test_a_price_per_hour_counts_every_hour_connected() -> None:
    assert dollars("$2.50 per hour") == Tariff(currency="USD", elements=(connected("2.50", Restrictions()),))


def test_a_price_per_hour_beside_an_idle_fee_counts_only_while_charging() -> None:
    expected = simple("USD", per_hour=Decimal(2), idle_per_hour=Decimal(5))

    assert dollars("$2 per hour; $5 per hour idle fee") == expected


def test_a_price_per_minute_is_sixty_times_as_much_an_hour() -> None:
    assert dollars("$1.00 per minute") == dollars("$60 per hour")


@pytest.mark.parametrize(
    "text",
    [
        "$2.50 per hour for first 4 hours; $10 per hour thereafter",
        "$2.50 per hour; $10 per hour after 4 hours",
        "$2.50 per hr for the first 4 hrs and $10 per hr afterwards",
    ],
)
def test_a_price_per_hour_may_change_after_some_hours(text: str) -> None:
    early, late = Restrictions(max_duration_s=14_400), Restrictions(min_duration_s=14_400)

    assert dollars(text) == Tariff(currency="USD", elements=(connected("2.50", early), connected("10", late)))


def test_a_price_per_hour_may_begin_after_some_hours() -> None:
    energy = Element((Component(Dimension.ENERGY, Decimal("0.35")),))
    late = connected("5", Restrictions(min_duration_s=14_400))

    assert dollars("$0.35 per kWh; $5 per hour after 4 hours") == Tariff(currency="USD", elements=(late, energy))


def test_a_limit_of_stay_is_part_of_the_tariff() -> None:
    tariff = dollars("Free; Four hour limit")

    assert tariff is not None
    assert tariff.session_limit_min == 240


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$0.54 per kWh + tax",
        "Free; donations encouraged",
        "Free for guests only",
        "Free; parking fee",
        "Free; $1.50 per hour parking rate",
        "$3.00/Hr Parking Fee",
        "$0.35-$1.25/Hr Variable Parking Fee, $0.25-$0.50/kWh Variable Energy Fee",
        "$0.35 per kWh for public; $0.20 per kWh for employees",
        "$0.39 per kWh; free for internal use",
        "$0.26 per kWh after 8 hours",
        "$10 per 4 hrs charging plus parking fee",
        "$5 per hour after 4 hours",
        "$5 per hour for first 4 hours",
        "Free for first 2 hours; $0.30 per kWh",
        "$2 per hour; $3 per hour thereafter",
        "$2 per hour for first 4 hours; $3 per hour after 5 hours",
        "$0.30 per kWh; $0.40 per kWh",
        "$1,000 per session",
        "0.40 per kWh",
        "4 hour limit",
    ],
)
def test_what_is_not_understood_to_the_cent_is_unknown(text: str) -> None:
    assert dollars(text) is None


@given(amounts, amounts, amounts)
def test_amounts_come_out_exactly_as_written(energy: Decimal, session: Decimal, idle: Decimal) -> None:
    text = f"${session} per session; ${energy} per kWh; ${idle} per hour idle fee"

    assert dollars(text) == simple("USD", per_session=session, per_kwh=energy, idle_per_hour=idle)


@given(st.text(max_size=60) | st.text("$0123456789. perkWhousin;+,/", max_size=60))
def test_any_text_gives_a_tariff_or_none(text: str) -> None:
    tariff = dollars(text)

    assert tariff is None or tariff.elements
