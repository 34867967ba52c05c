"""Drivers: conversations with login, cards and logout."""

from flask import Flask
from sqlalchemy import text

from accounts.domain.caller import Card
from accounts.drivers import DriverAccess
from kernel.clock import FixedClock
from kernel.database import Database
from tests.api.problem_words import problem
from tests.conversation import Conversation

LOGIN = {"username": "demo", "password": "demo"}


def test_a_driver_logs_in_and_sees_the_cards(api: Conversation) -> None:
    login = api.post("/v1/login", LOGIN)
    cards = api.as_driver().get("/v1/me/cards")

    assert login.json.keys() == {"access_token", "expires_at", "account_handle"}
    assert login.json["expires_at"] == "2026-03-11T00:00:00Z"
    assert len(login.json["access_token"]) >= 32
    assert cards.json["data"] == [
        {"serial_number": "111973", "nickname": "DBE1"},
        {"serial_number": "231214315", "nickname": "KK"},
    ]


def test_a_driver_sees_only_own_cards(app: Flask, api: Conversation) -> None:
    drivers: DriverAccess = app.extensions["portside"][DriverAccess]
    drivers.create("Ada", "lovelace", cards=(Card("7", "mine"),))

    cards = api.as_driver("ADA", "lovelace").get("/v1/me/cards")

    assert cards.json["data"] == [{"serial_number": "7", "nickname": "mine"}]


def test_an_unknown_account_is_told_the_same_as_a_wrong_password(api: Conversation) -> None:
    unknown = api.post("/v1/login", {"username": "nobody", "password": "demo"}, headers={"X-Request-ID": "a"})
    wrong = api.post("/v1/login", {"username": "demo", "password": "nothing"}, headers={"X-Request-ID": "a"})

    problem(unknown, 401, "invalid_credentials")
    assert unknown.data == wrong.data
    assert unknown.headers["Content-Length"] == wrong.headers["Content-Length"]


def test_a_token_is_worth_nothing_after_logout(api: Conversation) -> None:
    driver, other = api.as_driver(), api.as_driver()

    assert driver.post("/v1/logout").status_code == 204

    problem(driver.get("/v1/me/cards"), 401, "driver_login_required")
    problem(driver.post("/v1/logout"), 401, "driver_login_required")
    assert other.get("/v1/me/cards").status_code == 200


def test_a_token_ends_after_twelve_hours(api: Conversation, clock: FixedClock) -> None:
    driver = api.as_driver()
    clock.advance(hours=12, seconds=-1)
    assert driver.get("/v1/me/cards").status_code == 200

    clock.advance(seconds=1)

    problem(driver.get("/v1/me/cards"), 401, "driver_login_required")


def test_a_driver_s_token_reads_stations_too(api: Conversation) -> None:
    assert api.as_driver().get("/v1/stations", station_id="1:41613").status_code == 200


def test_cards_need_a_driver(api: Conversation) -> None:
    for caller in (api, api.as_operator(), api.as_nobody()):
        problem(caller.get("/v1/me/cards"), 401, "driver_login_required")


def test_a_token_that_is_none_lets_nobody_in(api: Conversation) -> None:
    for header in ("Bearer", "Bearer ", "Bearer x", "Bearer \xff", "Basic", "Digest x", "demo"):
        answer = api.as_nobody().get("/v1/me/cards", headers={"Authorization": header})

        problem(answer, 401, "driver_login_required")
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_neither_tokens_nor_passwords_are_kept(real_passwords: None, app: Flask, api: Conversation) -> None:
    token = api.post("/v1/login", LOGIN).json["access_token"]
    database: Database = app.extensions["portside"][Database]

    with database.reading() as session:
        kept = [str(session.execute(text(f"SELECT * FROM {table}")).all()) for table in ("tokens", "drivers")]

    assert token not in kept[0]
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept[1]
