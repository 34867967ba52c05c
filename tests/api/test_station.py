"""One station, whole: a conversation with GET /v1/stations/{station_id}."""

from datetime import UTC, datetime

from flask import Flask

from finder.domain.station import Access
from kernel.clock import FixedClock
from tests.api.finder_words import HQ14, a_report, report
from tests.api.problem_words import faults, problem
from tests.builders import a_station, add_stations
from tests.conftest import NOW
from tests.conversation import Conversation


def test_a_station_is_told_as_the_guide_tells_it(api: Conversation) -> None:
    station = api.get("/v1/stations/1:41613").json

    assert station["name"] == "CHARGEPOINT / HQ14"
    assert station["organization"] == {"organization_id": "1:12", "name": "CHARGEPOINT"}
    assert station["location"] == {"lat": 37.261513, "lon": -121.957718}
    assert station["address"]["formatted"] == "1692 Dell Ave, Campbell, California 95008, United States"
    assert station["opening_hours"] == {"twenty_four_seven": True}
    assert station["tariff"]["type"] == "HOURLY"
    assert [port["connectors"] for port in station["ports"]] == [[{"standard": "J1772"}]] * 2
    assert (station["demo"], station["access"], station["reservable"]) == (True, "PUBLIC", True)


def test_the_id_may_be_url_encoded(api: Conversation) -> None:
    plain, encoded = api.get("/v1/stations/1:41613"), api.get("/v1/stations/1%3A41613")

    assert plain.json == encoded.json


def test_the_offset_from_utc_follows_the_season(api: Conversation, clock: FixedClock) -> None:
    clock.moment = datetime(2026, 1, 15, tzinfo=UTC)
    winter = api.get("/v1/stations/1:41613").json
    clock.moment = datetime(2026, 7, 15, tzinfo=UTC)
    summer = api.get("/v1/stations/1:41613").json

    assert (winter["time_zone"], winter["utc_offset"]) == ("America/Los_Angeles", "-08:00")
    assert (summer["time_zone"], summer["utc_offset"]) == ("America/Los_Angeles", "-07:00")


def test_what_nobody_knows_is_null(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1", organization=None, access=Access.RESTRICTED))

    station = api.get("/v1/stations/7:1").json

    unknown = ("organization", "tariff", "opening_hours", "currency", "phone", "model", "distance_m")
    assert [station[name] for name in unknown] == [None] * len(unknown)
    assert (station["demo"], station["access"]) == (False, "RESTRICTED")


def test_availability_counts_every_port(api: Conversation) -> None:
    report(api, a_report("available", NOW), a_report("charging", NOW, port=2))

    station = api.get("/v1/stations/1:41613").json

    assert station["availability"]["AVAILABLE"] == station["availability"]["IN_USE"] == 1
    assert station["availability"]["total"] == len(station["ports"]) == 2
    assert [port["status"]["status"] for port in station["ports"]] == ["AVAILABLE", "IN_USE"]


def test_a_status_leaves_updated_at_alone(api: Conversation, clock: FixedClock) -> None:
    before = api.get("/v1/stations/1:41613").json["updated_at"]
    clock.advance(minutes=5)
    report(api, a_report("faulted", clock.moment))

    assert api.get("/v1/stations/1:41613").json["updated_at"] == before


def test_a_changed_station_is_told_at_once(app: Flask, api: Conversation, clock: FixedClock) -> None:
    add_stations(app, a_station("7:1"))
    before = api.get("/v1/stations/7:1")
    clock.advance(minutes=5)
    add_stations(app, a_station("7:1", name="Renamed"))

    after = api.get("/v1/stations/7:1")

    assert after.json["name"] == "Renamed"
    assert after.json["updated_at"] > before.json["updated_at"]
    assert after.headers["ETag"] != before.headers["ETag"]


def test_an_answer_that_the_caller_has_is_not_sent_again(api: Conversation) -> None:
    first = api.get("/v1/stations/1:41613")
    report(api, a_report("available", NOW))

    same = api.get("/v1/stations/1:23", headers={"If-None-Match": api.get("/v1/stations/1:23").headers["ETag"]})
    other = api.get("/v1/stations/1:41613", headers={"If-None-Match": first.headers["ETag"]})

    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["ETag"]
    assert other.status_code == 200


def test_a_status_may_be_kept_for_seconds_only(api: Conversation) -> None:
    assert api.get("/v1/stations/1:41613").headers["Cache-Control"] == "private, max-age=5"


def test_a_station_that_does_not_exist_is_not_found(api: Conversation) -> None:
    for station_id in ("1:999999", "nonsense", "1:41613 ", "1:41613\x00", "١:41613"):
        for path in ("", "/status", "/status-log", "/estimate"):
            problem(api.get(f"/v1/stations/{station_id}{path}"), 404, "unknown_station")


def test_a_misspelt_parameter_is_refused(api: Conversation) -> None:
    answer = api.get(f"/v1/stations/{HQ14}", includes="status")

    problem(answer, 400, "invalid_request")
    assert faults(answer) == {"includes"}
