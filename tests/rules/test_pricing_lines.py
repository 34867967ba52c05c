"""What the lines of an estimate say: for what, how much of which unit, at what price; and what leaves no line."""

from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from finder.domain.estimate import Estimate, Line, LineKind
from finder.domain.pricing import estimate
from finder.domain.tariff import (
    Component,
    Dimension,
    Element,
    Limit,
    ReservationKind,
    Restrictions,
    Tariff,
    free,
    simple,
)
from finder.domain.usage import Kind, Period, Usage
from tests.rules.pricing_words import AMSTERDAM, a_stay, an_unused_reservation, at, minutes, priced, total

ENERGY, FLAT, TIME, PARKING = Dimension.ENERGY, Dimension.FLAT, Dimension.TIME, Dimension.PARKING_TIME
RESERVED, EXPIRED = ReservationKind.RESERVATION, ReservationKind.RESERVATION_EXPIRES


def d(text: str) -> Decimal:
    return Decimal(text)


def line(kind: LineKind, quantity: str, unit: str, price: str, amount: str, tax: str = "0") -> Line:
    """A line without tax or at 10 %."""
    return Line(kind, d(quantity), unit, d(price), d(amount), d(tax), d("10") if tax != "0" else None)


def an_element(prices: dict[Dimension, str], **restrictions: object) -> Element:
    components = tuple(Component(dimension, d(price)) for dimension, price in prices.items())
    return Element(components, Restrictions(**restrictions))  # type: ignore[arg-type]


def a_tariff(*elements: Element) -> Tariff:
    return Tariff(currency="EUR", elements=elements)


def test_every_line_of_a_stay_says_what_it_is_for() -> None:
    prices = {FLAT: "1", ENERGY: "0.5", TIME: "2", PARKING: "6"}
    taxed = Element(tuple(Component(dimension, d(price), vat=d("10")) for dimension, price in prices.items()))
    tariff = Tariff(currency="EUR", elements=(taxed,), idle_grace_min=15)

    lines = priced(tariff, a_stay(charging_min=90, kwh="8", idle_min=45)).lines

    assert lines == (
        line(LineKind.FLAT, "1", "session", "1", "1", "0.1"),
        line(LineKind.ENERGY, "8", "kWh", "0.5", "4", "0.4"),
        line(LineKind.TIME, "1.5", "h", "2", "3", "0.3"),
        line(LineKind.IDLE_GRACE, "0.25", "h", "0", "0"),
        line(LineKind.PARKING_TIME, "0.5", "h", "6", "3", "0.3"),
    )


def test_a_reservation_has_lines_of_its_own() -> None:
    tariff = a_tariff(
        an_element({FLAT: "2", TIME: "3"}, reservation=RESERVED), an_element({FLAT: "4"}, reservation=EXPIRED)
    )

    kept = priced(tariff, a_stay(reserved_min=30)).lines
    unused = priced(tariff, an_unused_reservation(30)).lines

    fee = line(LineKind.RESERVATION_FLAT, "1", "session", "2", "2")
    waiting = line(LineKind.RESERVATION_TIME, "0.5", "h", "3", "1.5")
    assert kept == (fee, waiting)
    assert unused == (fee, line(LineKind.RESERVATION_EXPIRED_FLAT, "1", "session", "4", "4"), waiting)


def test_a_price_for_expiring_takes_the_place_of_the_price_for_waiting() -> None:
    tariff = a_tariff(an_element({TIME: "3"}, reservation=RESERVED), an_element({TIME: "6"}, reservation=EXPIRED))

    lines = priced(tariff, an_unused_reservation(30)).lines

    assert lines == (line(LineKind.RESERVATION_EXPIRED_TIME, "0.5", "h", "6", "3"),)


def test_a_reservation_has_bands_by_the_wall_clock_too() -> None:
    night = an_element({TIME: "1"}, reservation=RESERVED, start_time=time(22), end_time=time(6))
    tariff = a_tariff(night, an_element({TIME: "2"}, reservation=RESERVED))

    assert total(tariff, an_unused_reservation(120, "2019-06-03 21:00")) == "3.00"


