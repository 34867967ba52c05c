"""Prices of stays, told as readable cases."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finder.domain.estimate import LineKind, in_coins
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
from tests.rules.pricing_words import a_stay, an_unused_reservation, at, minutes, priced, total


def d(text: str) -> Decimal:
    return Decimal(text)


def bands(*elements: Element, idle_grace_min: int = 0) -> Tariff:
    return Tariff(currency="EUR", elements=elements, idle_grace_min=idle_grace_min)


def by(dimension: Dimension, price: str, step: int = 1, vat: str | None = None) -> Component:
    return Component(dimension, d(price), step, None if vat is None else d(vat))


def only(component: Component, **restrictions: object) -> Element:
    return Element((component,), Restrictions(**restrictions))  # type: ignore[arg-type]


ENERGY, FLAT, TIME, PARKING = Dimension.ENERGY, Dimension.FLAT, Dimension.TIME, Dimension.PARKING_TIME
PER_KWH = simple("EUR", per_kwh=d("0.25"))
PER_HOUR = simple("EUR", per_hour=d("3"), idle_per_hour=d("6"))
IN_BLOCKS = bands(Element((by(TIME, "3", 900), by(PARKING, "6", 900))))
CHEAP_AFTER_20_KWH = bands(only(by(ENERGY, "0.50"), max_kwh=d("20")), Element((by(ENERGY, "0.10"),)))
SECOND_HOUR_DEARER = bands(only(by(TIME, "1"), max_duration_s=3600), Element((by(TIME, "4"),)))
FAST_IS_DEARER = bands(only(by(ENERGY, "0.20"), max_power=d("16")), Element((by(ENERGY, "0.50"),)))
STRONG_IS_DEARER = bands(only(by(TIME, "1"), max_current=d("32")), only(by(TIME, "2"), min_current=d("32")))
IN_STEPS_OF_HALF_KWH = bands(only(by(ENERGY, "0.20", 500), max_kwh=d("4.3")), Element((by(ENERGY, "0.27", 500),)))

CASES = [
    ("free is nought", free("EUR"), a_stay(kwh="20", idle_min=30), "0.00"),
    ("no elements is free", Tariff(currency="EUR"), a_stay(kwh="20"), "0.00"),
    ("energy only", PER_KWH, a_stay(kwh="20.5"), "5.13"),
    ("half a cent is a cent", PER_KWH, a_stay(kwh="0.02"), "0.01"),
    ("less than half a cent is nothing", PER_KWH, a_stay(kwh="0.019"), "0.00"),
    ("yen have no decimals", simple("JPY", per_kwh=d("12.5")), a_stay(kwh="1"), "13"),
    ("dinars have three", simple("KWD", per_kwh=d("0.0125")), a_stay(kwh="1"), "0.013"),
    ("charging and idle apart", PER_HOUR, a_stay(charging_min=60, idle_min=30), "6.00"),
    ("only idle is filled up when last", IN_BLOCKS, a_stay(charging_min=21, idle_min=16), "4.05"),
    ("charging is filled up when alone", IN_BLOCKS, a_stay(charging_min=21), "1.50"),
    ("energy bands cut a period", CHEAP_AFTER_20_KWH, a_stay(kwh="30"), "11.00"),
    ("length bands cut a period", SECOND_HOUR_DEARER, a_stay(charging_min=90), "3.00"),
    ("slow by stated power", FAST_IS_DEARER, a_stay(kwh="10", power_kw="15.9"), "2.00"),
    ("the greatest power is exclusive", FAST_IS_DEARER, a_stay(kwh="10", power_kw="16"), "5.00"),
    ("fast by average power", FAST_IS_DEARER, a_stay(kwh="10", charging_min=30), "5.00"),
    ("weak current", STRONG_IS_DEARER, a_stay(current_a="16"), "1.00"),
    ("strong current", STRONG_IS_DEARER, a_stay(current_a="32"), "2.00"),
    ("energy steps count the whole session", IN_STEPS_OF_HALF_KWH, a_stay(kwh="5.4"), "1.18"),
]


@pytest.mark.parametrize(("name", "tariff", "usage", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_stay_costs(name: str, tariff: Tariff, usage: Usage, expected: str) -> None:
    assert total(tariff, usage) == expected


def test_an_unknown_price_is_not_free() -> None:
    estimate = priced(None, a_stay())

    assert (estimate.total, estimate.tax, estimate.subtotal, estimate.lines) == (None, None, None, ())
    assert estimate.reason == "price_unknown"


@pytest.mark.parametrize(
    ("tariff", "reason"),
    [(PER_KWH, "energy_unknown"), (CHEAP_AFTER_20_KWH, "energy_unknown"), (FAST_IS_DEARER, "power_unknown"),
     (STRONG_IS_DEARER, "current_unknown")],
)  # fmt: skip
def test_a_price_that_needs_what_is_not_said_is_unknown(tariff: Tariff, reason: str) -> None:
    estimate = priced(tariff, a_stay())

    assert (estimate.total, estimate.currency, estimate.reason) == (None, "EUR", reason)


def test_energy_that_costs_nothing_need_not_be_known() -> None:
    assert total(simple("EUR", per_kwh=d("0"), per_session=d("1")), a_stay()) == "1.00"


def test_a_tariff_counts_when_it_is_valid_at_the_start() -> None:
    tariff = replace(PER_KWH, valid_from=at("2019-06-03 09:30"), valid_until=at("2019-06-03 10:00"))

    reasons = [priced(tariff, a_stay(at("2019-06-03 09:30") + minutes(m), kwh="1")).reason for m in (-1, 0, 30, 31)]

    assert reasons == ["tariff_not_valid", None, None, "tariff_not_valid"]


def test_grace_is_free_and_shown() -> None:
    tariff = replace(PER_HOUR, idle_grace_min=10)

    estimate = priced(tariff, a_stay(charging_min=60, idle_min=40))

    assert [(line.kind, str(line.amount)) for line in estimate.lines] == [
        (LineKind.TIME, "3"), (LineKind.IDLE_GRACE, "0"), (LineKind.PARKING_TIME, "3")]  # fmt: skip


def test_idle_time_within_grace_is_not_filled_up_to_a_paid_block() -> None:
    tariff = replace(IN_BLOCKS, idle_grace_min=10)

    assert total(tariff, a_stay(charging_min=60, idle_min=5)) == "3.00"


def test_grace_is_given_once_for_all_idle_periods() -> None:
    start = at("2019-06-03 09:30")
    stops = [start + minutes(m) for m in (0, 6, 12, 18)]
    kinds = (Kind.IDLE, Kind.CHARGING, Kind.IDLE)
    usage = Usage(tuple(Period(a, b, kind) for a, b, kind in zip(stops, stops[1:], kinds, strict=False)))

    assert total(replace(PER_HOUR, idle_grace_min=10), usage) == "0.50"


def test_charging_that_follows_idle_time_is_filled_up_in_its_place() -> None:
    start, full, gone = (at("2019-06-03 09:30") + minutes(m) for m in (0, 16, 37))
    usage = Usage((Period(start, full, Kind.IDLE), Period(full, gone)))

    assert total(IN_BLOCKS, usage) == "3.10"


def test_the_first_matching_element_of_each_dimension_counts() -> None:
    tariff = bands(only(by(TIME, "9"), days_of_week=frozenset({7})), Element((by(FLAT, "1"), by(TIME, "2"))),
                   Element((by(FLAT, "5"), by(TIME, "5"), by(ENERGY, "1"))))  # fmt: skip

    assert total(tariff, a_stay("2019-06-03 09:30", kwh="3")) == "6.00"


def test_a_component_without_vat_bears_no_tax() -> None:
    tariff = bands(Element((by(FLAT, "1"), by(ENERGY, "0.5", vat="0"), by(TIME, "2", vat="10"))))

    lines = priced(tariff, a_stay(kwh="2")).lines

    assert [(line.vat, line.tax) for line in lines] == [(None, 0), (0, 0), (10, d("0.2"))]


@pytest.mark.parametrize(
    ("kwh", "amounts"),
    [("0.9", ("0.45", "0.15", "0.60")), ("1", ("0.50", "0.10", "0.60")),
     ("10", ("5.00", "1.00", "6.00")), ("39", ("19.50", "3.50", "23.00")),
     ("50", ("20.00", "3.00", "23.00"))],
)  # fmt: skip
def test_limits_hold_before_and_after_tax_each_by_itself(kwh: str, amounts: tuple[str, str, str]) -> None:
    tariff = replace(bands(Element((by(ENERGY, "0.5", vat="20"),))),
                     min_price=Limit(d("0.4"), d("0.6")), max_price=Limit(d("20"), d("23")))  # fmt: skip

    estimate = priced(tariff, a_stay(kwh=kwh))

    assert (str(estimate.subtotal), str(estimate.tax), str(estimate.total)) == amounts


def test_tax_shrinks_with_a_greatest_price_that_is_stated_before_tax_only() -> None:
    tariff = replace(bands(Element((by(ENERGY, "0.5", vat="20"),))), max_price=Limit(d("10")))

    estimate = priced(tariff, a_stay(kwh="50"))

    assert (str(estimate.subtotal), str(estimate.total)) == ("10.00", "12.00")


def test_a_limit_is_a_line_so_that_lines_add_up() -> None:
    tariff = replace(PER_KWH, max_price=Limit(d("3")))

    estimate = priced(tariff, a_stay(kwh="20"))

    assert [(line.kind, line.amount) for line in estimate.lines][1:] == [(LineKind.MAXIMUM, d("-2"))]
    assert sum(amount for amount, _ in in_coins(estimate)) == estimate.subtotal == d("3.00")


def test_an_unused_reservation_costs_both_fees_and_time_at_the_price_of_expiring() -> None:
    kinds = (ReservationKind.RESERVATION, ReservationKind.RESERVATION_EXPIRES)
    tariff = bands(*(Element((by(FLAT, flat), by(TIME, hour, 600)), Restrictions(reservation=kind))
                     for kind, flat, hour in zip(kinds, ("2", "4"), ("3", "6"), strict=True)))  # fmt: skip

    assert total(tariff, an_unused_reservation(55)) == "12.00"
    assert total(tariff, a_stay(reserved_min=55)) == "5.00"


def test_a_least_price_is_not_asked_for_a_reservation_alone() -> None:
    tariff = replace(free("EUR"), min_price=Limit(d("5")))

    assert total(tariff, an_unused_reservation(60)) == "0.00"
    assert total(tariff, a_stay()) == "5.00"


def test_thirds_of_a_cent_are_summed_before_they_are_rounded() -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    usage = Usage(tuple(Period(start + minutes(m), start + minutes(m + 1)) for m in range(3)))
    tariff = bands(only(by(TIME, "0.1"), max_duration_s=60), only(by(TIME, "0.1", 2), max_duration_s=120),
                   Element((by(TIME, "0.1", 3),)))  # fmt: skip

    assert total(tariff, usage) == "0.01"


def test_a_stay_beyond_the_session_limit_says_so() -> None:
    tariff = replace(PER_HOUR, session_limit_min=60)

    assert priced(tariff, a_stay(charging_min=60)).assumptions == ()
    assert priced(tariff, a_stay(charging_min=61)).assumptions == ("The stay is longer than the 60 minutes allowed.",)
