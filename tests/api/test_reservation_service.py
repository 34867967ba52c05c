"""Who and what cannot reserve or be reserved: free drivers at paid stations, ports that are out of order."""

import pytest

from finder.catalogue import StationCatalogue
from tests.api.finder_words import a_report, report
from tests.api.reservation_words import (
    NOON,
    TARIFF,
    WISH,
    a_driver,
    confirmed,
    held,
    later,
    modify,
    path,
    refusal,
    set_policy,
)

SOON = later(minutes=59)


@pytest.fixture
def driver(api):
    return api.as_driver("demo", "demo")


@pytest.fixture
def free_driver(app, api):
    return a_driver(app, api, pays=False)


def make_free(api) -> None:
    costs_nothing = {"type": "FLAT", "price": "0", "step_size": 1}
    tariff = {"currency": "USD", "elements": [{"price_components": [costs_nothing]}]}
    assert api.as_operator().request("PUT", TARIFF, json=tariff).status_code == 200


def make_paid(api) -> None:
    tariff = {"type": "HOURLY", "currency": "USD", "parts": [{"unit_price_per_hour": "9.00"}]}
    assert api.as_operator().request("PUT", TARIFF, json=tariff).status_code == 200


def both_ports(word: str, at=NOON) -> list[dict[str, object]]:
    return [a_report(word, at, port=port) for port in (1, 2)]


@pytest.mark.parametrize("way", ["/v1/quotes", "/v1/reservations"])
def test_a_driver_without_a_means_of_payment_reserves_nothing_that_costs(free_driver, way) -> None:
    assert refusal(free_driver.post(way, WISH | {"card": "555"})) == (403, "payment_method_required", "111")


def test_where_nothing_is_charged_such_a_driver_may(api, free_driver) -> None:
    make_free(api)

    assert confirmed(free_driver, card="555")


def test_nor_does_such_a_driver_modify_what_costs_by_now(api, free_driver) -> None:
    make_free(api)
    handle = held(free_driver, card="555")
    make_paid(api)

    refused = modify(free_driver, handle, duration_min=90)

    assert refusal(refused) == (403, "payment_method_required", "144")
    assert free_driver.get(path(handle)).json["duration_min"] == 60


@pytest.mark.parametrize("word", ["faulted", "unavailable", "offline"])
@pytest.mark.parametrize("way", ["/v1/quotes", "/v1/reservations"])
def test_nothing_begins_soon_in_a_station_that_is_out_of_order(api, driver, word, way) -> None:
    report(api, *both_ports(word))

    assert refusal(driver.post(way, WISH | {"start": SOON})) == (409, "station_unreachable", "115")
    assert driver.post(way, WISH | {"start": later(minutes=60)}).status_code == 201


def test_a_port_that_works_is_chosen_and_one_that_does_not_is_refused(api, driver) -> None:
    report(api, a_report("faulted", NOON, port=1), a_report("available", NOON, port=2))

    chosen = driver.post("/v1/reservations", WISH | {"start": SOON})
    asked = driver.post("/v1/reservations", WISH | {"start": SOON, "port_number": 1})

    assert chosen.json["port_number"] == 2
    assert refusal(asked) == (409, "station_unreachable", "115")


@pytest.mark.parametrize("word", ["charging", "available", "on fire"])
def test_a_port_that_is_busy_free_or_unknown_can_be_reserved(api, driver, word) -> None:
    report(api, *both_ports(word))

    assert held(driver, start=SOON)


def test_a_station_that_has_been_silent_too_long_is_unreachable(api, driver, clock) -> None:
    report(api, *both_ports("available"))
    clock.advance(hours=1, seconds=1)

    refused = driver.post("/v1/reservations", WISH | {"start": later(minutes=70)})

    assert refusal(refused) == (409, "station_unreachable", "115")


def test_a_hold_is_not_confirmed_when_its_port_has_failed_meanwhile(api, driver) -> None:
    soon, far = held(driver, port_number=1, start=SOON), held(driver, port_number=1, start=later(hours=3))
    report(api, *both_ports("faulted"))

    assert refusal(driver.post(path(soon, "confirm"))) == (409, "station_unreachable", "115")
    assert driver.post(path(far, "confirm")).json["state"] == "CONFIRMED"
    assert driver.post(path(soon, "release")).json["state"] == "RELEASED"


def test_confirming_again_is_answered_whatever_the_port_does_by_then(api, driver) -> None:
    handle = confirmed(driver, port_number=1, start=SOON)
    report(api, *both_ports("faulted"))

    assert driver.post(path(handle, "confirm")).json["state"] == "CONFIRMED"


def test_a_reservation_is_not_moved_into_a_port_that_fails(api, driver) -> None:
    handle = held(driver, port_number=1, start=SOON)
    report(api, a_report("offline", NOON, port=2))

    assert refusal(modify(driver, handle, port_number=2)) == (409, "station_unreachable", "115")
    assert modify(driver, handle, duration_min=90).status_code == 200


def test_how_soon_that_is_the_station_says(api, driver) -> None:
    set_policy(api.as_operator(), in_service_within_min=0)
    report(api, *both_ports("faulted"))

    assert held(driver, start=later(minutes=1))


def test_a_station_that_is_gone_confirms_nothing(app, driver) -> None:
    handle = held(driver)
    catalogue: StationCatalogue = app.extensions["portside"][StationCatalogue]
    catalogue.remove_demo()

    assert refusal(driver.post(path(handle, "confirm"))) == (409, "station_unreachable", "115")
    assert refusal(modify(driver, handle, duration_min=90)) == (404, "unknown_station", "119")
    assert driver.post(path(handle, "release")).json["state"] == "RELEASED"


def test_without_the_cache_the_database_is_asked(app, api, driver) -> None:
    report(api, *both_ports("faulted"))
    cache = next(kept for kind, kept in app.extensions["portside"].items() if kind.__name__ == "Cache")
    cache.attempt(lambda client: client.flushall())

    assert refusal(driver.post("/v1/reservations", WISH | {"start": SOON})) == (409, "station_unreachable", "115")
