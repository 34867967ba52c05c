"""Idempotency keys, one request after the other: what is replayed, what is refused, and what is never kept."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.idempotency import Idempotency
from kernel.services import of
from tests.conftest import NOW

HOLDS = "/v1/reservations"
START = NOW + timedelta(days=1)
WISH = {"station_id": "1:41613", "port_number": 1, "start": START.isoformat(), "duration_min": 60, "card": "111973"}


@pytest.fixture
def driver(api):
    return api.as_driver()


def hold(driver, key="a key", **changes):
    return driver.post(HOLDS, WISH | changes, headers={"Idempotency-Key": key})


def holds(app) -> int:
    with of(app, Database).reading() as session:
        return int(session.execute(text("SELECT count(*) FROM reservations")).scalar_one())


def kept(app) -> int:
    with of(app, Database).reading() as session:
        return int(session.execute(text("SELECT count(*) FROM idempotency_keys")).scalar_one())


def test_the_first_answer_is_given_again_to_the_byte(app, driver) -> None:
    first, again = hold(driver), hold(driver)

    assert (first.status_code, first.headers.get("Idempotency-Replayed")) == (201, None)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert (again.data, again.content_type, again.location) == (first.data, first.content_type, first.location)
    assert holds(app) == 1


def test_without_a_key_the_second_is_a_request_of_its_own(driver) -> None:
    driver.post(HOLDS, WISH)

    assert driver.post(HOLDS, WISH).json["code"] == "port_taken"


def test_the_order_of_members_and_white_space_do_not_matter(driver) -> None:
    first = hold(driver)
    turned = str(dict(reversed(WISH.items()))).replace("'", '"').replace(",", " ,\n")

    headers = {"Idempotency-Key": "a key", "Content-Type": "application/json"}
    assert driver.post(HOLDS, data=turned, headers=headers).data == first.data


def test_another_body_under_the_key_is_refused_and_does_nothing(app, driver) -> None:
    first = hold(driver)
    other = hold(driver, port_number=2)

    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert hold(driver).data == first.data
    assert holds(app) == 1


def test_another_route_under_the_key_is_a_request_of_its_own(driver) -> None:
    handle = hold(driver).json["handle"]

    released = driver.post(f"{HOLDS}/{handle}/release", headers={"Idempotency-Key": "a key"})

    assert (released.status_code, released.json["state"]) == (200, "RELEASED")


def test_another_caller_under_the_key_is_a_request_of_its_own(api) -> None:
    report = {
        "reports": [
            {
                "station_id": "1:41613",
                "port_number": 1,
                "technical_status": "charging",
                "reported_at": NOW.isoformat(),
            }
        ]
    }
    said = api.as_operator().post("/v1/status-reports", report, headers={"Idempotency-Key": "a key"})

    refused = api.post("/v1/status-reports", report, headers={"Idempotency-Key": "a key"})

    assert (said.status_code, refused.status_code) == (200, 403)
    assert "Idempotency-Replayed" not in refused.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "t\tab", "ümlaut"])
def test_a_key_that_is_none_is_refused(app, driver, key) -> None:
    refused = hold(driver, key)

    assert (refused.status_code, refused.json["code"]) == (400, "invalid_idempotency_key")
    assert (holds(app), kept(app)) == (0, 0)


@pytest.mark.parametrize("key", ["x" * 255, "~ !", "0"])
def test_any_other_key_is_taken(driver, key) -> None:
    assert hold(driver, key).data == hold(driver, key).data


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"duration_min": 1}, 422, "invalid_duration"),
        ({"colour": "red"}, 422, "invalid_body"),
        ({"card": "0"}, 422, "card_invalid"),
        ({"station_id": "1:404"}, 404, "unknown_station"),
    ],
)
def test_a_refusal_of_what_was_said_is_not_kept(app, driver, change, status, code) -> None:
    refused = hold(driver, **change)
    assert (refused.status_code, refused.json["code"], kept(app)) == (status, code, 0)

    assert hold(driver).status_code == 201


def test_a_refusal_of_too_many_is_not_kept(driver) -> None:
    for number in range(3):
        hold(driver, f"key {number}", start=(START + timedelta(hours=2 + number)).isoformat())
    assert hold(driver).status_code == 429

    release_one(driver)

    assert hold(driver).status_code == 201


def release_one(driver) -> None:
    handle = driver.get(HOLDS).json["data"][0]["handle"]
    assert driver.post(f"{HOLDS}/{handle}/release").status_code == 200


def test_a_conflict_is_an_outcome_and_is_kept(driver) -> None:
    handle = hold(driver, "first").json["handle"]
    taken = hold(driver, "second")
    driver.post(f"{HOLDS}/{handle}/release")

    again = hold(driver, "second")

    assert (again.status_code, again.json["code"], again.data) == (409, "port_taken", taken.data)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_key_is_good_for_a_day_and_then_free_again(app, api, driver, clock) -> None:
    handle = hold(driver).json["handle"]
    driver.post(f"{HOLDS}/{handle}/release")
    clock.advance(hours=24, seconds=-1)
    assert hold(api.as_driver()).json["handle"] == handle

    clock.advance(seconds=2)
    late = (START + timedelta(days=1)).isoformat()

    assert hold(api.as_driver(), start=late).json["handle"] != handle


def test_old_keys_are_forgotten_and_young_ones_are_not(app, driver, clock) -> None:
    hold(driver, "old")
    clock.advance(hours=23)

    assert of(app, Idempotency).forget_old() == 0
    clock.advance(hours=2)
    assert of(app, Idempotency).forget_old() == 1
    assert kept(app) == 0
