"""What ports were: conversations about the status log, the reliability of a station, and thresholds."""

from datetime import timedelta

from flask import Flask

from finder.status_history import StatusHistory
from kernel.clock import FixedClock
from kernel.services import of
from tests.api.finder_words import HQ14, a_report, ids, port_status, report
from tests.api.problem_words import problem
from tests.conftest import NOW
from tests.conversation import Conversation

LOG = f"/v1/stations/{HQ14}/status-log"
SECOND = timedelta(seconds=1)
AHEAD = "2026-03-10T13:00:00Z"


def test_the_log_comes_in_pages_newest_first(api: Conversation) -> None:
    for number in range(5):
        report(api, a_report("charging", NOW - (5 - number) * SECOND, sequence=number))

    first = api.get(LOG, limit=2).json
    second = api.get(LOG, limit=2, cursor=first["next_cursor"]).json
    third = api.get(LOG, limit=2, cursor=second["next_cursor"]).json

    rows = [row["sequence"] for page in (first, second, third) for row in page["data"]]
    assert (rows, third["has_more"], third["next_cursor"]) == ([4, 3, 2, 1, 0], False, None)
    problem(api.get(LOG, limit=2, port=1, cursor=first["next_cursor"]), 400, "invalid_cursor")


def test_a_clock_far_ahead_is_flagged_in_the_outcome_and_in_the_log_with_both_times(api: Conversation) -> None:
    body = {"reports": [a_report("charging", NOW + timedelta(hours=1)), a_report("charging", NOW, port=2)]}
    outcomes = api.as_operator().post("/v1/status-reports", body).json["data"]

    log = api.get(LOG).json["data"]

    assert [(row["outcome"], row["clamped"]) for row in outcomes] == [("accepted", True), ("accepted", False)]
    assert [(row["clamped"], row["reported_at"]) for row in log] == [(False, "2026-03-10T12:00:00Z"), (True, AHEAD)]
    assert log[1]["received_at"] == port_status(api)["as_of"] == "2026-03-10T12:00:00Z"


def test_the_log_shows_the_reporters_own_word(api: Conversation) -> None:
    report(api, a_report("Charging", NOW - SECOND), a_report("charging", NOW), a_report("SUSPENDED_EV", NOW, port=2))

    assert [row["raw_status"] for row in api.get(LOG).json["data"]] == ["SUSPENDED_EV", "charging", "Charging"]


def test_a_port_that_says_it_is_reserved_is_counted_as_that(api: Conversation) -> None:
    report(api, a_report("RESERVED", NOW))

    answer = api.get(f"/v1/stations/{HQ14}/status").json

    assert (answer["ports"][0]["status"]["status"], answer["ports"][0]["status"]["reserved"]) == ("AVAILABLE", True)
    assert answer["availability"]["RESERVED"] == 1
    assert HQ14 not in ids(api.get("/v1/stations", available="true", limit=200))


def test_reliability_is_told_for_30_and_90_days_by_port_and_in_all(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("available", NOW), a_report("Faulted", NOW, port=2))
    clock.advance(minutes=30)

    answer = api.get(f"/v1/stations/{HQ14}/reliability").json

    assert [period["days"] for period in answer["periods"]] == [30, 90]
    month = answer["periods"][0]
    assert [(port["port_number"], port["working"], port["hours_observed"]) for port in month["ports"]] == [
        (1, 1.0, 0.5),
        (2, 0.0, 0.5),
    ]
    assert month["station"]["working"] == month["station"]["available"] == month["station"]["out_of_service"] == 0.5
    assert month["station"]["reports"] == 2
    problem(api.get("/v1/stations/1:999/reliability"), 404, "unknown_station")


def test_history_outlives_the_reports_and_old_reports_are_forgotten(
    app: Flask, api: Conversation, clock: FixedClock
) -> None:
    report(api, a_report("available", NOW))
    clock.advance(days=20)
    report(api, a_report("charging", clock.moment))

    forgotten = of(app, StatusHistory).forget_old()

    month = api.get(f"/v1/stations/{HQ14}/reliability").json["periods"][0]
    assert forgotten == 1
    assert month["ports"][0]["hours_observed"] == 480.0
    assert month["ports"][0]["reports"] == 2
    assert of(app, StatusHistory).forget_old() == 0


