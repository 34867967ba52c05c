"""Words of the conversations about reservations: the wish, its paths, and what a refusal says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from accounts.domain.caller import Card
from accounts.drivers import DriverAccess
from tests.conversation import Conversation

STATION = "1:41613"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # the clock's time
WISH = {"station_id": STATION, "start": "2026-03-10T17:00:00Z", "duration_min": 60, "card": "111973"}
POLICY = f"/v1/stations/{STATION}/reservation-policy"
TARIFF = f"/v1/stations/{STATION}/tariff"


def refusal(answer: TestResponse) -> tuple[int, str, str | None]:
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, answer.json["code"], answer.json["response_code"]


def held(driver: Conversation, **changes: Any) -> str:
    answer = driver.post("/v1/reservations", WISH | changes)
    assert answer.status_code == 201, answer.text
    handle: str = answer.json["handle"]
    return handle


def confirmed(driver: Conversation, **changes: Any) -> str:
    handle = held(driver, **changes)
    answer = driver.post(path(handle, "confirm"))
    assert answer.status_code == 200, answer.text
    return handle


def modify(driver: Conversation, handle: str, **change: Any) -> TestResponse:
    return driver.request("PATCH", path(handle), json=change)


def set_policy(operator: Conversation, **own: Any) -> None:
    assert operator.request("PUT", POLICY, json=own).status_code == 200


def path(handle: str, deed: str = "") -> str:
    return f"/v1/reservations/{handle}/{deed}".rstrip("/")


def later(**span: float) -> str:
    return (NOON + timedelta(**span)).isoformat().replace("+00:00", "Z")


def a_driver(app: Flask, api: Conversation, name: str = "eve", card: str = "555", *, pays: bool = True) -> Conversation:
    """Another driver, with a card."""
    drivers: DriverAccess = app.extensions["portside"][DriverAccess]
    drivers.create(name, "secret of hers", cards=(Card(card, "spare"),), pays=pays)
    return api.as_driver(name, "secret of hers")
