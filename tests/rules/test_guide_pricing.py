"""The guide's pricing: what it costs, what is refused, and that it is a tariff and back without loss."""

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from finder.domain.guide_pricing import Basis, ByLength, GuidePart, GuidePricing
from finder.domain.guide_pricing_json import guide_pricing_from_json, guide_pricing_to_json, tariff_from_either
from finder.domain.guide_tariff import tariff_from_guide
from finder.domain.guide_view import guide_from_tariff
from finder.domain.ocpi_tariff import InvalidTariff, tariff_from_ocpi, tariff_to_ocpi
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
    free,
    simple,
)
from finder.domain.usage import Usage
from tests.rules.pricing_words import a_stay, an_unused_reservation, total
from tests.rules.test_pricing_properties import ZONES, tariffs, usages


def a_document(kind: str = "NONE", *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "currency": "USD", "parts": list(parts) or [{}]} | more


def guide(kind: str, *parts: dict[str, Any], basis: str = "CHARGE") -> Tariff:
    return tariff_from_guide(guide_pricing_from_json(a_document(kind, *parts, basis=basis)))


HOUR, SESSION, KWH = "unit_price_per_hour", "unit_price_per_session", "unit_price_per_kwh"
DAY, NIGHT = {"start_time": "08:00:00", "end_time": "18:00:00"}, {"start_time": "18:00:00", "end_time": "08:00:00"}
LONGER = {"unit_price_for_first": "1.00", "first_duration_hours": 2, "unit_price_per_hour_thereafter": "4.00"}
FIRST_FREE = LONGER | {"unit_price_for_first": 0}
SAMPLE_41613 = guide("NONE", {"start_time": "00:00:00", "end_time": "24:00:00", "min_price": "0.50",
                              "max_price": None, HOUR: "1.50"})  # fmt: skip
SAMPLE_HOURLY = guide("HOURLY", {"min_price": "0.00", "max_price": "0.00", HOUR: "1.00", SESSION: "0.00",
                                 "session_time_hours": "24"})  # fmt: skip
BY_SESSION = guide("SESSION", {SESSION: "2.00"})
BY_HOUR = guide("HOURLY", {HOUR: "1.50"})
BY_KWH = guide("KWH", {KWH: "0.30"})
ALL_THREE = guide("NONE", {SESSION: "1.00", HOUR: "0.50", KWH: "0.20"})
LIMITED = guide("HOURLY", {HOUR: "1.50", "min_price": "1.00", "max_price": "5.00"})
BY_LENGTH = guide("LENGTH_OF_TIME", LONGER)
BY_DAY = guide("TIME_OF_DAY", DAY | {HOUR: "1.50"}, NIGHT | {HOUR: "0.50"})
FREE_AT_NIGHT = guide("TIME_OF_DAY", DAY | {HOUR: "1.50", SESSION: "2.00"}, NIGHT)
RESERVED_BY_HOUR = guide("HOURLY", {HOUR: "1.50"}, basis="RESERVATION")
RESERVED_BY_LENGTH = guide("LENGTH_OF_TIME", LONGER, basis="RESERVATION")
LIMITED_BY_PART = guide("TIME_OF_DAY", DAY | {HOUR: "1.50", "min_price": "1.00", "max_price": "6.00"},
                        NIGHT | {HOUR: "0.50", "max_price": "2.00", "session_time_hours": 12})  # fmt: skip
RESERVED_WITH_LIMITS = guide("HOURLY", {HOUR: "1.50", "min_price": "1.00", "max_price": "4.00"}, basis="RESERVATION")
RESERVED_BY_KWH = guide("KWH", {KWH: "0.30"}, basis="RESERVATION")
LONGER_BY_DAY = guide("TIME_OF_DAY", DAY | LONGER, NIGHT | {KWH: "0.30"})

