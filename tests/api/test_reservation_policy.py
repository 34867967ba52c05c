"""A station's reservation policy: kept by its operator, shown with what is promised, and promised for good."""

import pytest

from reservations.domain.limits import BOUNDS
from tests.api.reservation_words import (
    NOON,
    POLICY,
    TARIFF,
    WISH,
    a_driver,
    confirmed,
    held,
    later,
    path,
    refusal,
    set_policy,
)


@pytest.fixture
def driver(api):
    return api.as_driver("demo", "demo")


@pytest.fixture
def operator(api):
    return api.as_operator()


def test_an_operator_says_sees_and_takes_back_what_a_station_wants(operator) -> None:
    said = operator.request("PUT", POLICY, json={"hold_min": 10, "step_min": None})
    seen = operator.get(POLICY)
    cleared = operator.request("DELETE", POLICY)

    assert (said.status_code, said.json["own"], said.json["policy"]["hold_min"]) == (200, {"hold_min": 10}, 10)
    assert seen.json == said.json
    assert said.json["policy"].keys() == set(BOUNDS)
    assert (cleared.status_code, operator.get(POLICY).json["own"]) == (204, {})


def test_what_is_said_takes_the_place_of_all_that_was_said_before(operator) -> None:
    set_policy(operator, hold_min=10)
    set_policy(operator, step_min=5)

    assert operator.get(POLICY).json["own"] == {"step_min": 5}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"hold_min": 0}, "invalid_body"),
        ({"hold_min": 61}, "invalid_body"),
        ({"hold_min": "5"}, "invalid_body"),
        ({"hold_minutes": 5}, "invalid_body"),
        ({}, "policy_says_nothing"),
        ({"hold_min": None}, "policy_says_nothing"),
        ({"shortest_min": 120, "longest_min": 60}, "policy_not_possible"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_and_changes_nothing(operator, body, code) -> None:
    set_policy(operator, hold_min=10)

    assert refusal(operator.request("PUT", POLICY, json=body)) == (422, code, "171")
    assert operator.get(POLICY).json["own"] == {"hold_min": 10}


def test_only_an_operator_and_only_for_a_station_that_is_there(api, operator) -> None:
    elsewhere = POLICY.replace("1:41613", "9:9")

    assert refusal(api.get(POLICY))[:2] == (403, "not_allowed")
    assert refusal(operator.get(elsewhere)) == (404, "unknown_station", "119")
    assert refusal(operator.request("PUT", elsewhere, json={})) == (404, "unknown_station", "119")
    assert refusal(operator.request("DELETE", elsewhere)) == (404, "unknown_station", "119")


def test_a_quote_and_a_hold_show_the_policy_that_applies(driver, operator) -> None:
    set_policy(operator, hold_min=10, quote_min=3, cancellation_interval_min=60)

    quote, hold = driver.post("/v1/quotes", WISH).json, driver.post("/v1/reservations", WISH).json

    assert quote["policy"] == hold["policy"] == operator.get(POLICY).json["policy"]
    assert (quote["expires_at"], quote["hold_min"]) == (later(minutes=3), 10)
    assert (hold["hold_expires_at"], hold["cancel_until"]) == (later(minutes=10), "2026-03-10T16:00:00Z")


@pytest.mark.parametrize(
    ("own", "change", "said"),
    [
        ({"shortest_min": 61}, {}, (422, "invalid_duration", "107")),
        ({"longest_min": 59}, {}, (422, "invalid_duration", "107")),
        ({"step_min": 25}, {}, (422, "invalid_duration", "107")),
        ({"earliest_start_min": 301}, {}, (422, "start_too_soon", "106")),
        ({"furthest_days": 1}, {"start": "2026-03-11T12:00:01Z"}, (422, "start_too_far", "106")),
    ],
)
def test_each_rule_is_applied_by_the_servers_clock(driver, operator, own, change, said) -> None:
    set_policy(operator, **own)

    for way in ("/v1/quotes", "/v1/reservations"):
        assert refusal(driver.post(way, WISH | change)) == said


def test_a_quote_keeps_its_policy_for_the_hold(driver, operator) -> None:
    set_policy(operator, hold_min=10)
    quote = driver.post("/v1/quotes", WISH).json
    set_policy(operator, hold_min=1, shortest_min=90)

    hold = driver.post("/v1/reservations", WISH | {"quote_id": quote["quote_id"]}).json

    assert (hold["policy"], hold["hold_expires_at"]) == (quote["policy"], later(minutes=10))


def test_a_reservation_keeps_its_cancellation_interval(driver, operator, clock) -> None:
    handle = confirmed(driver)
    set_policy(operator, cancellation_interval_min=1440)
    clock.advance(hours=4, minutes=29)

    assert driver.get(path(handle)).json["cancel_until"] == "2026-03-10T16:30:00Z"
    assert driver.post(path(handle, "cancel")).json["state"] == "CANCELLED"


def test_a_live_hold_limit_of_the_station_counts_holds_everywhere(driver, operator) -> None:
    set_policy(operator, holds_per_driver=1)
    other_station = {"station_id": "1:23"}
    assert driver.post("/v1/reservations", WISH | other_station).status_code == 201

    assert refusal(driver.post("/v1/reservations", WISH)) == (429, "too_many_holds", None)


def test_a_card_has_its_own_limit(driver, operator) -> None:
    set_policy(operator, holds_per_card=1)
    held(driver)

    assert refusal(driver.post("/v1/reservations", WISH)) == (429, "too_many_holds", None)
    assert held(driver, card="231214315")


def test_an_apps_drivers_have_a_limit_together(app, api, driver, operator) -> None:
    set_policy(operator, holds_per_client=1)
    other = a_driver(app, api)
    handle = held(driver)

    refused = other.post("/v1/reservations", WISH | {"card": "555"})
    driver.post(path(handle, "release"))

    assert refusal(refused) == (429, "too_many_holds", None)
    assert refused.headers["Retry-After"] == "300"
    assert held(other, card="555")


def test_nobody_hoards_by_confirming(driver, operator) -> None:
    set_policy(operator, reservations_per_driver=1)
    holds = [held(driver), held(driver)]
    driver.post(path(holds[0], "confirm"))

    assert refusal(driver.post(path(holds[1], "confirm"))) == (429, "too_many_reservations", None)
    assert refusal(driver.post("/v1/reservations", WISH | {"start": later(hours=9)})) == (
        429,
        "too_many_reservations",
        None,
    )
    assert driver.post(path(holds[0], "confirm")).json["state"] == "CONFIRMED"
    driver.post(path(holds[0], "cancel"))
    assert driver.post(path(holds[1], "confirm")).json["state"] == "CONFIRMED"


def test_what_is_over_is_not_ahead(driver, operator, clock) -> None:
    set_policy(operator, reservations_per_driver=1)
    confirmed(driver, start=later(minutes=5))
    clock.advance(hours=1, minutes=5)

    assert held(driver)


def set_price(operator, per_hour: str) -> None:
    tariff = {"type": "HOURLY", "currency": "USD", "parts": [{"unit_price_per_hour": per_hour}]}
    assert operator.request("PUT", TARIFF, json=tariff).status_code == 200


def test_a_quoted_price_is_honoured_through_a_change_until_it_runs_out(driver, operator, clock) -> None:
    quote = driver.post("/v1/quotes", WISH).json
    set_price(operator, "9.00")
    clock.advance(minutes=10, microseconds=-1)

    hold = driver.post("/v1/reservations", WISH | {"quote_id": quote["quote_id"]})

    assert (hold.status_code, hold.json["price"]) == (201, quote["price"])


def test_after_that_the_new_price_is_offered_and_can_be_accepted(driver, operator, clock) -> None:
    quote = driver.post("/v1/quotes", WISH).json
    set_price(operator, "9.00")
    clock.advance(minutes=10)

    refused = driver.post("/v1/reservations", WISH | {"quote_id": quote["quote_id"]})
    offered = refused.json["quote"]
    accepted = driver.post("/v1/reservations", WISH | {"quote_id": offered["quote_id"]})

    assert refusal(refused) == (409, "price_changed", None)
    assert offered.keys() == quote.keys()
    assert (offered["price"]["total"], offered["expires_at"]) == ("9.00", later(minutes=20))
    assert accepted.json["price"] == offered["price"]


def test_changed_terms_are_a_changed_price(driver, operator, clock) -> None:
    quote = driver.post("/v1/quotes", WISH).json
    set_policy(operator, cancellation_interval_min=600)
    clock.advance(minutes=10)

    refused = driver.post("/v1/reservations", WISH | {"quote_id": quote["quote_id"]})

    assert refusal(refused) == (409, "price_changed", None)


def test_a_quote_that_ran_out_at_the_same_price_comes_with_a_new_one_too(driver, clock) -> None:
    quote = driver.post("/v1/quotes", WISH).json
    clock.advance(minutes=10)

    refused = driver.post("/v1/reservations", WISH | {"quote_id": quote["quote_id"]}, headers={"Idempotency-Key": "k"})
    wish = WISH | {"quote_id": refused.json["quote"]["quote_id"]}

    assert refusal(refused) == (409, "quote_expired", None)
    assert driver.post("/v1/reservations", wish).json["price"] == quote["price"]


def test_a_hold_is_confirmed_at_the_price_it_was_held_for(driver, operator) -> None:
    hold = driver.post("/v1/reservations", WISH).json
    set_price(operator, "9.00")

    assert driver.post(path(hold["handle"], "confirm")).json["price"] == hold["price"]
    assert hold["created_at"] == NOON.isoformat().replace("+00:00", "Z")