def test_the_spell_that_the_kept_time_begins_with_is_never_forgotten(
    app: Flask, api: Conversation, clock: FixedClock
) -> None:
    report(api, a_report("available", NOW))
    clock.advance(days=10)
    report(api, a_report("charging", clock.moment))
    clock.advance(days=190)

    of(app, StatusHistory).forget_old()

    [ninety] = [one for one in api.get(f"/v1/stations/{HQ14}/reliability").json["periods"] if one["days"] == 90]
    assert ninety["ports"][0]["unreachable"] == 1.0
    assert ninety["ports"][0]["hours_observed"] == 2160.0


def test_stations_are_found_by_status_and_age_together(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("available", NOW), a_report("faulted", NOW, port=2))
    report(api, a_report("charging", NOW, station_id="1:39183"))
    clock.advance(seconds=61)
    report(api, a_report("charging", clock.moment, station_id="1:39183", port=2))

    def found(**asked: object) -> set[str]:
        return set(ids(api.get("/v1/stations", limit=200, **asked)))

    assert found(status="OUT_OF_SERVICE") == {HQ14}
    assert found(status=["IN_USE", "AVAILABLE"]) == {HQ14, "1:39183"}
    assert found(max_age_s=60) == {"1:39183"}
    assert found(max_age_s=61, status="AVAILABLE", available="true") == {HQ14}
    assert found(max_age_s=60, status="AVAILABLE") == set()
    clock.advance(seconds=3600)
    assert found(status="UNREACHABLE") == {HQ14, "1:39183"}
    assert found(status="AVAILABLE") == set()
    assert set(ids(api.get("/v1/status", status="UNREACHABLE"))) == {HQ14, "1:39183"}


def test_a_status_that_is_none_and_an_age_that_is_none_are_refused(api: Conversation) -> None:
    for asked in ({"status": "BUSY"}, {"status": "available"}, {"max_age_s": "-1"}, {"max_age_s": "1.5"}):
        problem(api.get("/v1/stations", **asked), 400, "invalid_request")


def test_a_networks_own_thresholds_count_at_once_and_are_told(app: Flask, api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("available", NOW))
    arguments = ["stations", "thresholds", "1", "--stale-after", "30", "--unreachable-after", "60"]

    said = app.test_cli_runner().invoke(args=arguments).output

    assert said == "network 1: stale after 30 s, unreachable after 60 s\n"
    told = []
    for _ in range(2):
        clock.advance(seconds=31)
        told.append((port_status(api)["freshness"], port_status(api)["status"]))
    assert told == [("STALE", "AVAILABLE"), ("STALE", "UNREACHABLE")]
    [network] = [one for one in api.get("/v1/networks").json["data"] if one["network_id"] == 1]
    assert (network["stale_after_s"], network["unreachable_after_s"]) == (30, 60)


def test_stations_gone_silent_are_listed(app: Flask, api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("available", NOW))
    clock.advance(minutes=16)

    listed = app.test_cli_runner().invoke(args=["stations", "silent", "60"]).output

    assert listed == f"{HQ14}  2026-03-10T12:00:00Z\n"


def test_a_status_never_moves_updated_at(api: Conversation, clock: FixedClock) -> None:
    before = api.get(f"/v1/stations/{HQ14}").json["updated_at"]
    clock.advance(minutes=5)
    report(api, a_report("faulted", clock.moment))

    assert api.get(f"/v1/stations/{HQ14}").json["updated_at"] == before


def test_every_answer_with_a_status_says_how_old_it_is_and_counts(api: Conversation) -> None:
    report(api, a_report("available", NOW))

    answers = [
        api.get("/v1/stations", station_id=HQ14).json["data"][0],
        api.get(f"/v1/stations/{HQ14}").json,
        api.get("/v1/status", station_id=HQ14).json["data"][0],
        api.get(f"/v1/stations/{HQ14}/status").json,
    ]

    for station in answers:
        assert station["availability"]["total"] == len(station["ports"])
        for port in station["ports"]:
            assert {"as_of", "age_s", "freshness", "stale_reason"} <= port["status"].keys()