COSTS = [
    ("none is free", guide("NONE"), a_stay(kwh="20"), "0.00"),
    ("per session, short", BY_SESSION, a_stay(charging_min=5), "2.00"),
    ("per session, long", BY_SESSION, a_stay(charging_min=600, kwh="50"), "2.00"),
    ("hourly", BY_HOUR, a_stay(charging_min=90), "2.25"),
    ("hourly is how long the vehicle charges", BY_HOUR, a_stay(charging_min=90, idle_min=60), "2.25"),
    ("per kWh", BY_KWH, a_stay(kwh="12.5"), "3.75"),
    ("any combination is added up", ALL_THREE, a_stay(charging_min=120, kwh="10"), "4.00"),
    ("at least minPrice", LIMITED, a_stay(charging_min=10), "1.00"),
    ("between the limits", LIMITED, a_stay(charging_min=120), "3.00"),
    ("at most maxPrice", LIMITED, a_stay(charging_min=600), "5.00"),
    ("by length of time, first part", BY_LENGTH, a_stay(charging_min=120), "2.00"),
    ("by length of time, thereafter", BY_LENGTH, a_stay(charging_min=180), "6.00"),
    ("first two hours free", guide("LENGTH_OF_TIME", FIRST_FREE), a_stay(charging_min=150), "2.00"),
    ("time of day, by day", BY_DAY, a_stay("2019-06-03 09:00", charging_min=60), "1.50"),
    ("time of day, by night", BY_DAY, a_stay("2019-06-03 23:30", charging_min=60), "0.50"),
    ("time of day, across both", BY_DAY, a_stay("2019-06-03 17:00", charging_min=120), "2.00"),
    ("the session's price is that of its start", FREE_AT_NIGHT, a_stay("2019-06-03 07:00", charging_min=120), "1.50"),
    ("a free night", FREE_AT_NIGHT, a_stay("2019-06-03 17:00", charging_min=120), "3.50"),
    ("by length of time by day only", LONGER_BY_DAY, a_stay("2019-06-03 15:00", charging_min=180, kwh="9"), "6.00"),
    ("by kWh at night", LONGER_BY_DAY, a_stay("2019-06-03 18:00", charging_min=180, kwh="9"), "2.70"),
    ("the sample 1:41613 for ten minutes", SAMPLE_41613, a_stay(charging_min=10), "0.50"),
    ("the sample 1:41613 for two hours", SAMPLE_41613, a_stay(charging_min=120), "3.00"),
    ("a maxPrice of 0.00 is none", SAMPLE_HOURLY, a_stay(charging_min=120), "2.00"),
    ("a reservation per hour", RESERVED_BY_HOUR, an_unused_reservation(120), "3.00"),
    ("a reservation by length", RESERVED_BY_LENGTH, an_unused_reservation(180), "6.00"),
    ("a reservation once", guide("SESSION", {SESSION: "2"}, basis="RESERVATION"), an_unused_reservation(10), "2.00"),
    ("each part has its least", LIMITED_BY_PART, a_stay("2019-06-03 17:50", charging_min=20), "1.08"),
    ("each part has its most", LIMITED_BY_PART, a_stay("2019-06-03 12:00", charging_min=900), "8.00"),
    ("a reservation's least", RESERVED_WITH_LIMITS, an_unused_reservation(10), "1.00"),
    ("a reservation's most", RESERVED_WITH_LIMITS, an_unused_reservation(600), "4.00"),
    ("without a reservation there is no least", RESERVED_WITH_LIMITS, a_stay(), "0.00"),
    ("a reservation per kWh", RESERVED_BY_KWH, a_stay(kwh="10", reserved_min=15), "3.00"),
    ("who paid to reserve charges free", RESERVED_BY_HOUR, a_stay(kwh="9"), "0.00"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tariff", "usage", "expected"), COSTS, ids=[case[0] for case in COSTS])
def test_a_stay_under_the_guides_pricing_costs(name: str, tariff: Tariff, usage: Usage, expected: str) -> None:
    assert total(tariff, usage) == expected


def test_the_longest_session_is_hours() -> None:
    assert SAMPLE_HOURLY.session_limit_min == 24 * 60


def test_a_part_keeps_its_own_longest_session() -> None:
    assert LIMITED_BY_PART.session_limit_min is None
    assert [part.session_limit_min for part in LIMITED_BY_PART.part_limits] == [None, 720]


def test_no_price_at_all_is_the_free_tariff() -> None:
    assert guide("NONE") == free("USD")


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        (({},), "NONE"), (({HOUR: 1},), "HOURLY"), (({SESSION: 1},), "SESSION"), (({KWH: 1},), "KWH"),
        ((LONGER,), "LENGTH_OF_TIME"), (({HOUR: 1, KWH: 1},), "NONE"),
        ((DAY | {HOUR: 1}, NIGHT | {KWH: 1}), "TIME_OF_DAY"),
    ],
)  # fmt: skip
def test_the_type_follows_from_the_prices(parts: tuple[dict[str, Any], ...], word: str) -> None:
    assert guide_pricing_from_json(a_document("NONE", *parts)).type == word


