"""A stay in parts costs what it costs whole, and more of it never costs less; blocks are the exception, by example."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finder.domain.estimate import Estimate
from finder.domain.pricing import estimate
from finder.domain.tariff import UNRESTRICTED, Component, Dimension, Element, Restrictions, Tariff
from finder.domain.usage import Period, Usage
from tests.rules.pricing_words import a_stay
from tests.rules.pricing_words import total as total_of
from tests.rules.test_pricing_properties import ZONES, clock_times, prices, rates, tariffs, total, usages

THOUSANDTHS = st.sets(st.integers(1, 999), min_size=1, max_size=6)
COUNTED = (Dimension.ENERGY, Dimension.TIME, Dimension.PARKING_TIME)
by_the_clock = st.builds(
    Restrictions,
    start_time=st.none() | clock_times,
    end_time=st.none() | clock_times,
    days_of_week=st.frozensets(st.integers(1, 7), max_size=3),
)
counted = st.builds(Component, st.sampled_from(COUNTED), prices, st.just(1), rates)
counted_elements = st.builds(
    Element,
    st.lists(counted, min_size=1, max_size=3, unique_by=lambda c: c.dimension).map(tuple),
    st.just(UNRESTRICTED) | by_the_clock,
)
counted_tariffs = st.builds(Tariff, currency=st.just("EUR"), elements=st.lists(counted_elements, max_size=4).map(tuple))


def parts_of(period: Period, cuts: set[int]) -> list[Period]:
    """The period cut at some of its thousandths, each part with its share of the energy."""
    return [part_of(period, begin, end) for begin, end in pairwise([0, *sorted(cuts), 1000])]


def part_of(period: Period, begin: int, end: int) -> Period:
    step = (period.end - period.start) / 1000
    energy = None if period.energy_kwh is None else period.energy_kwh * (end - begin) / 1000
    return replace(period, start=period.start + step * begin, end=period.start + step * end, energy_kwh=energy)


def without_blocks(tariff: Tariff) -> Tariff:
    """The tariff with every step a single watt-hour or second."""
    elements = (replace(e, components=tuple(replace(c, step_size=1) for c in e.components)) for e in tariff.elements)
    return replace(tariff, elements=tuple(elements))


def unrounded(found: Estimate) -> Decimal:
    return sum((line.amount + line.tax for line in found.lines), Decimal(0))


@given(tariffs, usages(), st.sampled_from(ZONES), THOUSANDTHS)
def test_a_stay_told_in_any_parts_costs_the_same(tariff: Tariff, usage: Usage, zone: str, cuts: set[int]) -> None:
    parts = tuple(part for period in usage.periods for part in parts_of(period, cuts))

    split = estimate(tariff, zone, Usage(parts, usage.reservation))

    assert total(split) == total(estimate(tariff, zone, usage))


@given(counted_tariffs, usages(), st.sampled_from(ZONES))
def test_without_blocks_stays_cost_apart_what_they_cost_together(tariff: Tariff, usage: Usage, zone: str) -> None:
    together = estimate(tariff, zone, Usage(usage.periods))

    apart = [estimate(tariff, zone, Usage((period,))) for period in usage.periods]

    assert abs(sum(map(unrounded, apart)) - unrounded(together)) < Decimal("1e-20")


@given(tariffs.map(without_blocks), usages(), st.sampled_from(ZONES))
def test_without_blocks_a_stay_that_goes_on_never_costs_less(tariff: Tariff, usage: Usage, zone: str) -> None:
    stays = [Usage(usage.periods[:count], usage.reservation) for count in range(1, len(usage.periods) + 1)]

    totals = [total(estimate(tariff, zone, stay)) for stay in stays]

    assert totals == sorted(totals)


def test_blocks_make_two_stays_dearer_than_one() -> None:
    by_the_quarter, by_the_second = (hourly(charging="3", idle="0", step=step) for step in (900, 1))

    prices = [(total_of(tariff, a_stay(charging_min=40)), total_of(tariff, a_stay(charging_min=20)))
              for tariff in (by_the_quarter, by_the_second)]  # fmt: skip

    assert prices == [("2.25", "1.50"), ("2.00", "1.00")]


def test_blocks_make_a_stay_cheaper_that_goes_on_in_a_cheaper_block() -> None:
    tariff = hourly(charging="3", idle="0", step=900)

    assert total_of(tariff, a_stay(charging_min=21)) == "1.50"
    assert total_of(tariff, a_stay(charging_min=21, idle_min=1)) == "1.05"


def hourly(charging: str, idle: str, step: int) -> Tariff:
    prices = {Dimension.TIME: charging, Dimension.PARKING_TIME: idle}
    components = tuple(Component(dimension, Decimal(price), step) for dimension, price in prices.items())
    return Tariff(currency="EUR", elements=(Element(components),))
