"""What holds for every tariff and every stay."""

import os
import time as process_time
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finder.domain.estimate import Estimate, in_coins
from finder.domain.ocpi_tariff import tariff_from_json, tariff_to_ocpi
from finder.domain.pricing import estimate
from finder.domain.tariff import (
    UNRESTRICTED,
    Component,
    Dimension,
    Element,
    Limit,
    PartLimits,
    ReservationKind,
    Restrictions,
    Tariff,
    simple,
)
from finder.domain.usage import Kind, Period, ReservationSpan, Usage
from kernel.money import exponent

ZONES = ("Europe/Amsterdam", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "UTC")
CURRENCIES = ("EUR", "JPY", "KWD")
FAR_MORE = Decimal(10**9)
prices = st.decimals(0, 20, places=4)
rates = st.none() | st.sampled_from([Decimal(rate) for rate in ("0", "5.2", "10", "20")])
steps = st.sampled_from([1, 60, 300, 900, 1800])
clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
FIRST, THREE_YEARS_S = datetime(2026, 1, 1, tzinfo=UTC), 3 * 365 * 86_400
NIGHTS = [
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2028, 2, 28, 20, tzinfo=UTC),
    datetime(2026, 12, 31, 20, tzinfo=UTC),
]
starts = st.sampled_from(NIGHTS) | st.integers(0, THREE_YEARS_S).map(lambda s: FIRST + timedelta(seconds=s))
components = st.builds(Component, st.sampled_from(Dimension), prices, steps, rates)
restrictions = st.builds(
    Restrictions,
    start_time=st.none() | clock_times,
    end_time=st.none() | clock_times,
    days_of_week=st.frozensets(st.integers(1, 7), max_size=3),
    min_duration_s=st.none() | st.integers(0, 7200),
    max_kwh=st.none() | st.decimals(1, 30, places=1),
    max_power=st.none() | st.decimals(1, 60, places=1),
)
elements = st.builds(
    Element,
    st.lists(components, min_size=1, max_size=4, unique_by=lambda c: c.dimension).map(tuple),
    st.just(UNRESTRICTED) | restrictions,
)


def limits(least: int, most: int) -> st.SearchStrategy[Limit | None]:
    amounts = st.decimals(least, most, places=2)
    return st.none() | st.builds(lambda amount, tax: Limit(amount, amount + tax), amounts, st.decimals(0, 1, places=2))


reserving = st.builds(
    Element,
    st.lists(
        st.builds(Component, st.sampled_from([Dimension.FLAT, Dimension.TIME, Dimension.ENERGY]), prices, steps, rates),
        min_size=1,
        max_size=3,
        unique_by=lambda c: c.dimension,
    ).map(tuple),
    st.builds(Restrictions, start_time=st.none() | clock_times, reservation=st.just(ReservationKind.RESERVATION)),
)


@st.composite
def part_limits(draw: st.DrawFn) -> tuple[PartLimits, ...]:
    """None, or the limits of stays or reservations in one part of the day, or in two that make up the day."""
    begin, end = draw(st.lists(clock_times, min_size=2, max_size=2, unique=True))
    spans = draw(st.sampled_from([(), (), ((begin, end),), ((begin, end), (end, begin))]))
    kind = draw(st.sampled_from([None, None, ReservationKind.RESERVATION]))
    return tuple(
        PartLimits(
            restrictions=Restrictions(start_time=one, end_time=other, reservation=kind),
            min_price=draw(limits(0, 3)),
            max_price=draw(limits(4, 30)),
            session_limit_min=draw(st.integers(1, 600)),
        )
        for one, other in spans
    )


tariffs = st.builds(
    Tariff,
    currency=st.sampled_from(CURRENCIES),
    elements=st.builds(
        tuple.__add__, st.lists(elements, max_size=4).map(tuple), st.lists(reserving, max_size=2).map(tuple)
    ),
    part_limits=part_limits(),
    min_price=limits(0, 3),
    max_price=limits(4, 60),
    idle_grace_min=st.integers(0, 40),
)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    moment = draw(starts)
    reservation = None
    if draw(st.booleans()):
        reservation = ReservationSpan(moment - timedelta(minutes=draw(st.integers(1, 90))), moment)
    periods = []
    for _ in range(draw(st.integers(1, 4))):
        end = moment + timedelta(seconds=draw(st.integers(1, 8 * 3600)))
        kind = draw(st.sampled_from(Kind))
        energy = draw(st.decimals(0, 50, places=3)) if kind is Kind.CHARGING else None
        periods.append(Period(moment, end, kind, energy, Decimal(11)))
        moment = end
    return Usage(tuple(periods), reservation)


def total(found: Estimate) -> Decimal:
    assert found.total is not None
    return found.total


@given(tariffs, usages(), st.sampled_from(ZONES))
def test_nothing_is_negative_and_parts_make_the_whole(tariff: Tariff, usage: Usage, zone: str) -> None:
    found = estimate(tariff, zone, usage)
    coins = in_coins(found)

    assert found.subtotal is not None
    assert found.tax is not None
    assert found.subtotal >= 0 <= found.tax
    assert found.subtotal + found.tax == found.total
    assert sum(amount for amount, _ in coins) == found.subtotal
    assert sum(tax for _, tax in coins) == found.tax


