"""Live statuses: conversations with GET /v1/status and GET /v1/stations/{station_id}/status."""

from datetime import timedelta

from flask import Flask

from kernel.cache import Cache
from kernel.clock import FixedClock
from tests.api.finder_words import CAMPBELL, HQ14, a_report, ids, port_status, report
from tests.api.problem_words import faults, problem
from tests.conftest import NOW
from tests.conversation import Conversation


def test_statuses_of_ids_come_in_the_order_asked_and_name_what_is_not_there(api: Conversation) -> None:
    answer = api.get("/v1/status", station_id=["1:23", "1:999", HQ14, "1:23"])

    assert ids(answer) == ["1:23", HQ14]
    assert answer.json["not_found"] == ["1:999"]
    assert answer.json["total"] == 2


def test_two_hundred_ids_may_be_asked_and_no_more(api: Conversation) -> None:
    many = [f"9:{number}" for number in range(201)]

    assert len(api.get("/v1/status", station_id=many[:200]).json["not_found"]) == 200
    problem(api.get("/v1/status", station_id=many), 400, "invalid_request")


def test_ids_stand_alone(api: Conversation) -> None:
    for beside in ({"level": "L1"}, {"limit": 1}, {"cursor": "x"}, CAMPBELL, {"reservable": "true"}):
        answer = api.get("/v1/status", station_id=HQ14, **beside)

        problem(answer, 400, "invalid_request")
        assert faults(answer)


def test_statuses_of_a_place_come_in_pages(api: Conversation) -> None:
    first = api.get("/v1/status", **CAMPBELL, limit=6)
    second = api.get("/v1/status", **CAMPBELL, limit=6, cursor=first.json["next_cursor"])

    assert len(ids(first)) == 6
    assert len(set(ids(first) + ids(second))) == 7
    assert second.json["has_more"] is False
    assert 'rel="next"' in first.headers["Link"]


def test_a_port_that_never_reported_is_unknown(api: Conversation) -> None:
    told = port_status(api)

    assert (told["status"], told["technical_status"], told["freshness"]) == ("UNKNOWN", "unknown", "STALE")
    assert (told["as_of"], told["age_s"], told["stale_reason"]) == (None, None, "silent")


AGES = (
    (0, "AVAILABLE", "FRESH"),
    (900, "AVAILABLE", "FRESH"),
    (901, "AVAILABLE", "STALE"),
    (3600, "AVAILABLE", "STALE"),
    (3601, "UNREACHABLE", "STALE"),
)


def test_a_silent_port_ages_by_time_alone(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("available", NOW))

    for age_s, status, freshness in AGES:
        clock.moment = NOW + timedelta(seconds=age_s)
        told = port_status(api)
        assert (told["age_s"], told["status"], told["freshness"]) == (age_s, status, freshness)
        assert told["as_of"] == "2026-03-10T12:00:00Z"
        assert told["stale_reason"] == (None if freshness == "FRESH" else "silent")


def test_a_station_never_disappears_because_its_status_is_old(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("available", NOW))
    before = ids(api.get("/v1/stations"))
    clock.advance(days=400)

    assert ids(api.get("/v1/stations")) == before
    assert ids(api.get("/v1/stations", available="true")) == []


def test_every_port_is_counted_once(api: Conversation) -> None:
    report(api, a_report("faulted", NOW), a_report("offline", NOW, port=2))

    counted = api.get(f"/v1/stations/{HQ14}/status").json["availability"]

    total = counted.pop("total")
    assert counted["OUT_OF_SERVICE"] == counted["UNREACHABLE"] == 1
    assert sum(counted.values()) == total == 2


def test_without_the_cache_the_same_statuses_come_from_the_database(app: Flask, api: Conversation) -> None:
    report(api, a_report("charging", NOW))
    with_cache = api.get("/v1/status", station_id=HQ14)
    cache: Cache = app.extensions["portside"][Cache]
    cache.attempt(lambda client: client.flushall())

    refilled = api.get("/v1/status", station_id=HQ14)

    assert refilled.json == with_cache.json
    assert "Portside-Degraded" not in refilled.headers
