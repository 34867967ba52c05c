"""What of a station is answered, how long it may be kept, and where the next page is: for every read."""

import pytest
from flask import Flask

from finder.answers import FIELDS, PART_OF, PARTS
from finder.schemas import StationSchema
from kernel.cache import Cache
from tests.api.finder_words import CAMPBELL, HQ14, a_report, report
from tests.api.operations import Callers, openapi, operations
from tests.api.problem_words import faults, problem
from tests.conftest import NOW
from tests.conversation import Conversation

STATION = f"/v1/stations/{HQ14}"


def test_fields_are_the_members_of_a_station(api: Conversation) -> None:
    assert set(FIELDS) == set(StationSchema().fields) == set(api.get(STATION).json)


@pytest.mark.parametrize("member", FIELDS)
def test_a_member_that_is_asked_for_comes_alone_with_the_id_and_as_ever(api: Conversation, member: str) -> None:
    report(api, a_report("available", NOW))
    whole = api.get("/v1/stations", **CAMPBELL, limit=1, duration_min=60).json["data"][0]

    [picked] = api.get("/v1/stations", **CAMPBELL, limit=1, duration_min=60, fields=member).json["data"]

    assert picked == {"station_id": HQ14, member: whole[member]}


def test_several_fields_of_one_station(api: Conversation) -> None:
    picked = api.get(STATION, fields="location, tariff ,availability").json

    assert picked.keys() == {"station_id", "location", "tariff", "availability"}
    assert api.get(STATION, fields="ports", include="tariff").json["ports"][0].keys() >= {"connectors"}
    assert "status" not in api.get(STATION, fields="ports", include="tariff").json["ports"][0]


REFUSED = (
    {"fields": "nmae"},
    {"fields": ""},
    {"fields": "name,,location"},
    {"fields": "availability", "include": "tariff"},
    {"fields": "name,tariff", "include": "status,opening_hours"},
    {"fields": ["name", "location"]},
)


@pytest.mark.parametrize("asked", REFUSED)
@pytest.mark.parametrize("path", [STATION, "/v1/stations"])
def test_fields_that_are_not_there_or_left_out_are_refused(api: Conversation, path: str, asked: dict) -> None:
    answer = api.get(path, **asked)

    problem(answer, 400, "invalid_request")
    assert faults(answer) == {"fields"}


def test_what_needs_no_status_asks_for_none(app: Flask, api: Conversation, monkeypatch) -> None:
    asked: list[object] = []
    cache: Cache = app.extensions["portside"][Cache]
    real = cache.attempt
    api.get("/v1/stations")  # the limiter has its lease

    monkeypatch.setattr(cache, "attempt", lambda work: asked.append(work) or real(work))
    api.get("/v1/stations", fields="name,location,tariff")

    assert asked == []


HOURS, SECONDS, NEVER = "private, max-age=3600", "private, max-age=5", "private, no-cache"
KEPT = (
    ("/v1/networks", {}, HOURS),
    ("/v1/stations", {}, SECONDS),
    ("/v1/stations", {"include": "tariff,opening_hours"}, HOURS),
    ("/v1/stations", {"fields": "name,location"}, HOURS),
    ("/v1/stations", {"fields": "name", "available": "true"}, SECONDS),
    ("/v1/stations", {"fields": "name", "status": "AVAILABLE"}, SECONDS),
    ("/v1/stations", {"fields": "name", "duration_min": 60}, SECONDS),
    ("/v1/stations", {"fields": "ports"}, SECONDS),
    (STATION, {}, SECONDS),
    (STATION, {"include": "tariff"}, HOURS),
    (f"{STATION}/status", {}, SECONDS),
    (f"{STATION}/status-log", {}, SECONDS),
    (f"{STATION}/reliability", {}, "private, max-age=300"),
    (f"{STATION}/estimate", {"duration_min": 60}, NEVER),
    ("/v1/status", {"station_id": HQ14}, SECONDS),
    ("/v1/maintenance-windows", {}, SECONDS),
    ("/v1/snapshots/stations.csv", {}, HOURS),
    ("/v1/snapshots/stations.geojson", {}, HOURS),
    ("/v1/changes", {}, NEVER),
)


@pytest.mark.parametrize(("path", "asked", "kept"), KEPT)
def test_what_stations_are_is_kept_for_hours_and_what_ports_are_for_seconds(
    api: Conversation, path: str, asked: dict, kept: str
) -> None:
    answer = api.get(path, **asked)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, kept)


def test_every_read_has_a_tag_and_tells_who_has_it_already(app: Flask) -> None:
    callers, tried = Callers(app), 0
    for operation in operations(app):
        if operation.method != "GET" or operation.name in ("follow_stream", "get_estimate"):
            continue
        first = operation.send(callers.may(operation))
        if first.status_code != 200 or not first.data:
            continue  # what is not there
        same = operation.send(callers.may(operation), headers={"If-None-Match": first.headers["ETag"]})
        packed = operation.send(callers.may(operation), headers={"Accept-Encoding": "zstd"})
        assert packed.data  # a stream is read to its end
        again = {"Accept-Encoding": "zstd", "If-None-Match": packed.headers["ETag"]}

        tried += 1
        assert (same.status_code, same.data) == (304, b""), operation.name
        assert operation.send(callers.may(operation), headers=again).status_code == 304, operation.name
        assert {"Cache-Control", "ETag", "Vary"} <= set(same.headers.keys()), operation.name
    assert tried >= 14


def test_every_list_with_pages_documents_the_link_to_the_next(app: Flask) -> None:
    undocumented, paged = [], 0
    for methods in openapi(app)["paths"].values():
        for spec in (methods[method] for method in methods.keys() - {"parameters"}):
            names = {parameter["name"] for parameter in spec.get("parameters", []) if "name" in parameter}
            if names & {"cursor", "since"} and "get" in methods:
                paged += 1
                link = spec["responses"]["200"].get("headers", {}).get("Link")
                undocumented += [] if link else [spec["operationId"]]
    assert (undocumented, paged >= 6) == ([], True)


def test_parts_are_named_by_their_members() -> None:
    assert set(PART_OF.values()) == set(PARTS)
