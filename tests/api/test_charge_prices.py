"""What a charge costs: in searches, at a port, and by any tariff."""

from typing import Any

from tests.api.problem_words import problem
from tests.conversation import Conversation

NEAR = {"lat": 37.2615, "lon": -121.9577, "radius": 2000}
HOUR = {"start": "2026-03-10T12:00:00Z", "end": "2026-03-10T13:00:00Z"}
PER_KWH = {
    "currency": "EUR",
    "elements": [{"price_components": [{"type": "ENERGY", "price": "0.25", "vat": "10", "step_size": 1}]}],
}


def cheapest(station: dict[str, Any]) -> float:
    known = [port["estimated_cost"]["amount"] for port in station["ports"]]
    return min((float(amount) for amount in known if amount is not None), default=float("inf"))


def test_a_search_tells_what_the_charge_costs_at_each_port(api: Conversation) -> None:
    answer = api.get("/v1/stations", **NEAR, duration_min=60)

    station = answer.json["data"][0]
    assert station["station_id"] == "1:41613"
    assert station["ports"][0]["estimated_cost"] == {"amount": "1.50", "currency": "USD", "reason": None}


def test_without_a_charge_a_search_tells_no_costs(api: Conversation) -> None:
    answer = api.get("/v1/stations", **NEAR)

    assert "estimated_cost" not in answer.json["data"][0]["ports"][0]


def test_an_unknown_price_is_null_with_a_reason_and_comes_last(api: Conversation) -> None:
    api.as_operator().request("DELETE", "/v1/stations/1:41613/tariff")

    found = api.get("/v1/stations", **NEAR, duration_min=90, sort="price").json["data"]

    prices = [cheapest(station) for station in found]
    assert prices == sorted(prices)
    assert found[-1]["ports"][0]["estimated_cost"]["reason"] == "price_unknown"


def test_a_crawl_by_price_gets_each_station_once(api: Conversation) -> None:
    seen, cursor = [], {}
    while True:
        page = api.get("/v1/stations", **NEAR, duration_min=90, sort="price", limit=2, **cursor).json
        seen += [station["station_id"] for station in page["data"]]
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert sorted(seen) == sorted(s["station_id"] for s in api.get("/v1/stations", **NEAR, limit=200).json["data"])


def test_the_most_powerful_comes_first_by_power(api: Conversation) -> None:
    found = api.get("/v1/stations", **NEAR, sort="power").json["data"]

    powers = [max(port["power_kw"] or 0 for port in station["ports"]) for station in found]
    assert powers == sorted(powers, reverse=True)


def test_prices_cannot_be_sorted_without_a_charge(api: Conversation) -> None:
    answer = api.get("/v1/stations", **NEAR, sort="price")

    problem(answer, 400, "invalid_request")
    assert answer.json["errors"][0]["pointer"] == "sort"


def test_the_search_and_the_estimate_agree(api: Conversation) -> None:
    charge = {"energy_kwh": 20, "vehicle_power_kw": 11}

    for station in api.get("/v1/stations", **NEAR, **charge).json["data"]:
        told = api.get(f"/v1/stations/{station['station_id']}/estimate", **charge).json["data"]
        assert [port["estimated_cost"]["amount"] for port in station["ports"]] == [cost["total"] for cost in told]


def test_the_calculator_prices_a_usage_by_any_tariff(api: Conversation) -> None:
    usage = {"periods": [{**HOUR, "kind": "CHARGING", "energy_kwh": "20"}]}

    answer = api.post("/v1/estimates", {"tariff": PER_KWH, "time_zone": "Europe/Berlin", "usage": usage})

    assert (answer.json["subtotal"], answer.json["tax"], answer.json["total"]) == ("5.00", "0.50", "5.50")
    assert answer.json["currency"] == "EUR"


def test_the_calculator_prices_a_usage_at_a_port(api: Conversation) -> None:
    body = {"station_id": "1:41613", "port_number": 1, "usage": {"periods": [HOUR]}}

    assert api.post("/v1/estimates", body).json["total"] == "1.50"
    problem(api.post("/v1/estimates", {**body, "port_number": 9}), 404, "unknown_port")


def test_a_calculation_that_contradicts_itself_is_refused(api: Conversation) -> None:
    usage = {"periods": [HOUR]}

    both = {"tariff": PER_KWH, "station_id": "1:41613", "port_number": 1, "usage": usage}
    for body in (both, {"usage": usage}, {"station_id": "1:41613", "usage": usage}):
        problem(api.post("/v1/estimates", body), 422, "invalid_body")
    backwards = {"periods": [{"start": HOUR["end"], "end": HOUR["start"]}]}
    problem(api.post("/v1/estimates", {"tariff": PER_KWH, "usage": backwards}), 422, "invalid_usage")
    problem(api.post("/v1/estimates", {"tariff": PER_KWH, "time_zone": "Mars/Base", "usage": usage}), 422)


def test_a_charge_at_the_end_of_time_is_refused(api: Conversation) -> None:
    late = "9999-12-31T23:59:59Z"

    problem(api.get("/v1/stations", **NEAR, charge_start=late), 400, "invalid_request")
    problem(api.get("/v1/stations/1:41613/estimate", start=late), 400, "invalid_request")
