"""Reservations modified and holds extended, as a conversation."""

from dataclasses import replace

import pytest

from kernel.errors import Overtaken, TemporarilyUnavailable
from kernel.services import provide
from reservations.desk import ReservationDesk
from reservations.modification import Modification
from tests.api.reservation_words import (
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

ABSENT = "rsv_" + 32 * "a"


@pytest.fixture
def driver(api):
    return api.as_driver("demo", "demo")


@pytest.fixture
def operator(api):
    return api.as_operator()


@pytest.fixture
def other(app, api):
    return a_driver(app, api)


@pytest.mark.parametrize("made", [held, confirmed])
def test_a_driver_moves_a_reservation_to_another_hour_port_and_length(driver, made) -> None:
    handle = made(driver, port_number=1)
    before = driver.get(path(handle)).json

    after = modify(driver, handle, start=later(hours=7), duration_min=120, port_number=2)

    assert after.status_code == 200, after.text
    assert (after.json["start"], after.json["end"], after.json["port_number"]) == (later(hours=7), later(hours=9), 2)
    assert (after.json["price"]["total"], after.json["cancel_until"]) == ("3.00", later(hours=6, minutes=30))
    for kept in ("state", "handle", "card", "hold_expires_at", "confirmed_at", "policy", "created_at"):
        assert after.json[kept] == before[kept]
    assert driver.get(path(handle)).json == after.json


def test_what_was_left_is_free_and_what_was_taken_is_not(driver, other) -> None:
    handle = held(driver, port_number=1)
    modify(driver, handle, start=later(hours=7))

    assert held(other, card="555", port_number=1)
    taken = other.post("/v1/reservations", WISH | {"card": "555", "port_number": 1, "start": later(hours=7)})
    assert refusal(taken) == (409, "port_taken", "112")


def test_a_window_may_move_over_its_own_old_one(driver) -> None:
    handle = held(driver, port_number=1)

    assert modify(driver, handle, start=later(hours=5, minutes=30)).status_code == 200
    assert modify(driver, handle, duration_min=90).json["duration_min"] == 90


def test_where_the_new_window_cannot_be_had_the_old_one_is_kept_entirely(driver, other) -> None:
    handle = confirmed(driver, port_number=1)
    held(other, card="555", port_number=1, start=later(hours=7))
    before = driver.get(path(handle)).data

    assert refusal(modify(driver, handle, start=later(hours=6, minutes=1))) == (409, "port_taken", "112")
    assert driver.get(path(handle)).data == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "2026-03-10T11:00:00Z"}, (422, "start_in_past", "106")),
        ({"duration_min": 5}, (422, "invalid_duration", "107")),
        ({"port_number": 9}, (404, "unknown_port", "119")),
        ({"duration_min": 90, "quote_id": "mine"}, (422, "quote_mismatch", "171")),
        ({}, (422, "invalid_body", "171")),
        ({"quote_id": "mine"}, (422, "invalid_body", "171")),
        ({"state": "CONFIRMED"}, (422, "invalid_body", "171")),
        ({"start": None}, (422, "invalid_body", "171")),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_changes_nothing(driver, change, said) -> None:
    handle = held(driver)
    before = driver.get(path(handle)).data

    assert refusal(modify(driver, handle, **change)) == said
    assert driver.get(path(handle)).data == before


def test_changing_nothing_is_answered_with_what_there_is(driver) -> None:
    handle = held(driver)
    before = driver.get(path(handle)).data

    assert modify(driver, handle, start=WISH["start"], duration_min=60).data == before


def test_a_reservation_can_be_modified_until_cancelling_ends(driver, clock) -> None:
    handle = confirmed(driver)
    clock.advance(hours=4, minutes=30)

    assert refusal(modify(driver, handle, duration_min=90)) == (409, "modification_too_late", "138")


def test_what_has_ended_cannot_be_modified(driver, clock) -> None:
    cancelled, lapsed = confirmed(driver), held(driver)
    driver.post(path(cancelled, "cancel"))
    clock.advance(minutes=5)

    assert refusal(modify(driver, cancelled, duration_min=90)) == (409, "not_modifiable", "138")
    assert refusal(modify(driver, lapsed, duration_min=90)) == (409, "hold_expired", "112")


def test_a_hold_does_not_last_longer_by_being_modified(driver, clock) -> None:
    handle = held(driver)
    clock.advance(minutes=4)

    assert modify(driver, handle, duration_min=90).json["hold_expires_at"] == later(minutes=5)


def test_other_peoples_reservations_are_as_unknown_as_none_at_all(driver, other) -> None:
    theirs = held(other, card="555")

    assert refusal(modify(driver, theirs, duration_min=90)) == (404, "handle_unknown", "113")
    assert refusal(modify(driver, ABSENT, duration_min=90)) == (404, "handle_unknown", "113")
    assert refusal(driver.post(path(theirs, "extend"))) == (404, "handle_unknown", "113")


def test_the_price_is_that_of_the_tariff_now(driver, operator) -> None:
    handle = held(driver)
    tariff = {"type": "HOURLY", "currency": "USD", "parts": [{"unit_price_per_hour": "9.00"}]}
    operator.request("PUT", TARIFF, json=tariff)

    assert modify(driver, handle, duration_min=120).json["price"]["total"] == "18.00"


