"""The OpenAPI document is valid, whole and true: what it says is served, and what is served is in it."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from marshmallow import Schema
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import OPENAPI_FILE
from finder.schemas import StationListSchema, StationSchema, StatusListSchema
from kernel.clock import FixedClock
from kernel.documentation import document_text
from kernel.fields import moment_text
from tests.api.finder_words import HQ14, a_report, report
from tests.api.maintenance_words import announce
from tests.api.operations import Callers, openapi, operations
from tests.api.problem_words import problem
from tests.builders import a_station, add_stations
from tests.conftest import NOW
from tests.conversation import Conversation

ALWAYS = {400, 401, 403, 404, 429, 503}
NEEDS_A_SERVER = {"follow_stream"}  # tests/faults/test_stream.py follows it on a running one
OF_CHANGES = {409, 413, 415, 422}


def test_the_document_is_valid(app: Flask) -> None:
    OpenAPIV31SpecValidator(openapi(app)).validate()


def test_the_document_in_the_repository_is_the_generated_one(app: Flask) -> None:
    assert OPENAPI_FILE.read_text() == document_text(app), "run ./dev openapi"


def test_the_document_is_served(app: Flask, api: Conversation) -> None:
    answer = api.as_nobody().get("/openapi.json")

    assert answer.json == openapi(app)
    assert answer.json["openapi"].startswith("3.1")


def test_every_operation_has_an_id_a_summary_and_its_errors(app: Flask) -> None:
    document = openapi(app)
    specs = [(route, method, spec) for route, of in document["paths"].items() for method, spec in of.items()]
    seen = [spec["operationId"] for _, method, spec in specs if method != "parameters"]

    assert len(seen) == len(set(seen)) >= 19
    for route, method, spec in specs:
        if method != "parameters":
            assert spec["summary"], route
            assert spec["security"], route
            documented = {int(status) for status in spec["responses"]}
            assert documented >= ALWAYS | (OF_CHANGES if method != "get" else {304}), route
            assert len(documented & {200, 201, 204}) == 1, route


def test_every_error_is_documented_as_a_problem(app: Flask) -> None:
    shared = openapi(app)["components"]["responses"]

    assert len(shared) >= 10
    for response in shared.values():
        assert response["content"].keys() == {"application/problem+json"}


def test_every_body_has_an_example(app: Flask) -> None:
    assert [operation.name for operation in operations(app) if operation.body_schema and not operation.body] == []


def test_what_is_served_is_documented_and_what_is_documented_is_served(app: Flask) -> None:
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/")
    }

    assert {(operation.method, operation.route) for operation in operations(app)} == served


def test_every_example_gets_its_documented_answer(app: Flask, clock: FixedClock) -> None:
    [hold] = [operation for operation in operations(app) if operation.name == "hold_reservation"]
    for number, name in enumerate(operation.name for operation in operations(app)):
        callers, start = Callers(app), moment_text(NOW + timedelta(days=2, hours=number))
        held = callers.driver.post("/v1/reservations", {**hold.body, "start": start})
        mine = {
            "handle": held.json["handle"],
            "maintenance_id": announce(callers.client, None, NOW + timedelta(days=2)),
        }
        [operation] = [one for one in operations(app, **mine) if one.name == name]

        answer = operation.send(callers.may(operation))

        assert answer.status_code in operation.statuses, (operation.name, answer.text)
        if name in NEEDS_A_SERVER:
            assert answer.status_code == 503, answer.text
            continue
        assert answer.status_code < 300 or answer.status_code == 409, (operation.name, answer.text)
        clock.advance(minutes=6)  # holds have lapsed, so that they are never too many


@pytest.fixture
def busy(app: Flask, api: Conversation, clock: FixedClock) -> Conversation:
    """A network in which much happens: every kind of status, stations of which little is known, a hold."""
    words = ("available", "charging", "faulted", "offline", "on fire")
    stations = ("1:41613", "1:39183", "1:81203", "1:2547", "1:23")
    pairs = zip(stations, words, strict=True)
    report(api, *(a_report(word, NOW, station_id=one, error_code="E1") for one, word in pairs))
    report(api, a_report("available", NOW - timedelta(hours=2), port=2))
    bare = a_station("7:1", organization=None, ports=())
    add_stations(app, bare, a_station("7:2", lat=-33.9, lon=151.2, time_zone="Australia/Lord_Howe"))
    wish = {"station_id": HQ14, "start": "2026-03-10T12:00:00Z", "duration_min": 60, "card": "111973"}
    assert api.as_driver().post("/v1/reservations", wish).status_code == 201
    announce(api, None, scope={"station_ids": ["1:2547"]})
    return api


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/v1/stations", StationListSchema),
        ("/v1/stations?lat=37.2615&lon=-121.9577&limit=2", StationListSchema),
        ("/v1/stations?include=tariff", StationListSchema),
        ("/v1/stations/1:41613", StationSchema),
        ("/v1/stations/7:1", StationSchema),
        ("/v1/status", StatusListSchema),
    ],
)
def test_a_hot_answer_is_what_its_schema_says(app: Flask, busy: Conversation, path: str, schema: type[Schema]) -> None:
    document = openapi(app)
    name = schema.__name__.removesuffix("Schema")

    answer = busy.request("GET", path)

    assert schema().validate(answer.json) == {}
    validator = OAS31Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]},
        format_checker=oas31_format_checker,
    )
    assert [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(answer.json)] == []


def test_moments_are_utc_and_money_is_text(busy: Conversation) -> None:
    station = busy.get(f"/v1/stations/{HQ14}").json
    estimate = busy.get(f"/v1/stations/{HQ14}/estimate", duration_min=60).json["data"][0]

    moments = [station["updated_at"], *(port["status"]["as_of"] for port in station["ports"])]
    assert all(moment.endswith("Z") and datetime.fromisoformat(moment) for moment in moments)
    assert all(isinstance(estimate[name], str) for name in ("subtotal", "tax", "total"))
    assert all(isinstance(line["amount"], str) for line in estimate["lines"])


def test_every_documented_link_leads_to_an_operation(app: Flask) -> None:
    document = openapi(app)
    names = {operation.name for operation in operations(app)}
    linked = [
        link["operationId"]
        for methods in document["paths"].values()
        for spec in methods.values()
        if isinstance(spec, dict)
        for response in spec.get("responses", {}).values()
        for link in response.get("links", {}).values()
    ]

    assert len(linked) >= 4
    assert set(linked) <= names


def test_head_and_options_are_answered_and_others_refused(api: Conversation) -> None:
    assert api.request("HEAD", "/v1/stations").status_code == 200
    assert "GET" in api.request("OPTIONS", "/v1/stations").headers["Allow"]
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        problem(api.request(method, "/v1/stations"), 405, "method_not_allowed")
