"""Keeping a station's tariff, and what stays as it was when a price changes."""

from typing import Any

import pytest

from tests.api.problem_words import problem
from tests.conversation import Conversation

TARIFF = "/v1/stations/1:41613/tariff"
PER_KWH = {
    "currency": "EUR",
    "elements": [{"price_components": [{"type": "ENERGY", "price": "0.25", "vat": "10", "step_size": 1}]}],
}
BY_DAY_AND_NIGHT = {
    "type": "TIME_OF_DAY",
    "currency": "USD",
    "parts": [
        {"start_time": "08:00:00", "end_time": "18:00:00", "unit_price_per_hour": "1.50", "max_price": "5.00"},
        {"start_time": "18:00:00", "end_time": "08:00:00", "unit_price_per_hour": "0.50", "max_price": "5.00"},
    ],
}
WISH = {
    "station_id": "1:41613",
    "port_number": 1,
    "start": "2026-03-10T17:00:00Z",
    "duration_min": 60,
    "card": "111973",
}


def put(api: Conversation, body: Any, path: str = TARIFF) -> Any:
    return api.as_operator().request("PUT", path, json=body)


def test_an_ocpi_tariff_is_kept_and_told(api: Conversation) -> None:
    answer = put(api, PER_KWH)

    station = api.get("/v1/stations/1:41613").json
    assert answer.status_code == 200
    assert answer.json["tariff"]["type"] == station["tariff"]["type"] == "KWH"
    assert station["currency"] == "EUR"
    assert station["price_in_words"] == answer.json["price_in_words"] == "€0.25 per kWh; plus 10% VAT"
    assert answer.json["not_in_guide"][0]["pointer"] == "/elements/0/price_components/0/vat"


def test_the_guides_pricing_is_kept_and_given_back(api: Conversation) -> None:
    answer = put(api, BY_DAY_AND_NIGHT)

    assert answer.status_code == 200
    assert answer.json["not_in_guide"] == []
    assert [part["unit_price_per_hour"] for part in answer.json["guide_pricing"]["parts"]] == ["1.50", "0.50"]
    assert "at most" in answer.json["price_in_words"]


LIMITS_BY_PART = {
    "type": "TIME_OF_DAY",
    "currency": "USD",
    "basis": "CHARGE",
    "parts": [
        {"start_time": "08:00:00", "end_time": "18:00:00", "min_price": "1.00", "max_price": "6.00",
         "unit_price_per_hour": "1.50", "session_time_hours": "4"},
        {"start_time": "18:00:00", "end_time": "08:00:00", "max_price": "2.00", "unit_price_per_hour": "0.50"},
    ],
}  # fmt: skip
PER_RESERVATION = {
    "type": "KWH",
    "currency": "USD",
    "basis": "RESERVATION",
    "parts": [{"start_time": "00:00:00", "end_time": "24:00:00", "min_price": "1.00", "unit_price_per_kwh": "0.30"}],
}


@pytest.mark.parametrize("pricing", [LIMITS_BY_PART, PER_RESERVATION])
def test_a_guides_pricing_comes_back_as_it_was_and_says_what_ocpi_cannot(api: Conversation, pricing: Any) -> None:
    answer = put(api, pricing)

    tariff = api.get("/v1/stations/1:41613").json["tariff"]
    assert (answer.json["guide_pricing"], answer.json["not_in_guide"]) == (pricing, [])
    assert [gap["pointer"] for gap in answer.json["not_in_ocpi"]] == tariff["not_in_ocpi"] != []
    assert put(api, tariff).json["guide_pricing"] == pricing


def test_a_stay_across_two_parts_costs_what_each_part_allows(api: Conversation) -> None:
    usage = {"periods": [{"start": "2026-03-10T08:00:00Z", "end": "2026-03-10T23:00:00Z"}]}

    answer = api.post("/v1/estimates", {"tariff": LIMITS_BY_PART, "usage": usage}).json

    assert (answer["total"], [line["kind"] for line in answer["lines"]]) == (
        "8.00", ["TIME", "TIME", "MAXIMUM", "MAXIMUM"])  # fmt: skip
    assert "The stay is longer than the 240 minutes allowed from 08:00 to 18:00." in answer["assumptions"]


def test_a_reservation_is_quoted_by_the_energy_that_is_reserved(api: Conversation) -> None:
    put(api, PER_RESERVATION)
    wish = {name: value for name, value in WISH.items() if name != "card"}

    price = api.as_driver().post("/v1/quotes", wish).json["price"]

    assert ([line["kind"] for line in price["lines"]], price["total"]) == (["RESERVATION_ENERGY"], "2.16")


