"""The limits of a part of the day and of reservations, and reservations by the kWh: cases, then what always holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.estimate import LineKind, in_coins
from finder.domain.pricing import estimate
from finder.domain.stay_limits import overstays
from finder.domain.tariff import (
    Component,
    Dimension,
    Element,
    Limit,
    PartLimits,
    ReservationKind,
    Restrictions,
    Tariff,
    free,
    simple,
)
from finder.domain.usage import Kind, Period, ReservationSpan, Usage
from finder.domain.wall_clock import clock_cuts, in_band
from tests.rules.pricing_words import AMSTERDAM, a_stay, an_unused_reservation, at, minutes, priced, total
from tests.rules.test_pricing_growth import counted_tariffs, part_of, unrounded
from tests.rules.test_pricing_properties import ZONES, clock_times, limits, usages

ENERGY, FLAT, TIME, PARKING = Dimension.ENERGY, Dimension.FLAT, Dimension.TIME, Dimension.PARKING_TIME
RESERVED = ReservationKind.RESERVATION
DAY = Restrictions(start_time=time(8), end_time=time(18))
NIGHT = Restrictions(start_time=time(18), end_time=time(8))


def d(text: str) -> Decimal:
    return Decimal(text)


def limited(
    when: Restrictions, *, least: str | None = None, most: str | None = None, longest_min: int | None = None
) -> PartLimits:
    prices = [None if text is None else Limit(d(text)) for text in (least, most)]
    return PartLimits(restrictions=when, min_price=prices[0], max_price=prices[1], session_limit_min=longest_min)


def by_the_hour(*parts: PartLimits, vat: str | None = None) -> Tariff:
    hourly = Component(TIME, d("3"), vat=None if vat is None else d(vat))
    return Tariff(currency="EUR", elements=(Element((hourly,)),), part_limits=parts)


CHEAP_NIGHT = by_the_hour(limited(DAY, least="2", most="9"), limited(NIGHT, least="1", most="4"))
DAY_ONLY = by_the_hour(limited(DAY, most="5"))
FREE_WITH_A_LEAST = replace(free("EUR"), part_limits=(limited(DAY, least="2"),))
ONCE = Tariff(currency="EUR", elements=(Element((Component(FLAT, d("6")), Component(TIME, d("3")))),),
              part_limits=(limited(DAY, most="5"),))  # fmt: skip
BY_ENERGY = replace(simple("EUR", per_kwh=d("0.40")), part_limits=(limited(DAY, most="3"),))
IN_BLOCKS = Tariff(currency="EUR", elements=(Element((Component(TIME, d("3"), 3600),)),),
                   part_limits=(limited(NIGHT, most="1"),))  # fmt: skip
BOTH_SCOPES = replace(CHEAP_NIGHT, min_price=Limit(d("3.50")), max_price=Limit(d("10")))
MORNING, EVENING = "2019-06-03 09:00", "2019-06-03 17:30"
COSTS = [
    ("by day, at least", CHEAP_NIGHT, a_stay(MORNING, charging_min=10), "2.00"),
    ("by day, between", CHEAP_NIGHT, a_stay(MORNING, charging_min=120), "6.00"),
    ("by day, at most", CHEAP_NIGHT, a_stay(MORNING, charging_min=480), "9.00"),
    ("by night, at least", CHEAP_NIGHT, a_stay("2019-06-03 23:00", charging_min=10), "1.00"),
    ("by night, at most", CHEAP_NIGHT, a_stay("2019-06-03 20:00", charging_min=480), "4.00"),
    ("across, each part has its least", CHEAP_NIGHT, a_stay("2019-06-03 17:55", charging_min=10), "3.00"),
    ("across, one raised and one lowered", CHEAP_NIGHT, a_stay(EVENING, charging_min=300), "6.00"),
    ("across, both lowered", CHEAP_NIGHT, a_stay(MORNING, charging_min=960), "13.00"),
    ("a part counts once, on however many days", CHEAP_NIGHT, a_stay(MORNING, charging_min=3 * 1440), "13.00"),
    ("the limit begins with the part", CHEAP_NIGHT, a_stay("2019-06-03 18:00", charging_min=20), "1.00"),
    ("a part without limits has none", DAY_ONLY, a_stay(MORNING, charging_min=720), "14.00"),
    ("where nothing is charged the least still is", FREE_WITH_A_LEAST, a_stay(MORNING), "2.00"),
    ("a part that is not touched adds nothing", FREE_WITH_A_LEAST, a_stay("2019-06-03 20:00"), "0.00"),
    ("idle time touches a part too", FREE_WITH_A_LEAST, a_stay("2019-06-03 07:00", idle_min=1), "2.00"),
    ("energy belongs where it was charged", BY_ENERGY, a_stay("2019-06-03 17:00", charging_min=120, kwh="20"), "7.00"),
    ("a flat price belongs where it falls due", ONCE, a_stay(EVENING, charging_min=60), "6.50"),
    ("and to the other part if it begins there", ONCE, a_stay("2019-06-03 07:00", charging_min=120), "12.00"),
    ("what fills a block belongs to its last use", IN_BLOCKS, a_stay(EVENING, charging_min=40), "2.50"),
    ("the whole stay's least holds after the parts'", BOTH_SCOPES, a_stay("2019-06-03 17:55", charging_min=10), "3.50"),
    ("the whole stay's most holds after the parts'", BOTH_SCOPES, a_stay(MORNING, charging_min=960), "10.00"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tariff", "usage", "expected"), COSTS, ids=[case[0] for case in COSTS])
def test_a_stay_under_limits_by_part_costs(name: str, tariff: Tariff, usage: Usage, expected: str) -> None:
    assert total(tariff, usage) == expected


def test_each_limit_is_a_line_and_says_for_which_part() -> None:
    found = priced(CHEAP_NIGHT, a_stay(EVENING, charging_min=300))

    assert [(line.kind, line.quantity, line.amount) for line in found.lines] == [
        (LineKind.TIME, d("0.5"), d("1.5")), (LineKind.TIME, d("4.5"), d("13.5")),
        (LineKind.MINIMUM, 1, d("0.5")), (LineKind.MAXIMUM, 1, d("-9.5"))]  # fmt: skip
    assert found.assumptions == (
        "The stay costs at least 2 from 08:00 to 18:00.", "The stay costs at most 4 from 18:00 to 08:00.")  # fmt: skip


def test_the_tax_of_a_part_shrinks_with_its_greatest_price_and_coins_are_rounded_once() -> None:
    tariff = by_the_hour(limited(DAY, most="5.004"), limited(NIGHT, most="4.004"), vat="10")

    found = priced(tariff, a_stay(MORNING, charging_min=960))

    assert (str(found.subtotal), str(found.tax), str(found.total)) == ("9.01", "0.90", "9.91")
    assert [line.tax for line in found.lines] == [d("2.7"), d("2.1"), d("-2.1996"), d("-1.6996")]
    assert sum(amount for amount, _ in in_coins(found)) == found.subtotal


def test_a_part_has_limits_before_and_after_tax() -> None:
    day = PartLimits(restrictions=DAY, min_price=Limit(d("4"), d("5")), max_price=Limit(d("9"), d("9.5")))
    tariff = by_the_hour(day, vat="10")

    totals = [priced(tariff, a_stay(MORNING, charging_min=m)) for m in (60, 480)]

    assert [(str(one.subtotal), str(one.total)) for one in totals] == [("4.00", "5.00"), ("9.00", "9.50")]


def test_a_least_price_after_tax_and_a_greatest_before_it_leave_nothing_to_divide_by() -> None:
    tariff = replace(free("EUR"), min_price=Limit(d("0"), d("1")), max_price=Limit(d("5")))

    assert total(tariff, a_stay()) == "1.00"


def test_a_stay_that_is_too_long_for_a_part_says_so() -> None:
    tariff = by_the_hour(limited(DAY, longest_min=60), limited(NIGHT, longest_min=600))

    told = [priced(tariff, a_stay(start, charging_min=long)).assumptions
            for start, long in (("2019-06-03 17:00", 660), ("2019-06-03 16:59", 662))]  # fmt: skip

    assert told[0] == ()
    assert told[1] == (
        "The stay is longer than the 60 minutes allowed from 08:00 to 18:00.",
        "The stay is longer than the 600 minutes allowed from 18:00 to 08:00.",
    )


def test_the_time_between_two_periods_counts_towards_the_longest_stay() -> None:
    begin = at(MORNING)
    usage = Usage(tuple(Period(begin + minutes(m), begin + minutes(m + 10)) for m in (0, 60)))

    assert priced(by_the_hour(limited(DAY, longest_min=69)), usage).assumptions
    assert not priced(by_the_hour(limited(DAY, longest_min=70)), usage).assumptions


def test_a_limit_says_its_times_to_the_second_and_midnight_where_one_is_left_out() -> None:
    early = limited(Restrictions(end_time=time(8, 0, 30)), most="1")
    late = limited(Restrictions(start_time=time(22), reservation=RESERVED), longest_min=60)

    told = priced(by_the_hour(early, late), a_stay("2019-06-04 00:00", reserved_min=61)).assumptions

    assert told == (
        "The reservation is longer than the 60 minutes allowed from 22:00 to 00:00.",
        "The stay costs at most 1 from 00:00 to 08:00:30.",
    )


def test_only_what_is_reserved_in_a_part_counts_towards_its_longest_reservation() -> None:
    evening = limited(replace(NIGHT, reservation=RESERVED), longest_min=60)

    told = [priced(by_the_hour(evening), a_stay(start, reserved_min=90)).assumptions
            for start in ("2019-06-03 19:00", "2019-06-03 19:01")]  # fmt: skip

    assert told == [(), ("The reservation is longer than the 60 minutes allowed from 18:00 to 08:00.",)]


def test_the_longest_stay_goes_by_the_clock_of_the_station() -> None:
    tariff = by_the_hour(limited(DAY, longest_min=60))
    start, end = at("2019-06-03 17:00"), at("2019-06-03 20:00")

    assert list(overstays(tariff, AMSTERDAM, start, end)) == []
    assert [one.most_min for one in overstays(tariff, "UTC", start, end)] == [60]


def a_reservation_by(*parts: PartLimits, **prices: str) -> Tariff:
    components = tuple(Component(Dimension[name], d(price)) for name, price in prices.items())
    reserving = Element(components, Restrictions(reservation=RESERVED))
    return Tariff(currency="EUR", elements=(reserving,), part_limits=parts)


FOR_RESERVATIONS = Restrictions(reservation=RESERVED)
BY_HOUR = a_reservation_by(limited(FOR_RESERVATIONS, least="2", most="5", longest_min=120), TIME="3")
BY_KWH = a_reservation_by(ENERGY="0.30")
BY_PART = a_reservation_by(limited(replace(DAY, reservation=RESERVED), most="2"), TIME="3")
THEN_BY_HOUR = replace(BY_HOUR, elements=(*BY_HOUR.elements, *simple("EUR", per_hour=d("9")).elements))
EXPIRING = replace(BY_HOUR, elements=(*BY_HOUR.elements, Element(
    (Component(FLAT, d("4")),), Restrictions(reservation=ReservationKind.RESERVATION_EXPIRES))))  # fmt: skip


def reserved(kwh: str | None, *, used: bool = True, start: str = MORNING) -> Usage:
    energy = None if kwh is None else d(kwh)
    return Usage((), ReservationSpan(at(start), at(start) + minutes(60), used=used, energy_kwh=energy))


RESERVATIONS = [
    ("at least", BY_HOUR, an_unused_reservation(10), "2.00"),
    ("between", BY_HOUR, an_unused_reservation(60), "3.00"),
    ("at most", BY_HOUR, an_unused_reservation(240), "5.00"),
    ("used, at least", BY_HOUR, a_stay(reserved_min=10), "2.00"),
    ("who comes without a reservation pays no least of one", BY_HOUR, a_stay(), "0.00"),
    ("the fee for expiring is within the limit", EXPIRING, an_unused_reservation(60), "5.00"),
    ("by part of the day", BY_PART, an_unused_reservation(120, "2019-06-03 17:00"), "5.00"),
    ("the session after it has no limit of reservations", THEN_BY_HOUR, a_stay(reserved_min=10), "11.00"),
    ("by the kWh, used", BY_KWH, reserved("10"), "3.00"),
    ("by the kWh, not used", BY_KWH, reserved("10", used=False), "3.00"),
    ("by the kWh, none", BY_KWH, reserved("0"), "0.00"),
    ("by the kWh, what was charged", BY_KWH, a_stay(kwh="20", idle_min=30, reserved_min=10), "6.00"),
    ("by the kWh and the hour", a_reservation_by(ENERGY="0.30", TIME="1"), reserved("10"), "4.00"),
    ("the energy is reserved evenly", Tariff(currency="EUR", elements=(
        Element((Component(ENERGY, d("1")),), replace(DAY, reservation=RESERVED)),)),
     reserved("10", start=EVENING), "5.00"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tariff", "usage", "expected"), RESERVATIONS, ids=[case[0] for case in RESERVATIONS])
def test_a_reservation_costs(name: str, tariff: Tariff, usage: Usage, expected: str) -> None:
    assert total(tariff, usage) == expected


def test_reserved_energy_is_a_line_of_its_own() -> None:
    found = priced(BY_KWH, a_stay(kwh="20", reserved_min=10))

    assert [(line.kind, line.quantity, line.unit) for line in found.lines] == [(LineKind.RESERVATION_ENERGY, 20, "kWh")]
    assert found.assumptions == ("Energy reserved assumed: 20 kWh, what is charged.",)
    assert priced(BY_KWH, reserved("20")).assumptions == ()
    assert priced(BY_KWH, a_stay(kwh="0", reserved_min=10)).assumptions == (
        "Energy reserved assumed: 0 kWh, what is charged.",
    )


def test_what_is_said_to_be_reserved_counts_and_not_what_is_charged() -> None:
    usage = a_stay(kwh="20", reserved_min=10)
    assert usage.reservation is not None

    found = priced(BY_KWH, replace(usage, reservation=replace(usage.reservation, energy_kwh=d("10"))))

    assert (found.total, found.assumptions) == (d("3.00"), ())


@pytest.mark.parametrize("usage", [reserved(None), an_unused_reservation(60), a_stay(reserved_min=10)])
def test_a_reservation_by_the_kwh_needs_its_energy(usage: Usage) -> None:
    found = priced(BY_KWH, usage)

    assert (found.total, found.reason, found.assumptions) == (None, "energy_unknown", ())


def test_reserved_energy_that_costs_nothing_need_not_be_known() -> None:
    found = priced(a_reservation_by(ENERGY="0", FLAT="2"), reserved(None))

    assert (found.total, found.assumptions) == (2, ())


def test_a_reservation_says_that_it_is_too_long_and_what_its_limits_are() -> None:
    assert priced(BY_HOUR, an_unused_reservation(121)).assumptions == (
        "The reservation is longer than the 120 minutes allowed.", "The reservation costs at most 5.")  # fmt: skip
    assert priced(BY_HOUR, an_unused_reservation(10)).assumptions == ("The reservation costs at least 2.",)


@st.composite
def two_parts(draw: st.DrawFn) -> tuple[PartLimits, ...]:
    """The limits of both parts of a day, or of one, with tax."""
    begin, end = draw(st.lists(clock_times, min_size=2, max_size=2, unique=True))
    spans = draw(st.sampled_from([((begin, end), (end, begin)), ((begin, end),)]))
    return tuple(
        PartLimits(
            restrictions=Restrictions(start_time=one, end_time=other),
            min_price=draw(limits(0, 3)),
            max_price=draw(limits(4, 60)),
        )
        for one, other in spans
    )


def a_watt_hour_a_second(usage: Usage) -> Usage:
    """The usage, charged so evenly that every piece of whole seconds has whole watt-hours: no step is filled up."""
    return Usage(tuple(with_its_energy(period) for period in usage.periods))


def with_its_energy(period: Period) -> Period:
    wh = (period.end - period.start) // timedelta(seconds=1)
    return replace(period, energy_kwh=Decimal(wh) / 1000 if period.kind is Kind.CHARGING else None)


def cut_by_part(
    usage: Usage, parts: tuple[PartLimits, ...], zone: ZoneInfo
) -> Iterator[tuple[PartLimits | None, Period]]:
    """The periods in pieces that each lie in one part of the day."""
    edges = {edge for part in parts for edge in span_of(part)}
    for period in usage.periods:
        cuts = sorted({period.start, period.end, *clock_cuts(period.start, period.end, edges, zone)})
        for begin, end in pairwise(cuts):
            shown = (begin + (end - begin) / 2).astimezone(zone).time()
            inside = (part for part in parts if in_band(shown, *span_of(part)))
            yield next(inside, None), with_its_energy(replace(period, start=begin, end=end))


def span_of(part: PartLimits) -> tuple[time, time]:
    assert part.restrictions.start_time is not None
    assert part.restrictions.end_time is not None
    return part.restrictions.start_time, part.restrictions.end_time


@given(counted_tariffs, two_parts(), usages(), st.sampled_from(ZONES))
def test_without_blocks_each_part_costs_what_it_costs_as_a_stay_with_its_limits(
    tariff: Tariff, parts: tuple[PartLimits, ...], usage: Usage, zone: str
) -> None:
    pieces = list(cut_by_part(usage, parts, ZoneInfo(zone)))

    whole = unrounded(estimate(replace(tariff, part_limits=parts), zone, a_watt_hour_a_second(usage)))

    apart = []
    for part in (*parts, None):
        inside = tuple(period for found, period in pieces if found is part)
        alone = replace(tariff, min_price=part and part.min_price, max_price=part and part.max_price)
        apart += [unrounded(estimate(alone, zone, Usage(inside)))] if inside else []
    assert abs(whole - sum(apart)) < Decimal("1e-15")


@given(counted_tariffs, two_parts(), usages(), st.sampled_from(ZONES), st.integers(1, 999))
def test_without_blocks_a_stay_cut_short_anywhere_never_costs_more(
    tariff: Tariff, parts: tuple[PartLimits, ...], usage: Usage, zone: str, cut: int
) -> None:
    limited_tariff = replace(tariff, part_limits=parts)
    shorter = Usage((*usage.periods[:-1], part_of(usage.periods[-1], 0, cut)))

    costs = [estimate(limited_tariff, zone, one).total for one in (shorter, Usage(usage.periods))]

    assert costs == sorted(costs, key=lambda cost: cost or Decimal(0))


@given(two_parts(), usages(), st.sampled_from(ZONES), st.decimals(0, 50, places=3))
def test_more_energy_never_costs_less_under_limits_by_part(
    parts: tuple[PartLimits, ...], usage: Usage, zone: str, more: Decimal
) -> None:
    tariff = replace(simple("EUR", per_kwh=d("0.40"), per_hour=d("1")), part_limits=parts)
    first = usage.periods[0]
    fuller = replace(first, kind=Kind.CHARGING, energy_kwh=(first.energy_kwh or Decimal(0)) + more)
    emptier = replace(first, kind=Kind.CHARGING, energy_kwh=first.energy_kwh or Decimal(0))

    costs = [estimate(tariff, zone, Usage((one, *usage.periods[1:]))).total for one in (emptier, fuller)]

    assert costs == sorted(costs, key=lambda cost: cost or Decimal(0))


def test_two_stays_have_two_least_prices_and_two_greatest_so_limits_do_not_add_up() -> None:
    """Additivity over stays cannot hold under limits, of a part or of the whole: a limit is that of one stay."""
    costs = [total(CHEAP_NIGHT, a_stay(MORNING, charging_min=m)) for m in (10, 20, 240, 480)]

    assert costs == ["2.00", "2.00", "9.00", "9.00"]


def test_a_greatest_price_before_tax_only_can_make_a_longer_stay_cheaper_after_it() -> None:
    """Growth holds after tax only where the limit says what it is after tax, or all has one rate, as in the guide.

    The tax shrinks in step with the price, and more of what bears no tax makes its share of the price less.
    """
    taxed, untaxed = Component(FLAT, d("10"), vat=d("20")), Component(TIME, d("10"))
    tariff = Tariff(currency="EUR", elements=(Element((taxed, untaxed)),), part_limits=(limited(DAY, most="10"),))

    shorter, longer = (priced(tariff, a_stay(MORNING, charging_min=m)) for m in (60, 180))

    assert (shorter.subtotal, longer.subtotal) == (10, 10)
    assert (str(shorter.total), str(longer.total)) == ("11.00", "10.50")


def test_a_span_of_the_reservation_is_checked() -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    with pytest.raises(Exception, match="not valid") as refusal:
        Usage((), ReservationSpan(moment, moment + timedelta(hours=1), energy_kwh=d("-1")))

    assert refusal.value.errors[0]["pointer"] == "/reservation/energy_kwh"  # type: ignore[attr-defined]