def test_or_that_of_a_quote_for_exactly_this(driver, operator) -> None:
    handle = held(driver, port_number=1)
    then = {"start": later(hours=8), "duration_min": 120}
    quote = driver.post("/v1/quotes", WISH | then | {"port_number": 1}).json
    operator.request("DELETE", TARIFF)

    after = modify(driver, handle, **then, quote_id=quote["quote_id"])

    assert after.json["price"] == quote["price"]


def test_the_policy_stays_as_it_was_promised(driver, operator) -> None:
    set_policy(operator, shortest_min=30)
    handle = held(driver)
    set_policy(operator, longest_min=60, cancellation_interval_min=120)

    after = modify(driver, handle, duration_min=90)

    assert (after.status_code, after.json["cancellation_interval_min"]) == (200, 30)
    assert refusal(modify(driver, handle, duration_min=29)) == (422, "invalid_duration", "107")


def test_a_start_that_stays_need_not_be_far_enough_ahead_again(driver, operator, clock) -> None:
    set_policy(operator, earliest_start_min=300)
    handle = held(driver)
    clock.advance(minutes=1)

    assert modify(driver, handle, duration_min=90).status_code == 200
    assert refusal(modify(driver, handle, start=later(hours=5, seconds=30))) == (422, "start_too_soon", "106")


def test_a_repeated_change_with_its_key_has_one_effect(driver) -> None:
    handle = held(driver)
    once = {"headers": {"Idempotency-Key": "once"}, "json": {"duration_min": 90}}
    first = driver.request("PATCH", path(handle), **once)
    modify(driver, handle, duration_min=30)

    again = driver.request("PATCH", path(handle), **once)

    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert driver.get(path(handle)).json["duration_min"] == 30


def test_an_edit_of_an_old_version_is_refused(driver, clock) -> None:
    handle = held(driver)
    version = driver.get(path(handle)).json["updated_at"]
    clock.advance(minutes=1)
    for_version = {"headers": {"If-Match": f'"{version}"'}, "json": {"duration_min": 90}}

    first, late = (driver.request("PATCH", path(handle), **for_version) for _ in range(2))

    assert (first.status_code, refusal(late)) == (200, (412, "changed_meanwhile", "138"))
    bad = driver.request("PATCH", path(handle), json={"duration_min": 60}, headers={"If-Match": '"x"'})
    assert bad.status_code == 412


def test_whoever_was_overtaken_is_not_told_but_served(app, driver) -> None:
    desk, tries = app.extensions["portside"][ReservationDesk], []

    def overtaken_once(session, port_id, driver_id):
        tries.append(port_id)
        if len(tries) == 1:
            raise Overtaken
        return desk.lock_port(session, port_id, driver_id)

    provide(app, replace(desk, lock_port=overtaken_once))

    assert held(driver, port_number=1)
    assert len(tries) == 2
    assert len(driver.get("/v1/reservations").json["data"]) == 1


@pytest.mark.parametrize(("fault", "starts"), [(TemporarilyUnavailable(), 1), (Overtaken(), 3)])
def test_where_the_old_window_cannot_be_given_up_now_it_is_kept(app, driver, fault, starts) -> None:
    handle = held(driver)
    desk, tries = app.extensions["portside"][ReservationDesk], []

    def never(session, port_id) -> None:
        tries.append(port_id)
        raise fault

    provide(app, Modification(replace(desk, lock_port=never)))
    answer = modify(driver, handle, duration_min=90)

    assert refusal(answer) == (503, "modification_unavailable", "137")
    assert len(tries) == starts
    assert answer.headers["Retry-After"] == "1"
    assert driver.get(path(handle)).json["duration_min"] == 60


def test_a_hold_is_extended_twice_and_no_more(driver, clock) -> None:
    handle = held(driver)
    clock.advance(minutes=4)
    answers = [driver.post(path(handle, "extend")) for _ in range(3)]

    assert [one.json["hold_expires_at"] for one in answers[:2]] == [later(minutes=10), later(minutes=15)]
    assert answers[1].json["extensions"] == 2
    assert refusal(answers[2]) == (409, "no_extension_left", "112")


def test_an_extended_hold_keeps_its_port_and_can_be_confirmed_later(driver, other, clock) -> None:
    handle = held(driver, port_number=1)
    driver.post(path(handle, "extend"))
    clock.advance(minutes=9)

    assert refusal(other.post("/v1/reservations", WISH | {"card": "555", "port_number": 1}))[1] == "port_taken"
    assert driver.post(path(handle, "confirm")).json["state"] == "CONFIRMED"


def test_a_hold_is_not_extended_into_its_own_window(driver) -> None:
    handle = held(driver, start=later(minutes=9))

    assert refusal(driver.post(path(handle, "extend"))) == (409, "extension_too_late", "112")


def test_a_station_may_forbid_extending(driver, operator) -> None:
    set_policy(operator, extensions=0)
    handle = held(driver)

    assert refusal(driver.post(path(handle, "extend"))) == (409, "no_extension_left", "112")


def test_only_a_live_hold_is_extended(driver, clock) -> None:
    done, lapsed = confirmed(driver), held(driver)
    clock.advance(minutes=5)

    assert refusal(driver.post(path(done, "extend"))) == (409, "wrong_state", None)
    assert refusal(driver.post(path(lapsed, "extend"))) == (409, "hold_expired", "112")


def test_a_repeated_extension_with_its_key_is_one(driver) -> None:
    handle, key = held(driver), {"Idempotency-Key": "more"}
    first, again = (driver.post(path(handle, "extend"), headers=key) for _ in range(2))

    assert first.data == again.data
    assert driver.get(path(handle)).json["extensions"] == 1
