"""What an operator sees: health, metrics, request ids, headers and logs."""

import json

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.settings import Settings
from tests.api.problem_words import problem
from tests.conftest import close
from tests.conversation import Conversation


def test_the_process_is_alive_whatever_else_is_not(api: Conversation) -> None:
    answer = api.as_nobody().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_says_what_it_needs(api: Conversation) -> None:
    answer = api.as_nobody().get("/readyz")

    assert answer.json == {"status": "ready", "database": "ok", "cache": "ok", "migrations": "ok"}


def test_a_schema_of_another_version_is_not_ready(app: Flask, api: Conversation) -> None:
    database: Database = app.extensions["portside"][Database]
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    answer = api.as_nobody().get("/readyz")

    assert (answer.status_code, answer.json["migrations"]) == (503, "down")


def test_metrics_count_requests_by_route_for_callers_on_this_machine(api: Conversation) -> None:
    api.get("/v1/stations/1:41613")
    api.get("/v1/stations/1:23")

    here = api.as_nobody().get("/metrics")
    elsewhere = api.as_nobody().request("GET", "/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

    route = 'method="GET",route="/v1/stations/<station_id>",status="200"'
    assert f"portside_requests_total{{{route}}} 2.0" in here.text
    problem(elsewhere, 404, "not_found")


def test_a_request_id_is_taken_over_or_made(api: Conversation) -> None:
    given = api.get("/v1/networks", headers={"X-Request-ID": "trace-1.A_b"})
    made, other = api.get("/v1/networks"), api.get("/v1/networks")

    assert given.headers["X-Request-ID"] == "trace-1.A_b"
    assert made.headers["X-Request-ID"] != other.headers["X-Request-ID"]


def test_a_request_id_that_could_harm_a_log_is_replaced(api: Conversation) -> None:
    for bad in ("a b", "x" * 65, "<script>", "a\tb", ""):
        answer = api.get("/v1/nothing", headers={"X-Request-ID": bad})

        assert answer.headers["X-Request-ID"] != bad
        assert problem(answer, 404, "not_found")["request_id"] == answer.headers["X-Request-ID"]


def test_a_wrong_method_is_told_the_right_ones(api: Conversation) -> None:
    answer = api.request("DELETE", "/v1/stations")

    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_every_answer_forbids_guessing_its_type(api: Conversation) -> None:
    for path in ("/v1/networks", "/v1/nothing", "/healthz", "/openapi.json", "/docs", "/"):
        answer = api.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"]
        answer.close()


def test_logs_are_json_and_hold_no_secrets(
    settings: Settings, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(settings, clock=clock)
    api = Conversation(app)
    token = api.post("/v1/login", {"username": "demo", "password": "demo"}).json["access_token"]
    api.post("/v1/login", {"username": "demo", "password": "correct horse"})
    api.get("/v1/nothing", headers={"Authorization": f"Bearer {token}"}, card="4111 1111 1111 1111")
    api.as_client("demo.topsecret").get("/v1/stations/4111111111111111")
    close(app)

    lines = capsys.readouterr().err.splitlines()

    events = [json.loads(line) for line in lines]
    assert [event["status"] for event in events] == [200, 401, 404, 401]
    assert all(event["request_id"] and event["timestamp"] for event in events)
    for secret in (token, "correct horse", "topsecret", "4111111111111111", "4111 1111"):
        assert secret not in "".join(lines)