def test_a_tariff_with_two_currencies_is_refused_and_nothing_changes(api: Conversation) -> None:
    before = api.get("/v1/stations/1:41613").json["tariff"]
    component = '{"type": "TIME", "price": 1, "step_size": 1%s}'
    text = '{"currency": "EUR", "elements": [{"price_components": [' + component + "]}]%s}"
    bodies = ((text % ("", ', "currency": "USD"'), "/currency"),
              (text % (', "currency": "USD"', ""), "/elements/0/price_components/0/currency"))  # fmt: skip

    for body, pointer in bodies:
        answer = api.as_operator().request("PUT", TARIFF, data=body, headers={"Content-Type": "application/json"})
        problem(answer, 422, "invalid_tariff")
        assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
    assert api.get("/v1/stations/1:41613").json["tariff"] == before


@pytest.mark.parametrize(
    ("language", "words"),
    [("es-MX, en;q=0.5", "por hora"), ("fr", "par heure"), ("de-DE", "pro Stunde"), ("pt", "per hour")],
)
def test_the_price_is_told_in_the_callers_language(api: Conversation, language: str, words: str) -> None:
    answer = api.get("/v1/stations/1:41613", headers={"Accept-Language": language})

    assert words in answer.json["price_in_words"]
    assert answer.headers["Content-Language"] == (language[:2] if language != "pt" else "en")


def test_a_tariff_moves_updated_at_and_a_deleted_one_is_an_unknown_price(api: Conversation, clock: Any) -> None:
    before = api.get("/v1/stations/1:41613").json["updated_at"]
    clock.advance(minutes=1)

    gone = api.as_operator().request("DELETE", TARIFF)

    station = api.get("/v1/stations/1:41613").json
    assert (gone.status_code, station["tariff"]) == (204, None)
    assert station["price_in_words"] == "Price unknown"
    assert station["updated_at"] > before
    assert api.get("/v1/stations/1:41613/estimate").json["data"][0]["reason"] == "price_unknown"


def test_a_quote_and_its_reservation_keep_the_price_that_was_quoted(api: Conversation) -> None:
    driver = api.as_driver()
    quote = driver.post("/v1/quotes", {name: value for name, value in WISH.items() if name != "card"}).json
    put(api, {"currency": "USD", "elements": [{"price_components": [{"type": "TIME", "price": 99, "step_size": 1}]}]})

    held = driver.post("/v1/reservations", {**WISH, "quote_id": quote["quote_id"]})

    assert held.json["price"]["total"] == quote["price"]["total"] == "1.50"
    assert api.get("/v1/stations/1:41613/estimate", duration_min=60).json["data"][0]["total"] == "99.00"


FAULTS = [
    ({"elements": [{"price_components": [{"type": "BANANA", "price": 1, "step_size": 1}]}]}, "type"),
    ({"elements": [{"price_components": [{"type": "TIME", "price": -1, "step_size": 1}]}]}, "price"),
    ({"elements": [{"price_components": [{"type": "TIME", "price": 1, "step_size": 0}]}]}, "step_size"),
    ({"elements": [{"price_components": [{"type": "TIME", "price": 1, "step_size": 1}],
                    "restrictions": {"start_date": "2026-02-01", "end_date": "2026-01-01"}}]}, "end_date"),
    ({"elements": []}, "elements"),
    ({"currency": "dollars", "elements": [{"price_components": [{"type": "TIME", "price": 1, "step_size": 1}]}]},
     "currency"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "member"), FAULTS)
def test_each_fault_of_a_tariff_is_pointed_at_and_nothing_changes(api: Conversation, wrong: Any, member: str) -> None:
    before = api.get("/v1/stations/1:41613").json["tariff"]

    answer = put(api, {"currency": "USD", **wrong})

    problem(answer, 422, "invalid_tariff")
    assert any(fault["pointer"].endswith(member) for fault in answer.json["errors"]), answer.json["errors"]
    assert api.get("/v1/stations/1:41613").json["tariff"] == before


def test_only_operators_keep_tariffs(api: Conversation) -> None:
    for caller in (api, api.as_driver()):
        problem(caller.request("PUT", TARIFF, json=PER_KWH), 403, "not_allowed")
    problem(put(api, PER_KWH, "/v1/stations/1:999999/tariff"), 404, "unknown_station")


def test_an_edit_of_a_version_that_was_overtaken_is_refused(api: Conversation, clock: Any) -> None:
    held = api.get("/v1/stations/1:41613").json["updated_at"]
    clock.advance(minutes=1)
    first = api.as_operator().request("PUT", TARIFF, json=PER_KWH, headers={"If-Match": f'"{held}"'})

    late = api.as_operator().request("DELETE", TARIFF, headers={"If-Match": f'"{held}"'})

    problem(late, 412, "changed_meanwhile")
    assert (first.status_code, api.get("/v1/stations/1:41613").json["tariff"]["type"]) == (200, "KWH")
    assert api.as_operator().request("DELETE", TARIFF, headers={"If-Match": first.headers["ETag"]}).status_code == 204


def test_an_if_match_that_names_no_version_is_refused(api: Conversation) -> None:
    problem(api.as_operator().request("PUT", TARIFF, json=PER_KWH, headers={"If-Match": '"nope"'}), 412)
