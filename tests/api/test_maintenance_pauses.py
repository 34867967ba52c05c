"""What can and cannot be changed while announced maintenance lasts, for some stations and for all."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from finder.pause import CHANGE_NOTHING
from kernel.clock import FixedClock
from kernel.fields import moment_text
from tests.api.finder_words import HQ14, a_report, port_status, report
from tests.api.maintenance_words import MESSAGE, announce, cancel, listed
from tests.api.operations import Callers, operations
from tests.api.problem_words import problem
from tests.api.reservation_words import WISH, confirmed, held, later, modify, path
from tests.conftest import NOW
from tests.conversation import Conversation

ELSEWHERE = "1:39183"
TARIFF = {"type": "FREE", "currency": "USD", "parts": [{}]}
START, END = NOW + timedelta(minutes=2), NOW + timedelta(minutes=12)
PAUSED: dict[str, Any] = {"effects": ["writes_paused"], "scope": {"station_ids": [HQ14]}}
CLOSED: dict[str, Any] = {"effects": ["reservations_closed"]}
SECOND = timedelta(seconds=1)


@pytest.fixture
def driver(api: Conversation) -> Conversation:
    return api.as_driver()


def refused(answer: Any, retry_after_s: int | None = None) -> None:
    said = problem(answer, 503, "maintenance")
    assert MESSAGE in said["detail"]
    assert retry_after_s in (None, int(answer.headers["Retry-After"]))


def test_new_things_are_refused_from_the_start_to_the_end(
    api: Conversation, driver: Conversation, clock: FixedClock
) -> None:
    announce(api, START, END, **PAUSED)
    waits = {}
    for moment in (START - SECOND, START, END - SECOND, END):
        clock.moment = moment
        answer = driver.post("/v1/quotes", WISH)
        waits[moment] = (answer.status_code, answer.headers.get("Retry-After"))

    assert list(waits.values()) == [(201, None), (503, "600"), (503, "1"), (201, None)]


def test_only_what_frees_something_is_let_through(api: Conversation, driver: Conversation, clock: FixedClock) -> None:
    reserved, kept, first, second = confirmed(driver), confirmed(driver, start=later(hours=8)), *_two_holds(driver)
    announce(api, None, END, **PAUSED)

    refused(driver.post("/v1/quotes", WISH), 720)
    refused(driver.post("/v1/reservations", WISH), 720)
    refused(driver.post(path(first, "confirm")), 720)
    refused(driver.post(path(first, "extend")), 720)
    refused(modify(driver, kept, duration_min=90), 720)
    assert driver.post(path(second, "release")).json["state"] == "RELEASED"
    assert driver.post(path(reserved, "cancel")).json["state"] == "CANCELLED"
    assert driver.get(path(kept)).json["state"] == "CONFIRMED"


def _two_holds(driver: Conversation) -> tuple[str, str]:
    return held(driver, start=later(hours=10)), held(driver, start=later(hours=12))


def test_the_owner_changes_nothing_either_and_ports_go_on_reporting(api: Conversation) -> None:
    announce(api, None, **PAUSED)
    operator = api.as_operator()

    refused(operator.request("PUT", f"/v1/stations/{HQ14}/tariff", json=TARIFF), 3600)
    refused(operator.request("DELETE", f"/v1/stations/{HQ14}/tariff"))
    refused(operator.request("PUT", f"/v1/stations/{HQ14}/reservation-policy", json={"hold_min": 7}))
    assert report(api, a_report("charging", NOW)) == ["accepted"]
    assert port_status(api)["status"] == "IN_USE"


def test_other_stations_are_not_paused(api: Conversation, driver: Conversation) -> None:
    announce(api, None, **{**PAUSED, "scope": {"station_ids": [ELSEWHERE]}})

    assert driver.post("/v1/reservations", WISH).status_code == 201


def test_a_refused_hold_can_be_sent_again_with_its_key(
    api: Conversation, driver: Conversation, clock: FixedClock
) -> None:
    announce(api, None, END, **PAUSED)
    key = {"Idempotency-Key": "k"}
    refused(driver.post("/v1/reservations", WISH, headers=key))
    clock.moment = END

    assert driver.post("/v1/reservations", WISH, headers=key).status_code == 201


def test_what_was_reserved_before_is_enforced_all_through(
    api: Conversation, driver: Conversation, clock: FixedClock
) -> None:
    handle = confirmed(driver, port_number=1)
    start = NOW + timedelta(hours=5)
    announce(api, start, start + timedelta(hours=1), effects=["status_delayed", "writes_paused", "reservations_closed"])
    clock.moment = start + timedelta(minutes=5)

    assert driver.get(path(handle)).json["state"] == "CONFIRMED"
    assert port_status(api)["reserved"] is True


def test_nothing_new_is_reserved_inside_a_closed_window(api: Conversation, driver: Conversation) -> None:
    start = NOW + timedelta(hours=5)
    announce(api, start, start + timedelta(hours=2), **CLOSED)

    answer = driver.post("/v1/reservations", WISH)

    assert problem(answer, 409, "closed_for_maintenance")["response_code"] == "115"
    offered = answer.json["alternatives"]
    assert offered
    assert all(one["start"] <= later(hours=4) or one["start"] >= later(hours=7) for one in offered)
    assert held(driver, start=later(hours=7))
    assert held(driver, start=later(hours=4))


def test_openings_and_the_search_for_free_ports_leave_a_closed_window_out(api: Conversation) -> None:
    start = NOW + timedelta(hours=5)
    announce(api, start, start + timedelta(hours=2), scope={"station_ids": [HQ14]}, **CLOSED)

    span = {"station_id": HQ14, "port": 1, "start": later(hours=4), "end": later(hours=9)}
    found = [(one["start"], one["end"]) for one in api.get("/v1/openings", **span).json["data"][0]["openings"]]
    free = api.get("/v1/stations", free_from=later(hours=5), free_until=later(hours=6)).json["data"]

    assert found == [(later(hours=4), later(hours=5)), (later(hours=7), later(hours=9))]
    assert HQ14 not in {one["station_id"] for one in free}


def test_a_hold_may_begin_soon_though_the_port_is_silent_for_maintenance(
    api: Conversation, driver: Conversation, clock: FixedClock
) -> None:
    report(api, a_report("available", NOW), a_report("available", NOW, port=2))
    announce(api, NOW + timedelta(minutes=5), NOW + timedelta(hours=4))
    clock.advance(hours=2)

    assert port_status(api)["status"] == "AVAILABLE"
    assert driver.post("/v1/reservations", WISH | {"start": later(hours=2, minutes=10)}).status_code == 201


def test_a_modification_into_a_closed_window_keeps_the_old_one(api: Conversation, driver: Conversation) -> None:
    handle = confirmed(driver, start=later(hours=2))
    announce(api, NOW + timedelta(hours=5), NOW + timedelta(hours=7), **CLOSED)

    problem(modify(driver, handle, start=later(hours=5)), 409, "closed_for_maintenance")
    assert driver.get(path(handle)).json["start"] == later(hours=2)


def run(app: Flask, *arguments: str) -> str:
    ended = app.test_cli_runner().invoke(args=["maintenance", *arguments])
    assert ended.exit_code == 0, ended.output
    return ended.output.strip()


def test_in_the_maintenance_mode_every_change_is_refused_and_everything_is_read(
    app: Flask, api: Conversation, driver: Conversation
) -> None:
    handle, callers = confirmed(driver), Callers(app)
    made = announce(api, START, END)
    assert run(app, "on", "--minutes", "20", "--message", MESSAGE) == f"on until {later(minutes=20)}"

    answers = {
        one.name: (one, one.send(callers.may(one))) for one in operations(app, handle=handle, maintenance_id=made)
    }
    for name, (operation, answer) in answers.items():
        if operation.method == "GET" or name in CHANGE_NOTHING:
            assert answer.status_code == 200 or name == "follow_stream", name  # nobody streams here
        else:
            refused(answer, 1200)
    assert sum(operation.method != "GET" for operation, _ in answers.values()) > 12


def test_the_maintenance_mode_marks_statuses_and_ends_by_command(
    app: Flask, api: Conversation, clock: FixedClock
) -> None:
    report(api, a_report("available", NOW - SECOND))
    run(app, "on", "--message", MESSAGE)
    on, marked = run(app, "status"), port_status(api)["stale_reason"]
    clock.advance(seconds=1)

    assert (on, marked) == (f"on until {later(minutes=15)}: {MESSAGE}", "maintenance")
    assert run(app, "off") == "off"
    assert (run(app, "status"), port_status(api)["stale_reason"]) == ("off", None)
    assert run(app, "off") == "it was off"
    assert len(listed(api, state="ENDED")) == 1


def test_the_maintenance_mode_ends_by_itself(app: Flask, driver: Conversation, clock: FixedClock) -> None:
    run(app, "on", "--minutes", "1", "--message", MESSAGE)
    refused(driver.post("/v1/quotes", WISH), 60)
    clock.advance(minutes=1)

    assert driver.post("/v1/quotes", WISH).status_code == 201


@pytest.mark.parametrize(
    "arguments", ["on --minutes 0", "on --minutes 99999999", "on --message=", f"on --message={'x' * 501}", "of"]
)
def test_the_command_refuses_what_cannot_be(app: Flask, arguments: str) -> None:
    ended = app.test_cli_runner().invoke(args=["maintenance", *arguments.split()])

    assert ended.exit_code != 0
    assert ended.output.count("Error") == 1
    assert run(app, "status") == "off"


def test_a_window_cancelled_while_it_lasts_pauses_nothing_more(api: Conversation, driver: Conversation) -> None:
    made = announce(api, None, **PAUSED)
    refused(driver.post("/v1/quotes", WISH))

    cancel(api, made)

    assert driver.post("/v1/quotes", WISH).status_code == 201


def test_the_message_is_plain_text(api: Conversation, driver: Conversation) -> None:
    announce(api, None, message="<b>not bold</b>", **PAUSED)

    told = api.get(f"/v1/stations/{HQ14}").json["maintenance"][0]
    assert told["message"] == "<b>not bold</b>"
    assert told["end"] > moment_text(NOW)
