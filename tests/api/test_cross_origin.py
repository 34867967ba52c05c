"""Pages of other sites and what protects a browser: conversations about origins, and headers of every answer."""

import pytest
from flask import Flask

from accounts.clients import ClientAccess
from kernel.services import of
from tests.conversation import Conversation

PAGE, EVIL = "https://maps.example", "https://evil.example"
STATION = "/v1/stations/1:41613"
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture
def key(app: Flask) -> str:
    return of(app, ClientAccess).create("a page", publishable=True, allowed_origins=(PAGE,))


def test_a_page_reads_with_its_own_key_from_its_own_origin_only(api: Conversation, key: str) -> None:
    page = api.as_client(key)

    read = page.get(STATION, headers={"Origin": PAGE})
    refused = [page.get(STATION, headers={"Origin": origin}) for origin in (EVIL, "null", f"{PAGE}.evil.example")]

    assert (read.status_code, read.headers[ALLOW]) == (200, PAGE)
    assert "RateLimit" in read.headers["Access-Control-Expose-Headers"]
    for answer in (read, *refused):
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert [answer.status_code for answer in refused] == [403] * 3
    assert not any(ALLOW in answer.headers for answer in refused)


def test_a_page_may_know_that_it_asks_too_much_or_for_nothing(app: Flask, api: Conversation) -> None:
    hasty = of(app, ClientAccess).create("hasty", publishable=True, allowed_origins=(PAGE,), requests_per_min=1)
    page = Conversation(app, {"X-API-Key": hasty, "Origin": PAGE})

    missing, too_much = page.get("/v1/stations/9:9"), page.get(STATION)

    assert [answer.status_code for answer in (missing, too_much)] == [404, 429]
    assert [answer.headers[ALLOW] for answer in (missing, too_much)] == [PAGE, PAGE]


def test_keys_that_are_not_for_pages_are_no_use_to_a_page(api: Conversation, key: str) -> None:
    for caller in (api, api.as_operator(), api.as_driver(), api.as_nobody()):
        answer = caller.get("/v1/networks", headers={"Origin": PAGE})
        assert ALLOW not in answer.headers
        assert "Origin" in answer.headers["Vary"]


def test_a_preflight_is_answered_for_origins_of_publishable_keys(app: Flask, api: Conversation, key: str) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"}
    nobody = api.as_nobody()

    good = nobody.request("OPTIONS", STATION, headers={"Origin": PAGE, **asked})
    bad = [nobody.request("OPTIONS", STATION, headers={"Origin": origin, **asked}) for origin in (EVIL, "null")]

    assert (good.status_code, good.headers[ALLOW]) == (200, PAGE)
    assert good.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "X-API-Key" in good.headers["Access-Control-Allow-Headers"]
    assert {"Origin", "Access-Control-Request-Headers"} <= set(good.vary)
    assert not any(name.startswith("Access-Control") for answer in bad for name, _ in answer.headers)


def test_a_page_with_a_key_may_show_the_map_in_a_frame(api: Conversation, key: str) -> None:
    policy = api.as_nobody().get("/").headers["Content-Security-Policy"]

    assert policy.endswith(f"; frame-ancestors 'self' {PAGE}")


def test_every_answer_carries_what_protects_a_browser(api: Conversation) -> None:
    for path in (STATION, "/v1/nothing", "/v1/me", "/healthz", "/openapi.json", "/docs", "/docs/problems", "/"):
        plain, secure = api.get(path), api.request("GET", path, base_url="https://localhost")
        for answer in (plain, secure):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "default-src" in answer.headers["Content-Security-Policy"]
            assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in plain.headers
        assert secure.headers["Strict-Transport-Security"].startswith("max-age=")
        plain.close()
        secure.close()