FAULTS = [
    ({}, "/type"),
    (a_document(currency=None), "/currency"),
    (a_document(currency="dollars"), "/currency"),
    (a_document("MONTHLY"), "/type"),
    (a_document(basis="BOTH"), "/basis"),
    (a_document(basis=["CHARGE", "RESERVATION"]), "/basis"),
    (a_document(price=1), "/price"),
    (a_document(parts=None), "/parts"),
    (a_document(parts="free"), "/parts"),
    (a_document(parts=[1]), "/parts/0"),
    (a_document("NONE", {}, {}, {}), "/parts"),
    (a_document("TIME_OF_DAY", {HOUR: 1}), "/parts"),
    (a_document("HOURLY", {}), f"/parts/0/{HOUR}"),
    (a_document("SESSION", {HOUR: 1}), f"/parts/0/{SESSION}"),
    (a_document("KWH", {HOUR: 1}), f"/parts/0/{KWH}"),
    (a_document("LENGTH_OF_TIME", {HOUR: 1}), "/parts/0/unit_price_for_first"),
    (a_document("NONE", {"unit_price_per_week": 1}), "/parts/0/unit_price_per_week"),
    (a_document("NONE", {HOUR: -1}), f"/parts/0/{HOUR}"),
    (a_document("NONE", {HOUR: "NaN"}), f"/parts/0/{HOUR}"),
    (a_document("NONE", {HOUR: True}), f"/parts/0/{HOUR}"),
    (a_document("NONE", {"min_price": -1}), "/parts/0/min_price"),
    (a_document("NONE", {"min_price": 2, "max_price": 1}), "/parts/0/max_price"),
    (a_document("NONE", {"session_time_hours": -1}), "/parts/0/session_time_hours"),
    (a_document("NONE", {"session_time_hours": 10**11}), "/parts/0/session_time_hours"),
    (a_document("NONE", LONGER | {HOUR: 1}), f"/parts/0/{HOUR}"),
    (a_document("NONE", LONGER | {"first_duration_hours": 0}), "/parts/0/first_duration_hours"),
    (a_document("NONE", {"first_duration_hours": 2}), "/parts/0/unit_price_for_first"),
    (a_document("NONE", {"unit_price_for_first": 2}), "/parts/0/unit_price_per_hour_thereafter"),
    (a_document("NONE", {"start_time": "8"}), "/parts/0/start_time"),
    (a_document("NONE", {"end_time": "25:00:00"}), "/parts/0/end_time"),
    (a_document("NONE", DAY), "/parts/0"),
    (a_document("NONE", NIGHT), "/parts/0"),
    (a_document("NONE", DAY, DAY), "/parts/1"),
    (a_document("NONE", DAY, {"start_time": "17:00:00", "end_time": "08:00:00"}), "/parts/1"),
    (a_document("NONE", DAY, {"start_time": "18:00:00", "end_time": "07:00:00"}), "/parts/1"),
    (a_document("NONE", DAY, {"start_time": "18:00:00", "end_time": "18:00:00"}), "/parts/1/end_time"),
    (a_document("NONE", DAY, NIGHT | {"max_price": -4}), "/parts/1/max_price"),
    (a_document("NONE", DAY, NIGHT | {"min_price": 4, "max_price": 3}), "/parts/1/max_price"),
    (a_document("NONE", DAY, NIGHT | {"session_time_hours": "0.001"}), "/parts/1/session_time_hours"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "pointer"), FAULTS)
def test_a_fault_is_refused_and_pointed_at(document: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidTariff) as refusal:
        guide_pricing_from_json(document, pointer="/tariff")

    assert f"/tariff{pointer}" in [error["pointer"] for error in refusal.value.errors]


@pytest.mark.parametrize(
    ("other", "words"), [("17:00:00", "overlap"), ("19:00:00", "without a price"), ("07:30:00", "without a price")]
)
def test_two_parts_that_do_not_fit_say_how(other: str, words: str) -> None:
    with pytest.raises(InvalidTariff) as refusal:
        guide_pricing_from_json(a_document("NONE", DAY, {"start_time": other, "end_time": "08:00:00"}))

    assert words in refusal.value.errors[0]["detail"]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidTariff) as refusal:
        guide_pricing_from_json(a_document("HOURLY", {"min_price": -1, "tax": 3}, currency=""))

    assert len(refusal.value.errors) == 4


