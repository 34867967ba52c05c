"""Tariffs out of JSON and into it: every fault is pointed at, nothing is lost."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from finder.domain.json_twice import given_twice
from finder.domain.ocpi_gaps import not_in_ocpi
from finder.domain.ocpi_tariff import InvalidTariff, tariff_from_json, tariff_from_ocpi, tariff_to_ocpi
from finder.domain.tariff import Dimension, Limit, Tariff, free, simple
from finder.domain.tariff_type import tariff_type


def an_object(component: dict[str, Any] | None = None, restrictions: Any = None, **more: Any) -> dict[str, Any]:
    parts = {"type": "ENERGY", "price": 0.25, "step_size": 1} | (component or {})
    element: dict[str, Any] = {"price_components": [parts]}
    if restrictions is not None:
        element["restrictions"] = restrictions
    return {"currency": "EUR", "elements": [element]} | more


def a_part(restrictions: Any = "day", **more: Any) -> dict[str, Any]:
    when = {"start_time": "08:00", "end_time": "18:00"} if restrictions == "day" else restrictions
    return {"restrictions": when, "max_price": {"excl_vat": "5"}} | more


LIMITS = "/part_limits/0"
COMPONENT = "/elements/0/price_components/0"
RESTRICTIONS = "/elements/0/restrictions"
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({}, "/elements"),
    ({}, "/currency"),
    (an_object(currency="eur"), "/currency"),
    (an_object(currency=None), "/currency"),
    (an_object(elements=[]), "/elements"),
    (an_object(elements="free"), "/elements"),
    (an_object(elements=["free"]), "/elements/0"),
    (an_object(elements=[{}]), "/elements/0/price_components"),
    (an_object({"type": "SPEED"}), f"{COMPONENT}/type"),
    (an_object({"type": ["ENERGY"]}), f"{COMPONENT}/type"),
    (an_object({"price": -0.01}), f"{COMPONENT}/price"),
    (an_object({"price": None}), f"{COMPONENT}/price"),
    (an_object({"price": "cheap"}), f"{COMPONENT}/price"),
    (an_object({"price": True}), f"{COMPONENT}/price"),
    (an_object({"price": float("nan")}), f"{COMPONENT}/price"),
    (an_object({"price": float("inf")}), f"{COMPONENT}/price"),
    (an_object({"price": "NaN"}), f"{COMPONENT}/price"),
    (an_object({"price": 10**18}), f"{COMPONENT}/price"),
    (an_object({"price": 1e300}), f"{COMPONENT}/price"),
    (an_object({"price": Decimal("1e-999999")}), f"{COMPONENT}/price"),
    (an_object({"vat": -1}), f"{COMPONENT}/vat"),
    (an_object({"step_size": 0}), f"{COMPONENT}/step_size"),
    (an_object({"step_size": 1.5}), f"{COMPONENT}/step_size"),
    (an_object({"prize": 1}), f"{COMPONENT}/prize"),
    (an_object({"a/b~": 1}), f"{COMPONENT}/a~1b~0"),
    (an_object({"\ud800": 1}), f"{COMPONENT}/\\ud800"),
    (an_object(restrictions=[]), RESTRICTIONS),
    (an_object(restrictions={"start_time": "25:00"}), f"{RESTRICTIONS}/start_time"),
    (an_object(restrictions={"start_date": "2026-02-29"}), f"{RESTRICTIONS}/start_date"),
    (an_object(restrictions={"start_date": "2026-03-02", "end_date": "2026-03-01"}), f"{RESTRICTIONS}/end_date"),
    (an_object(restrictions={"min_kwh": 5, "max_kwh": 5}), f"{RESTRICTIONS}/max_kwh"),
    (an_object(restrictions={"min_duration": 9, "max_duration": 5}), f"{RESTRICTIONS}/max_duration"),
    (an_object(restrictions={"day_of_week": ["FUNDAY"]}), f"{RESTRICTIONS}/day_of_week"),
    (an_object(restrictions={"day_of_week": [{}]}), f"{RESTRICTIONS}/day_of_week"),
    (an_object(restrictions={"reservation": "RESERVATION_EXPIRES"}), f"{COMPONENT}/type"),
    (an_object({"type": "PARKING_TIME"}, {"reservation": "RESERVATION"}), f"{COMPONENT}/type"),
    (an_object(min_price={}), "/min_price/excl_vat"),
    (an_object(min_price={"excl_vat": 2, "incl_vat": 1}), "/min_price/incl_vat"),
    (an_object(min_price={"excl_vat": 2}, max_price={"excl_vat": 1}), "/max_price"),
    (an_object(start_date_time="2026-01-02T00:00:00Z", end_date_time="2026-01-01T00:00:00Z"), "/end_date_time"),
    (an_object(start_date_time="2026-01-32T00:00:00Z"), "/start_date_time"),
    (an_object(start_date_time="0001-01-01T00:00:00+01:00"), "/start_date_time"),
    (an_object(idle_grace_min=-1), "/idle_grace_min"),
    (an_object(session_limit_min=0), "/session_limit_min"),
    (an_object(tariff_alt_url="\ud800"), "/tariff_alt_url"),
    (an_object(tariff_alt_text=[{"language": "en", "text": "a\x00"}]), "/tariff_alt_text/0/text"),
    (an_object(min_prize={"excl_vat": 2}), "/min_prize"),
    (an_object(currency=["EUR", "USD"]), "/currency"),
    (an_object(currency="EUR,USD"), "/currency"),
    (an_object({"currency": "USD"}), f"{COMPONENT}/currency"),
    (an_object(min_price={"excl_vat": 2, "currency": "USD"}), "/min_price/currency"),
    (an_object(part_limits="none"), "/part_limits"),
    (an_object(part_limits=[a_part() | {"start_time": "08:00"}]), f"{LIMITS}/start_time"),
    (an_object(part_limits=[a_part(max_price=None)]), LIMITS),
    (an_object(part_limits=[a_part(max_price={"excl_vat": -1})]), f"{LIMITS}/max_price/excl_vat"),
    (an_object(part_limits=[a_part(min_price={"excl_vat": 6})]), f"{LIMITS}/max_price"),
    (an_object(part_limits=[a_part(session_limit_min=0)]), f"{LIMITS}/session_limit_min"),
    (an_object(part_limits=[a_part({})]), f"{LIMITS}/restrictions"),
    (an_object(part_limits=[a_part(None)]), f"{LIMITS}/restrictions"),
    (an_object(part_limits=[a_part({"start_time": "08:00", "end_time": "08:00"})]), f"{LIMITS}/restrictions"),
    (an_object(part_limits=[a_part({"end_time": "08:00", "max_kwh": 5})]), f"{LIMITS}/restrictions/max_kwh"),
    (an_object(part_limits=[a_part({"reservation": "RESERVATION_EXPIRES"})]), f"{LIMITS}/restrictions/reservation"),
    (an_object(part_limits=[a_part(), a_part({"start_time": "17:59", "end_time": "20:00"})]),
     "/part_limits/1/restrictions"),
    (an_object(part_limits=[a_part({"reservation": "RESERVATION"}), a_part({"reservation": "RESERVATION"})]),
     "/part_limits/1/restrictions"),
    (an_object(part_limits=[a_part()] * 21), "/part_limits"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "pointer"), FAULTS, ids=[pointer for _, pointer in FAULTS])
def test_a_fault_is_refused_and_pointed_at(document: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidTariff) as refusal:
        tariff_from_ocpi(document, pointer="/tariff")

    assert f"/tariff{pointer}" in [error["pointer"] for error in refusal.value.errors]
    assert (refusal.value.code, refusal.value.status) == ("invalid_tariff", 422)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidTariff) as refusal:
        tariff_from_ocpi(an_object({"price": -1, "step_size": 0}, currency="?"))

    assert len(refusal.value.errors) == 3


def test_a_float_is_read_as_it_is_written() -> None:
    tariff = tariff_from_ocpi(an_object({"price": 0.1}))

    assert tariff.elements[0].components[0].price == Decimal("0.1")


def test_the_step_of_a_flat_price_means_nothing() -> None:
    tariff = tariff_from_ocpi(an_object({"type": "FLAT", "step_size": 0}))

    assert tariff.elements[0].components[0].step_size == 1


def test_a_tariff_without_elements_is_stored_but_not_taken() -> None:
    tariff = Tariff(currency="EUR", max_price=Limit(Decimal("0.10")))

    assert tariff_from_json(tariff_to_ocpi(tariff)) == tariff
    with pytest.raises(InvalidTariff):
        tariff_from_ocpi(tariff_to_ocpi(tariff))


def test_everything_survives_storage() -> None:
    everything = {
        "start_time": "22:00", "end_time": "06:30:15", "start_date": "2026-01-01", "end_date": "2026-02-01",
        "min_kwh": "1.50", "max_kwh": "20", "min_current": "6", "max_current": "32", "min_power": "0",
        "max_power": "50", "min_duration": 0, "max_duration": 3600, "day_of_week": ["MONDAY", "SUNDAY"],
        "reservation": "RESERVATION",
    }  # fmt: skip
    document = an_object(
        {"type": "TIME", "price": "0.30", "vat": "0", "step_size": 60},
        everything,
        idle_grace_min=15,
        session_limit_min=240,
        part_limits=[
            a_part(min_price={"excl_vat": "1.00", "incl_vat": "1.20"}, session_limit_min=60),
            a_part({"start_time": "18:00", "end_time": "08:00", "reservation": "RESERVATION"}),
        ],
        start_date_time="2026-01-01T00:00:00Z",
        tariff_alt_url="https://prices.example/",
    )

    assert json.loads(json.dumps(tariff_to_ocpi(tariff_from_ocpi(document)))) == document


def test_two_currencies_are_refused_and_each_fault_beside_them() -> None:
    with pytest.raises(InvalidTariff) as refusal:
        tariff_from_ocpi(
            an_object(
                {"currency": "USD", "type": "SPEED", "price": -1, "step_size": 0},
                start_date_time="2026-01-02T00:00:00Z",
                end_date_time="2026-01-01T00:00:00Z",
            )
        )

    assert {error["pointer"] for error in refusal.value.errors} == {
        f"{COMPONENT}/currency", f"{COMPONENT}/type", f"{COMPONENT}/price", f"{COMPONENT}/step_size", "/end_date_time",
    }  # fmt: skip


def test_parts_that_meet_and_those_of_stays_and_reservations_do_not_overlap() -> None:
    night, day = {"start_time": "18:00", "end_time": "08:00"}, {"start_time": "08:00", "end_time": "18:00"}
    parts = [a_part(day), a_part(night), a_part(day | {"reservation": "RESERVATION"})]

    assert tariff_to_ocpi(tariff_from_ocpi(an_object(part_limits=parts)))["part_limits"] == parts


def test_what_ocpi_cannot_say_is_marked() -> None:
    reserving = {"reservation": "RESERVATION"}
    parts = [a_part(), a_part(reserving)]
    tariff = tariff_from_ocpi(an_object(None, reserving, idle_grace_min=5, session_limit_min=9, part_limits=parts))

    gaps = not_in_ocpi(tariff)

    assert [gap.pointer for gap in gaps] == [
        "/idle_grace_min", "/session_limit_min", "/part_limits/0", "/part_limits/1", COMPONENT]  # fmt: skip
    assert all(gap.reason for gap in gaps)
    assert not_in_ocpi(tariff_from_ocpi(an_object(min_price={"excl_vat": 1}))) == ()


def test_a_mark_of_what_ocpi_cannot_say_is_not_kept() -> None:
    assert tariff_from_ocpi(an_object(not_in_ocpi=["/idle_grace_min"])) == tariff_from_ocpi(an_object())


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ('{"currency": "EUR", "elements": [], "currency": "USD"}', ["/currency"]),
        ('{"a/b": [{"x": 1}, {"x": 1, "x": 1, "x": 2}]}', ["/a~1b/1/x"]),
        ('{"a": {"x": 1}, "b": {"x": 1}}', []),
        ("[1]", []),
        ("[" * 5000 + "]" * 5000, []),
    ],
)
def test_what_is_given_twice_is_pointed_at(text: str, pointers: list[str]) -> None:
    assert list(given_twice(text.encode())) == pointers


def an_element(kind: Dimension, price: int = 1, **restrictions: Any) -> dict[str, Any]:
    return {"price_components": [{"type": kind, "price": price, "step_size": 1}], "restrictions": restrictions}


ENERGY, TIME, FLAT = Dimension.ENERGY, Dimension.TIME, Dimension.FLAT


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ([an_element(FLAT, 0)], "FREE"),
        ([an_element(FLAT)], "SESSION"),
        ([an_element(TIME), an_element(Dimension.PARKING_TIME)], "HOURLY"),
        ([an_element(ENERGY), an_element(FLAT, 0)], "KWH"),
        ([an_element(ENERGY), an_element(FLAT)], "MIXED"),
        ([an_element(TIME, 1, max_duration=3600), an_element(TIME, 2)], "LENGTH_OF_TIME"),
        ([an_element(TIME, 0, max_duration=3600), an_element(TIME, 2)], "LENGTH_OF_TIME"),
        ([an_element(TIME, 1, start_time="08:00"), an_element(TIME, 2)], "TIME_OF_DAY"),
        ([an_element(TIME, 1, day_of_week=["SUNDAY"]), an_element(TIME, 2)], "TIME_OF_DAY"),
        ([an_element(TIME, 1, start_time="08:00", max_duration=60), an_element(TIME, 2)], "MIXED"),
        ([an_element(ENERGY, 1, max_power=16), an_element(ENERGY, 2)], "MIXED"),
        ([an_element(TIME, 1, reservation="RESERVATION"), an_element(ENERGY)], "KWH"),
        ([an_element(ENERGY, 1, reservation="RESERVATION")], "KWH"),
    ],
)
def test_the_type_is_the_guides(elements: list[dict[str, Any]], expected: str) -> None:
    assert tariff_type(tariff_from_ocpi({"currency": "EUR", "elements": elements})) == expected


def test_limits_by_part_of_the_day_make_a_price_by_time_of_day() -> None:
    hourly, nothing = simple("USD", per_hour=Decimal(1)), free("USD")
    day = tariff_from_ocpi(an_object(part_limits=[a_part(min_price={"excl_vat": 1})])).part_limits

    assert tariff_type(replace(hourly, part_limits=day)) == "TIME_OF_DAY"
    assert tariff_type(replace(nothing, part_limits=day)) == "SESSION"


def test_simple_tariffs_have_simple_types() -> None:
    assert tariff_type(free("USD")) == "FREE"
    assert tariff_type(simple("USD", per_kwh=Decimal("0.3"))) == "KWH"
