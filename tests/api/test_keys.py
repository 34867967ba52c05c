"""Who is calling: conversations with API keys that are missing, wrong, bound, limited or not in the plan."""

from base64 import b64encode
from typing import Any

from flask import Flask

from accounts.clients import ClientAccess
from accounts.domain.plans import Plan
from kernel.fields import moment_text
from tests.api.problem_words import problem
from tests.conftest import NOW
from tests.conversation import Conversation

STATION = "/v1/stations/1:41613"
PAGE = "https://maps.example"


def _clients(app: Flask) -> ClientAccess:
    found: ClientAccess = app.extensions["portside"][ClientAccess]
    return found


def _basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(text.encode()).decode()}


def test_a_key_works_in_its_header_and_as_basic_authentication(app: Flask, api: Conversation) -> None:
    key = _clients(app).create("a planner")
    key_id, secret = key.split(".")

    assert api.as_client(key).get(STATION).status_code == 200
    assert api.as_nobody().get(STATION, headers=_basic(f"{key_id}:{secret}")).status_code == 200
    assert api.as_nobody().get(STATION, headers=_basic("demo:")).status_code == 200


def test_no_key_is_told_how_to_come_back(api: Conversation) -> None:
    answer = api.as_nobody().get(STATION)

    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_wrong_key_lets_nobody_in(api: Conversation) -> None:
    for key in ("nobody", "demo.secret", ".", "DEMO", "'--", "pk_", "x" * 5000, "d\xe9mo"):
        problem(api.as_client(key).get(STATION), 401, "unauthenticated")
    for pair in ("demo\x00:", "\x00:\x00", "a:b\x00", ":", "demo:wrong"):
        problem(api.as_nobody().get(STATION, headers=_basic(pair)), 401, "unauthenticated")


def test_a_disabled_key_stops(app: Flask, api: Conversation) -> None:
    key = _clients(app).create("a planner")
    assert api.as_client(key).get(STATION).status_code == 200

    _clients(app).disable(key.partition(".")[0])

    problem(api.as_client(key).get(STATION), 401, "unauthenticated")


def test_a_call_outside_the_plan_is_refused_with_the_guide_s_number(app: Flask, api: Conversation) -> None:
    for plan in Plan:
        caller = api.as_client(_clients(app).create("an app", plan=plan))

        answer = caller.get(STATION)

        if plan is Plan.TELEMATICS:
            assert answer.status_code == 200
        else:
            assert problem(answer, 403, "not_in_plan")["response_code"] == "101"
        assert caller.get("/v1/networks").status_code == 200


def test_a_publishable_key_is_bound_to_its_origins(app: Flask, api: Conversation) -> None:
    widget = api.as_client(_clients(app).create("a widget", publishable=True, allowed_origins=(PAGE,)))

    assert widget.get(STATION, headers={"Origin": PAGE}).status_code == 200
    assert widget.get(STATION, headers={"Referer": f"{PAGE}/where?x=1"}).status_code == 200
    assert widget.get(STATION, headers={"Origin": "http://localhost"}).status_code == 200
    for origin in ("https://evil.example", "http://maps.example", f"{PAGE}.evil.example", "null"):
        problem(widget.get(STATION, headers={"Origin": origin}), 403, "not_allowed")
    problem(widget.get(STATION), 403, "not_allowed")


def test_a_publishable_key_may_travel_in_the_address_and_no_other_may(app: Flask, api: Conversation) -> None:
    publishable = _clients(app).create("a widget", publishable=True, allowed_origins=(PAGE,))
    nobody, there = api.as_nobody(), {"Origin": PAGE}

    assert nobody.get(STATION, headers=there, key=publishable).status_code == 200
    assert nobody.get("/v1/networks", headers=there, key=publishable).status_code == 200
    problem(nobody.get(STATION, headers=there, key="demo"), 401)
    problem(nobody.get(STATION, headers=there, key="pk_\x00"), 401)


def test_a_publishable_key_is_for_reading_only(app: Flask, api: Conversation) -> None:
    key = _clients(app).create("a widget", publishable=True, operator=True, allowed_origins=(PAGE,))
    widget = Conversation(app, {"X-API-Key": key, "Origin": PAGE})
    report = {"station_id": "1:41613", "port_number": 1, "technical_status": "x", "reported_at": moment_text(NOW)}

    problem(widget.post("/v1/login", {"username": "demo", "password": "demo"}), 403, "not_allowed")
    problem(widget.post("/v1/status-reports", {"reports": [report]}), 403, "not_allowed")


def test_the_map_page_s_own_key_works_from_the_map_page(app: Flask, api: Conversation) -> None:
    page = api.as_client(_clients(app).map_page_key())

    assert page.get("/v1/stations", headers={"Referer": "http://localhost/"}).status_code == 200


def test_an_operator_reads_the_stations_it_reports_on(api: Conversation) -> None:
    assert api.as_operator().get(STATION).status_code == 200


def test_more_requests_than_allowed_are_told_when_to_come_back(app: Flask, api: Conversation) -> None:
    caller = api.as_client(_clients(app).create("a hasty app", requests_per_min=3))

    answers = [caller.get("/v1/networks") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert [_remaining(answer) for answer in answers[:3]] == [2, 1, 0]
    problem(answers[3], 429, "rate_limited")
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert api.get("/v1/networks").status_code == 200


def _remaining(answer: Any) -> int:
    return int(answer.headers["RateLimit"].split(";")[1].removeprefix("r="))