@pytest.mark.parametrize(("hours", "seconds"), [("0.5", 1800), ("0.3333", 1200), ("1.25", 4500), (2, 7200)])
def test_hours_are_read_to_the_nearest_second(hours: str | int, seconds: int) -> None:
    pricing = guide_pricing_from_json(a_document("NONE", LONGER | {"first_duration_hours": hours}))

    assert pricing.parts[0].by_length == ByLength(
        price_for_first=Decimal(1), duration_s=seconds, price_thereafter=Decimal(4)
    )


def test_either_form_is_taken() -> None:
    tariff = simple("USD", per_hour=Decimal("1.50"))

    assert tariff_from_either(a_document("HOURLY", {HOUR: "1.50"})) == tariff
    assert tariff_from_either(tariff_to_ocpi(tariff)) == tariff


prices = st.none() | st.decimals("0.01", 20, places=2)
not_negative: st.SearchStrategy[Decimal] = st.decimals(0, 20, places=2)
day_times = st.times().map(lambda shown: shown.replace(microsecond=0))
lengths = st.builds(
    ByLength, price_for_first=not_negative, duration_s=st.integers(1, 200_000), price_thereafter=not_negative
)


@st.composite
def some_parts(draw: st.DrawFn, begin: time, end: time) -> GuidePart:
    by_length = draw(st.none() | lengths)
    return GuidePart(
        start_time=begin,
        end_time=end,
        per_hour=None if by_length else draw(prices),
        per_session=draw(prices),
        per_kwh=draw(prices),
        by_length=by_length,
        min_price=draw(st.none() | st.decimals("0.01", 3, places=2)),
        max_price=draw(st.none() | st.decimals("3.00", 50, places=2)),
        session_time_min=draw(st.none() | st.integers(1, 10_000)),
    )


@st.composite
def guide_pricings(draw: st.DrawFn) -> GuidePricing:
    begin, end = draw(day_times), draw(day_times)
    spans = [(begin, end), (end, begin)] if begin != end and draw(st.booleans()) else [(time(0), time(0))]
    return GuidePricing(
        currency=draw(st.sampled_from(["USD", "EUR", "JPY"])),
        parts=tuple(draw(some_parts(*span)) for span in spans),
        basis=draw(st.sampled_from(Basis)),
    )


@settings(deadline=None)
@given(guide_pricings())
def test_a_pricing_is_a_tariff_and_back_without_loss(pricing: GuidePricing) -> None:
    tariff = tariff_from_guide(pricing)

    view = guide_from_tariff(tariff)

    assert (view.pricing, view.not_expressible) == (pricing, ())
    assert view.pricing is not None
    assert view.pricing.type is pricing.type


@settings(deadline=None)
@given(guide_pricings())
def test_a_pricing_is_json_and_back_without_loss(pricing: GuidePricing) -> None:
    document = guide_pricing_to_json(pricing)

    assert guide_pricing_from_json(document) == pricing
    assert document["type"] == pricing.type


@settings(deadline=None)
@given(guide_pricings())
def test_the_tariff_of_a_pricing_is_one_that_ocpi_takes(pricing: GuidePricing) -> None:
    tariff = tariff_from_guide(pricing)

    assert tariff_from_ocpi(tariff_to_ocpi(tariff)) == tariff


@settings(deadline=None)
@given(tariffs)
def test_every_tariff_has_a_view_that_names_what_it_leaves_out(tariff: Tariff) -> None:
    view = guide_from_tariff(tariff)

    assert view.pricing is not None or view.not_expressible
    assert all(one.pointer.startswith("/") and one.reason for one in view.not_expressible)


