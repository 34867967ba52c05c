"""What a charge would cost: a conversation with GET /v1/stations/{station_id}/estimate."""

from decimal import Decimal
from typing import Any

from flask import Flask

from tests.api.finder_words import HQ14
from tests.api.problem_words import faults, problem
from tests.builders import a_station, add_stations
from tests.conversation import Conversation

MORNING = {"start": "2026-03-10T17:00:00Z"}


def _estimates(api: Conversation, station_id: str = HQ14, **asked: Any) -> list[dict[str, Any]]:
    answer = api.get(f"/v1/stations/{station_id}/estimate", **asked)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json["data"]
    return rows


def test_an_estimate_is_itemised_and_its_lines_add_up(api: Conversation) -> None:
    first, second = _estimates(api, **MORNING, duration_min=90)

    assert (first["port_number"], second["port_number"]) == (1, 2)
    assert [(line["kind"], line["quantity"], line["unit"]) for line in first["lines"]] == [("TIME", "1.5", "h")]
    assert (first["total"], first["currency"], first["reason"]) == ("2.25", "USD", None)
    assert Decimal(first["subtotal"]) + Decimal(first["tax"]) == Decimal(first["total"])
    assert sum(Decimal(line["amount"]) for line in first["lines"]) == Decimal(first["subtotal"])


def test_the_least_price_has_a_line_of_its_own(api: Conversation) -> None:
    [only] = _estimates(api, **MORNING, duration_min=10, port=1)

    assert [line["kind"] for line in only["lines"]] == ["TIME", "MINIMUM"]
    assert only["total"] == "0.50"


def test_what_was_assumed_is_said(api: Conversation) -> None:
    [bare] = _estimates(api, port=1)
    [full] = _estimates(api, **MORNING, port=1, duration_min=60, energy_kwh=5, vehicle_power_kw=7.2, idle_min=0)

    assert bare["assumptions"]
    assert len(full["assumptions"]) < len(bare["assumptions"])


def test_an_unknown_price_is_null_with_a_reason(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1", tariff=None))

    [unknown] = _estimates(api, "7:1", duration_min=60)

    assert (unknown["lines"], unknown["subtotal"], unknown["tax"], unknown["total"]) == ([], None, None, None)
    assert unknown["reason"] == "price_unknown"


def test_a_port_that_does_not_exist_is_not_found(api: Conversation) -> None:
    problem(api.get(f"/v1/stations/{HQ14}/estimate", port=9), 404, "unknown_port")


IMPOSSIBLE: tuple[tuple[str, object], ...] = (
    ("duration_min", 0),
    ("duration_min", -5),
    ("duration_min", "NaN"),
    ("energy_kwh", 0),
    ("vehicle_power_kw", "1e999"),
    ("idle_min", -1),
    ("port", 0),
    ("start", "2026-03-10T17:00:00"),
    ("start", "today"),
    ("duration", 60),
)


def test_an_impossible_charge_is_refused(api: Conversation) -> None:
    for name, value in IMPOSSIBLE:
        answer = api.get(f"/v1/stations/{HQ14}/estimate", **{name: value})

        problem(answer, 400, "invalid_request")
        assert faults(answer) == {name}


def test_a_stay_that_no_tariff_is_for_is_refused_as_a_fault_of_the_query(api: Conversation) -> None:
    for asked in ({"duration_min": 44_640, "idle_min": 1}, {"energy_kwh": 10_000, "vehicle_power_kw": 0.1}):
        problem(api.get(f"/v1/stations/{HQ14}/estimate", **asked), 400, "invalid_request")