@given(tariffs, usages(), st.sampled_from(ZONES))
def test_a_line_in_coins_is_less_than_a_coin_off(tariff: Tariff, usage: Usage, zone: str) -> None:
    found = estimate(tariff, zone, usage)
    coin = Decimal(1).scaleb(-exponent(tariff.currency))

    for line, (amount, tax) in zip(found.lines, in_coins(found), strict=True):
        assert abs(amount - line.amount) < coin
        assert abs(tax - line.tax) < coin


@given(tariffs, usages(), st.sampled_from(ZONES))
def test_limits_hold(tariff: Tariff, usage: Usage, zone: str) -> None:
    found = estimate(tariff, zone, usage)
    coin = Decimal(1).scaleb(-exponent(tariff.currency))

    assert found.subtotal is not None
    for least in filter(None, [tariff.min_price]):
        assert found.subtotal > least.excl_vat - coin
        assert total(found) > (least.incl_vat or 0) - coin
    for most in filter(None, [tariff.max_price]):
        assert found.subtotal < most.excl_vat + coin
        assert total(found) < (most.incl_vat or FAR_MORE) + coin


@given(tariffs, usages(), st.sampled_from(ZONES), st.integers(0, 60), st.integers(0, 60))
def test_free_minutes_never_raise_a_price(tariff: Tariff, usage: Usage, zone: str, some: int, more: int) -> None:
    with_some = estimate(replace(tariff, idle_grace_min=some), zone, usage)
    with_more = estimate(replace(tariff, idle_grace_min=some + more), zone, usage)

    assert total(with_more) <= total(with_some)


@given(prices, prices, prices, rates, st.integers(0, 60_000), st.integers(0, 60_000))
def test_more_energy_never_costs_less(
    flat: Decimal, first: Decimal, then: Decimal, vat: Decimal | None, some_wh: int, more_wh: int
) -> None:
    bands = (
        Element((Component(Dimension.ENERGY, first, vat=vat),), Restrictions(max_kwh=Decimal(10))),
        Element((Component(Dimension.ENERGY, then, vat=vat), Component(Dimension.FLAT, flat, vat=Decimal(20)))),
    )
    tariff = Tariff(currency="EUR", elements=bands, max_price=Limit(Decimal(100), Decimal(115)))
    start = datetime(2026, 5, 1, tzinfo=UTC)
    stays = [Usage((Period(start, start + timedelta(hours=1), Kind.CHARGING, Decimal(wh) / 1000),))
             for wh in (some_wh, some_wh + more_wh)]  # fmt: skip

    less, more = (total(estimate(tariff, "UTC", stay)) for stay in stays)

    assert less <= more


@given(prices, starts, st.integers(1, 60 * 72), st.sampled_from(ZONES))
def test_elapsed_time_is_billed_whatever_the_clock_does(price: Decimal, start: datetime, long: int, zone: str) -> None:
    usage = Usage((Period(start, start + timedelta(minutes=long)),))
    by_day = Element((Component(Dimension.TIME, price),), Restrictions(days_of_week=frozenset(range(1, 8))))

    found = estimate(Tariff(currency="EUR", elements=(by_day,)), zone, usage)

    assert found == estimate(simple("EUR", per_hour=price), zone, usage)


@given(clock_times, clock_times, starts, st.integers(1, 60 * 50), st.sampled_from(ZONES))
def test_a_band_and_the_rest_of_the_day_make_the_whole(
    begin: time, end: time, start: datetime, long: int, zone: str
) -> None:
    usage = Usage((Period(start, start + timedelta(minutes=long)),))
    hour = Component(Dimension.TIME, Decimal(60))
    tariffs = [Tariff(currency="EUR", elements=(Element((hour,), Restrictions(start_time=one, end_time=other)),))
               for one, other in ((begin, end), (end, begin))]  # fmt: skip

    inside, outside = (total(estimate(tariff, zone, usage)) for tariff in tariffs)

    assert abs(inside + outside - long * (1 if begin != end else 2)) <= Decimal("0.01")


@given(tariffs, usages(), st.sampled_from(ZONES))
def test_the_process_time_zone_does_not_matter(tariff: Tariff, usage: Usage, zone: str) -> None:
    found = []
    before = os.environ.get("TZ")
    for name in ("Pacific/Kiritimati", "America/St_Johns", before or "UTC"):
        os.environ["TZ"] = name
        process_time.tzset()
        found.append(estimate(tariff, zone, usage))
    if before is None:
        del os.environ["TZ"]
    process_time.tzset()

    assert all(one == other for one, other in pairwise(found))


@given(tariffs)
def test_a_stored_tariff_is_the_same_tariff(tariff: Tariff) -> None:
    assert tariff_from_json(tariff_to_ocpi(tariff)) == tariff