@pytest.mark.parametrize("limits", [{"max_kwh": Decimal(1)}, {"max_power": Decimal(1)}, {"max_current": Decimal(1)}])
def test_a_reservation_takes_no_energy(limits: dict[str, Decimal]) -> None:
    tariff = a_tariff(an_element({FLAT: "2"}, reservation=RESERVED, **limits))

    assert total(tariff, an_unused_reservation(30)) == "2.00"


@pytest.mark.parametrize(
    ("limits", "kind", "amount", "tax"),
    [
        ({"min_price": Limit(Decimal("7"), Decimal("9"))}, LineKind.MINIMUM, "2", "1.5"),
        ({"max_price": Limit(Decimal("3"), Decimal("3.2"))}, LineKind.MAXIMUM, "-2", "-0.3"),
    ],
)
def test_a_limit_is_a_line_of_one_session(limits: dict[str, Limit], kind: LineKind, amount: str, tax: str) -> None:
    taxed = Element((Component(ENERGY, d("0.5"), vat=d("10")),))
    tariff = replace(a_tariff(taxed), **limits)  # type: ignore[arg-type]

    lines = priced(tariff, a_stay(kwh="10")).lines

    assert lines[1:] == (Line(kind, d("1"), "session", d(amount), d(amount), d(tax), None),)


def test_idle_time_leaves_no_line_of_energy() -> None:
    tariff = a_tariff(an_element({ENERGY: "0.5"}, max_duration_s=3600), an_element({ENERGY: "0.7"}))

    lines = priced(tariff, a_stay(charging_min=60, kwh="8", idle_min=30)).lines

    assert lines == (line(LineKind.ENERGY, "8", "kWh", "0.5", "4"),)


def test_energy_must_be_known_where_only_the_first_hour_is_free() -> None:
    tariff = a_tariff(an_element({ENERGY: "0"}, max_duration_s=3600), an_element({ENERGY: "0.7"}))

    assert total(tariff, a_stay(charging_min=60)) == "0.00"
    assert priced(tariff, a_stay(charging_min=90)).reason == "energy_unknown"


def test_energy_after_an_idle_time_is_billed() -> None:
    begin, pause, again, gone = (at("2019-06-03 09:30") + minutes(m) for m in (0, 30, 60, 90))
    usage = Usage((Period(begin, pause, Kind.CHARGING, d("2")), Period(pause, again, Kind.IDLE),
                   Period(again, gone, Kind.CHARGING, d("3"))))  # fmt: skip

    assert total(simple("EUR", per_kwh=d("1")), usage) == "5.00"


def test_amounts_before_and_after_tax_are_in_coins_of_the_currency() -> None:
    taxed = Tariff(currency="JPY", elements=(Element((Component(FLAT, d("12.5"), vat=d("10")),)),))

    found = priced(taxed, a_stay())

    assert (str(found.subtotal), str(found.tax), str(found.total), found.currency) == ("13", "1", "14", "JPY")


def test_free_of_charge_is_a_line_of_nothing() -> None:
    found = priced(free("EUR"), a_stay())

    assert (found.currency, found.total) == ("EUR", d("0.00"))
    assert found.lines == (line(LineKind.FLAT, "1", "session", "0", "0"),)


def test_a_simple_tariff_has_the_grace_that_it_is_given() -> None:
    without, with_four = simple("EUR", idle_per_hour=d("6")), simple("EUR", idle_per_hour=d("6"), idle_grace_min=4)

    assert without.currency == with_four.currency == "EUR"
    assert total(without, a_stay(idle_min=10)) == "1.00"
    assert total(with_four, a_stay(idle_min=10)) == "0.60"


@pytest.mark.parametrize(
    ("tariff", "usage", "currency", "reason"),
    [
        (None, a_stay(), None, "price_unknown"),
        (replace(free("SEK"), valid_from=at("2020-01-01 00:00")), a_stay(), "SEK", "tariff_not_valid"),
        (simple("SEK", per_kwh=Decimal(1)), a_stay(), "SEK", "energy_unknown"),
    ],
)
def test_no_price_still_says_what_was_assumed(
    tariff: Tariff | None, usage: Usage, currency: str | None, reason: str
) -> None:
    found = estimate(tariff, AMSTERDAM, usage, ("No idle time assumed.",))

    assert found == Estimate(currency=currency, assumptions=("No idle time assumed.",), reason=reason)
