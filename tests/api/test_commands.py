"""The command line: what can be done is done, and what cannot be is one clear line."""

from pathlib import Path

import pytest
from flask import Flask

from accounts.drivers import DriverAccess
from tests.conversation import Conversation

REFUSED = [
    (["clients", "create", "app", "--publishable"], "go together"),
    (["clients", "create", "app", "--origin", "https://a.example"], "go together"),
    (["clients", "create", "app", "--publishable", "--origin", "foo"], "is not an origin"),
    (["clients", "create", "app", "--publishable", "--operator", "--origin", "https://a.example"], "reading only"),
    (["clients", "revoke", "ck_nobody"], "no live client"),
    (["stations", "reservable", "9:9"], "no station with this id"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_what_cannot_be_is_said_in_one_line(app: Flask, arguments: list[str], words: str) -> None:
    ended = app.test_cli_runner().invoke(args=arguments)

    assert ended.exit_code != 0
    [said] = [line for line in ended.output.splitlines() if line.startswith("Error:")]
    assert words in said


def test_a_made_key_works_until_it_is_revoked(app: Flask) -> None:
    made = app.test_cli_runner().invoke(args=["clients", "create", "app"]).output
    key = made.removeprefix("X-API-Key: ").strip()
    api = Conversation(app, {"X-API-Key": key})
    assert api.get("/v1/networks").status_code == 200

    ended = app.test_cli_runner().invoke(args=["clients", "revoke", key])

    assert ended.output.strip() == "revoked"
    assert api.get("/v1/networks").status_code == 401


def test_a_driver_with_cards_is_made_once(app: Flask) -> None:
    arguments = ["drivers", "create", "Anna", "--card", "4711:Blue", "--password", "correct horse"]
    runner = app.test_cli_runner()

    first, second = runner.invoke(args=arguments), runner.invoke(args=arguments)

    assert (first.exit_code, second.exit_code) == (0, 1)
    cards = Conversation(app).as_driver("anna", "correct horse").get("/v1/me/cards").json["data"]
    assert cards == [{"serial_number": "4711", "nickname": "Blue"}]


def test_stations_that_owners_free_can_be_reserved(app: Flask) -> None:
    ended = app.test_cli_runner().invoke(args=["stations", "reservable", "1:657"])

    assert ended.output.strip() == "1:657 can be reserved"
    assert Conversation(app).get("/v1/stations/1:657").json["reservable"] is True


def test_tariffs_of_a_file_are_given_to_their_stations(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "tariffs.json"
    hourly = '{"type": "HOURLY", "currency": "USD", "parts": [{"unit_price_per_hour": "2.00"}]}'
    file.write_text(f'{{"station_id": "1:41613", "tariff": {hourly}}}\n{{"station_id": "9:9", "tariff": {hourly}}}\n')

    first, again = (app.test_cli_runner().invoke(args=["import", "tariffs", str(file)]).output for _ in range(2))

    assert first.startswith("2 rows read = 0 added + 1 changed + 0 unchanged + 0 skipped + 1 rejected\n")
    assert "1 unknown station" in first
    assert again.startswith("2 rows read = 0 added + 0 changed + 1 unchanged + 0 skipped + 1 rejected\n")
    assert Conversation(app).get("/v1/stations/1:41613").json["price_in_words"] == "$2.00 per hour"


def test_a_free_driver_has_no_payment_method(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["drivers", "create", "Fay", "--free", "--password", "correct horse"])
    access: DriverAccess = app.extensions["portside"][DriverAccess]

    fay = access.caller_of(_token(app, "fay", "correct horse"))
    demo = access.caller_of(_token(app, "demo", "demo"))

    assert [caller.driver and caller.driver.pays for caller in (fay, demo) if caller] == [False, True]


def _token(app: Flask, username: str, password: str) -> str:
    caller = Conversation(app).as_driver(username, password)
    return caller.headers["Authorization"].removeprefix("Bearer ")