few_times = st.sampled_from([None, time(0), time(8), time(18)])
few_lengths = st.sampled_from([None, 3600, 7200])
few_restrictions = st.builds(
    Restrictions,
    start_time=few_times,
    end_time=few_times,
    min_duration_s=few_lengths,
    max_duration_s=few_lengths,
    reservation=st.sampled_from([None, None, ReservationKind.RESERVATION]),
)
few_components = st.builds(
    Component,
    st.sampled_from([Dimension.FLAT, Dimension.TIME, Dimension.TIME, Dimension.ENERGY]),
    st.sampled_from([Decimal(0), Decimal("1.37"), Decimal("2.41")]),
)
plain_elements = st.builds(
    Element, st.lists(few_components, min_size=1, max_size=3).map(tuple), st.just(UNRESTRICTED) | few_restrictions
)
few_part_limits = st.builds(
    PartLimits,
    restrictions=st.builds(
        Restrictions,
        start_time=st.just(time(8)),
        end_time=st.just(time(18)),
        reservation=st.sampled_from([None, None, ReservationKind.RESERVATION]),
    )
    | st.just(Restrictions(start_time=time(18), end_time=time(8))),
    min_price=st.none() | st.just(Limit(Decimal("1.50"))),
    max_price=st.none() | st.just(Limit(Decimal(4))),
)
plain_tariffs = st.builds(
    Tariff,
    currency=st.just("EUR"),
    elements=st.lists(plain_elements, max_size=3).map(tuple),
    min_price=st.none() | st.just(Limit(Decimal("1.50"))),
    max_price=st.none() | st.just(Limit(Decimal(9))),
    part_limits=st.lists(few_part_limits, max_size=2, unique_by=lambda part: part.restrictions).map(tuple),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(plain_tariffs, usages(), st.sampled_from(ZONES))
def test_what_the_guide_says_without_a_remark_costs_the_same(tariff: Tariff, usage: Usage, zone: str) -> None:
    view = guide_from_tariff(tariff)
    assume(view.pricing and not view.not_expressible)
    assert view.pricing is not None

    costs = [estimate(one, zone, usage).total for one in (tariff, tariff_from_guide(view.pricing))]

    assert None not in costs
    assert abs((costs[0] or Decimal(0)) - (costs[1] or Decimal(0))) <= Decimal("0.01")


def an_element(*components: dict[str, Any], **restrictions: Any) -> dict[str, Any]:
    return {"price_components": list(components), "restrictions": restrictions}


def by(kind: str, price: str = "1", **more: Any) -> dict[str, Any]:
    return {"type": kind, "price": price} | more


ELEMENT, PART = "/elements/0", "/elements/0/price_components/0"
FIRST_FLAT_LATER_NOT = [an_element(by("FLAT"), max_duration=60), an_element(by("TIME"))]
THREE_LENGTHS = [an_element(by("TIME", price), max_duration=60 * int(price)) for price in "123"]
THREE_TIMES_OF_DAY = [an_element(by("TIME", "1"), start_time="06:00", end_time="09:00"),
                      an_element(by("TIME", "2"), start_time="09:00", end_time="18:00")]  # fmt: skip
NOT_IN_THE_GUIDE = [
    ([an_element(by("PARKING_TIME"), by("TIME"))], {}, [PART], True),
    ([an_element(by("TIME", vat="20"))], {}, [f"{PART}/vat"], True),
    ([an_element(by("TIME", vat="0"))], {}, [f"{PART}/vat"], True),
    ([an_element(by("TIME", step_size=60))], {}, [f"{PART}/step_size"], True),
    ([an_element(by("TIME"))], {"idle_grace_min": 15}, ["/idle_grace_min"], True),
    ([an_element(by("TIME"))], {"start_date_time": "2026-01-01T00:00:00Z"}, ["/start_date_time"], True),
    ([an_element(by("TIME"))], {"end_date_time": "2026-01-01T00:00:00Z"}, ["/end_date_time"], True),
    ([an_element(by("TIME"))], {"tariff_alt_text": [{"language": "en", "text": "a"}]}, ["/tariff_alt_text"], True),
    ([an_element(by("TIME"))], {"tariff_alt_url": "https://a.example/"}, ["/tariff_alt_url"], True),
    ([an_element(by("TIME"))], {"min_price": {"excl_vat": 1, "incl_vat": 2}}, ["/min_price/incl_vat"], True),
    ([an_element(by("TIME"))], {"max_price": {"excl_vat": 1, "incl_vat": 2}}, ["/max_price/incl_vat"], True),
    ([an_element(by("TIME"))], {"max_price": {"excl_vat": 0}}, ["/max_price"], False),
    ([an_element(by("FLAT"), reservation="RESERVATION_EXPIRES"), an_element(by("TIME"))], {}, [ELEMENT], True),
    ([an_element(by("FLAT"), reservation="RESERVATION"), an_element(by("TIME"))], {}, [ELEMENT], True),
    ([an_element(by("TIME"), day_of_week=["MONDAY"])], {}, [f"{ELEMENT}/restrictions/day_of_week"], False),
    ([an_element(by("TIME"), start_date="2026-01-01")], {}, [f"{ELEMENT}/restrictions/start_date"], False),
    ([an_element(by("ENERGY"), max_kwh=20)], {}, [f"{ELEMENT}/restrictions/max_kwh"], False),
    ([an_element(by("TIME"), min_power=20)], {}, [f"{ELEMENT}/restrictions/min_power"], False),
    ([an_element(by("TIME"), min_current=20)], {}, [f"{ELEMENT}/restrictions/min_current"], False),
    ([an_element(by("ENERGY"), max_duration=60)], {}, [f"{ELEMENT}/restrictions"], False),
    (FIRST_FLAT_LATER_NOT, {}, [f"{ELEMENT}/restrictions"], False),
    ([an_element(by("FLAT"), start_time="08:00")], {}, ["/elements"], False),
    (THREE_LENGTHS, {}, ["/elements"], False),
    (THREE_TIMES_OF_DAY, {}, ["/elements"], False),
]  # fmt: skip


@pytest.mark.parametrize(("elements", "more", "pointers", "told"), NOT_IN_THE_GUIDE)
def test_what_the_guide_cannot_say_is_marked(
    elements: list[dict[str, Any]], more: dict[str, Any], pointers: list[str], told: bool
) -> None:
    view = guide_from_tariff(tariff_from_ocpi({"currency": "EUR", "elements": elements} | more))

    assert [one.pointer for one in view.not_expressible] == pointers
    assert all(one.reason for one in view.not_expressible)
    assert (view.pricing is not None) == told


BY_DAY_ALONE = [an_element(by("TIME", "1.50"), start_time="08:00", end_time="18:00"), an_element(by("TIME", "0.50"))]
RESERVING_ALONE = [an_element(by("TIME"), reservation="RESERVATION")]
RESERVING_BY_DAY = [an_element(by("TIME"), reservation="RESERVATION", end_time="08:00"),
                    an_element(by("TIME", "2"), reservation="RESERVATION")]  # fmt: skip
FOUR = {"excl_vat": 4}
FROM_8_TO_18 = {"start_time": "08:00", "end_time": "18:00"}
LIMITS_NOT_IN_THE_GUIDE = [
    (BY_DAY_ALONE, {"max_price": FOUR}, ["/max_price"]),
    (BY_DAY_ALONE, {"min_price": FOUR, "session_limit_min": 9}, ["/min_price", "/session_limit_min"]),
    (RESERVING_ALONE, {"min_price": FOUR}, ["/min_price"]),
    (RESERVING_BY_DAY, {"part_limits": [{"restrictions": {"reservation": "RESERVATION"}, "max_price": FOUR}]},
     ["/part_limits/0"]),
    (BY_DAY_ALONE, {"part_limits": [{"restrictions": {"reservation": "RESERVATION"}, "max_price": FOUR}]},
     ["/part_limits/0"]),
    (BY_DAY_ALONE, {"part_limits": [{"restrictions": {"end_time": "08:00"}, "session_limit_min": 9}]}, ["/elements"]),
    (BY_DAY_ALONE, {"part_limits": [{"restrictions": FROM_8_TO_18, "max_price": FOUR | {"incl_vat": 5}}]},
     ["/part_limits/0/max_price/incl_vat"]),
    (BY_DAY_ALONE, {"part_limits": [{"restrictions": FROM_8_TO_18, "max_price": {"excl_vat": 0}}]},
     ["/part_limits/0/max_price"]),
]  # fmt: skip


@pytest.mark.parametrize(("elements", "more", "pointers"), LIMITS_NOT_IN_THE_GUIDE)
def test_limits_that_are_not_those_of_one_part_are_marked(
    elements: list[dict[str, Any]], more: dict[str, Any], pointers: list[str]
) -> None:
    view = guide_from_tariff(tariff_from_ocpi({"currency": "EUR", "elements": elements} | more))

    assert [one.pointer for one in view.not_expressible] == pointers
    assert view.pricing is None or all(part.max_price in (None, 4) for part in view.pricing.parts)


def test_a_band_and_the_rest_are_two_parts_of_the_day() -> None:
    elements = [an_element(by("TIME", "1.50"), start_time="08:00", end_time="18:00"), an_element(by("TIME", "0.50"))]

    view = guide_from_tariff(tariff_from_ocpi({"currency": "USD", "elements": elements}))

    assert view.pricing == guide_from_tariff(BY_DAY).pricing


def test_bands_that_charge_alike_are_one_part_of_the_day() -> None:
    spans = (("06:00", "09:00"), ("09:00", "18:00"), ("18:00", "06:00"))
    elements = [an_element(by("TIME", p), start_time=s, end_time=e) for p, (s, e) in zip("112", spans, strict=True)]

    view = guide_from_tariff(tariff_from_ocpi({"currency": "USD", "elements": elements}))

    assert view.pricing is not None
    assert [(part.start_time.hour, part.end_time.hour) for part in view.pricing.parts] == [(6, 18), (18, 6)]
