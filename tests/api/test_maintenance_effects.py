"""What announced maintenance does to answers: statuses are marked, nothing disappears, and it ends with the window."""

from datetime import timedelta
from typing import Any

from flask import Flask

from finder.announcements import Announcements
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.services import of
from tests.api.finder_words import CAMPBELL, HQ14, a_report, ids, report
from tests.api.maintenance_words import END, MESSAGE, START, announce, cancel
from tests.conftest import NOW
from tests.conversation import Conversation
from tests.statements import counted

SECOND = timedelta(seconds=1)


def told(api: Conversation) -> dict[str, Any]:
    """HQ14's first port in every answer that carries a status; they all say the same."""
    answers = (
        api.get(f"/v1/stations/{HQ14}").json,
        api.get("/v1/stations", station_id=HQ14).json["data"][0],
        api.get(f"/v1/stations/{HQ14}/status").json,
        api.get("/v1/status", station_id=HQ14).json["data"][0],
        next(one for one in api.get("/v1/status", **CAMPBELL, limit=200).json["data"] if one["station_id"] == HQ14),
    )
    found = [{**one["ports"][0]["status"], "maintenance": one["maintenance"]} for one in answers]
    assert all(one == found[0] for one in found)
    return dict(found[0])


def marks(status: dict[str, Any]) -> tuple[str, str, str | None, list[str]]:
    going_on = [one["message"] for one in status["maintenance"]]
    return status["status"], status["freshness"], status["stale_reason"], going_on


FRESH = ("AVAILABLE", "FRESH", None, [])
DELAYED = ("AVAILABLE", "STALE", "maintenance", [MESSAGE])


def test_statuses_are_marked_from_the_start_to_the_end(api: Conversation, clock: FixedClock) -> None:
    announce(api)
    seen = {}
    for moment in (START - SECOND, START, END - SECOND, END):
        clock.moment = moment
        if moment < START:
            report(api, a_report("available", moment))
        seen[moment] = marks(told(api))

    assert list(seen.values()) == [FRESH, DELAYED, DELAYED, ("UNREACHABLE", "STALE", "silent", [])]


def test_a_report_that_gets_through_is_fresh(api: Conversation, clock: FixedClock) -> None:
    announce(api)
    clock.moment = START + timedelta(minutes=1)
    report(api, a_report("charging", clock.moment))
    fresh = marks(told(api))
    clock.advance(minutes=16)

    assert fresh == ("IN_USE", "FRESH", None, [MESSAGE])
    assert marks(told(api)) == ("IN_USE", "STALE", "maintenance", [MESSAGE])


def test_silence_before_the_window_stays_what_it_was(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("available", NOW - timedelta(minutes=1)))
    announce(api)
    clock.moment = START

    assert marks(told(api)) == ("UNREACHABLE", "STALE", "maintenance", [MESSAGE])


def test_no_station_disappears_and_none_counts_as_surely_free(api: Conversation, clock: FixedClock) -> None:
    before = ids(api.get("/v1/stations", limit=200))
    announce(api, None)
    report(api, a_report("available", NOW - SECOND))

    assert ids(api.get("/v1/stations", limit=200)) == before
    assert ids(api.get("/v1/stations", available="true")) == []


def test_a_window_of_one_station_marks_no_other(api: Conversation) -> None:
    announce(api, None, scope={"station_ids": ["1:39183"]})

    assert told(api)["maintenance"] == []
    assert len(api.get("/v1/stations/1:39183").json["maintenance"]) == 1


def test_a_window_of_an_organization_marks_its_stations(api: Conversation) -> None:
    owner = api.get(f"/v1/stations/{HQ14}").json["organization"]["organization_id"]
    announce(api, None, scope={"organization_id": owner})

    marked = {one["station_id"]: bool(one["maintenance"]) for one in api.get("/v1/stations", limit=200).json["data"]}
    owners = {
        one["station_id"]: one["organization"] is not None and one["organization"]["organization_id"] == owner
        for one in api.get("/v1/stations", limit=200).json["data"]
    }
    assert marked == owners
    assert 0 < sum(marked.values()) < len(marked)


def test_several_windows_are_all_told(api: Conversation) -> None:
    announce(api, None, message="first")
    announce(api, None, scope={"station_ids": [HQ14]}, effects=["reservations_closed"], message="second")

    assert {one["message"] for one in told(api)["maintenance"]} == {"first", "second"}


def test_a_cancelled_window_marks_nothing(api: Conversation) -> None:
    made = announce(api, None)
    report(api, a_report("available", NOW - SECOND))
    before = marks(told(api))

    cancel(api, made)

    assert before == DELAYED
    assert marks(told(api)) == FRESH


def test_searches_send_no_statement_for_it(app: Flask, api: Conversation) -> None:
    announce(api, None)
    api.get("/v1/stations")
    announcements = of(app, Announcements)
    announcements._look_at = float("inf")  # the second in which they are remembered does not end

    with counted(of(app, Database)) as sent:
        for _ in range(3):
            assert api.get("/v1/stations").json["data"][0]["maintenance"]

    assert [statement for statement in sent if "maintenance" in statement] == []
