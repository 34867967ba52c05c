"""Nothing secret is kept or written: canaries planted in a conversation are looked for in database, cache and logs."""

import json
import random
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask
from sqlalchemy import inspect, text

from accounts.clients import ClientAccess
from accounts.domain.secrets import new_secret
from accounts.drivers import DriverAccess
from kernel.cache import Cache
from kernel.database import Database
from kernel.logs import configure_logs
from kernel.services import of
from tests.conversation import Conversation

PASSWORD, GUESS, NEW, TYPED = (
    "canary: correct horse",
    "canary: a wrong guess",
    "canary: battery staple",
    "canary-typed-as-name",
)
CARD_NUMBER = "4111 1111 1111 1111"


def _converse(app: Flask, api: Conversation) -> set[str]:
    """A conversation full of secrets; answers what they were."""
    key = of(app, ClientAccess).create("canary")
    rotated = of(app, ClientAccess).rotate(key.partition(".")[0])
    of(app, DriverAccess).create("anna", PASSWORD)
    client = api.as_client(rotated)
    driver = Conversation(app, {"Authorization": f"Bearer {_token(client, PASSWORD)}"})
    second = _token(client, PASSWORD)
    client.post("/v1/login", {"username": "anna", "password": GUESS})
    client.post("/v1/login", {"username": TYPED, "password": GUESS})
    driver.post("/v1/me/password", {"old_password": PASSWORD, "new_password": NEW}, headers={"Idempotency-Key": "k"})
    driver.get("/v1/nothing", headers={"X-Request-ID": CARD_NUMBER.replace(" ", "-")}, password=GUESS)
    driver.get(f"/v1/stations/{CARD_NUMBER}")
    driver.get("/v1/stations/1:41613/status")
    driver.post("/v1/logout", headers={"Idempotency-Key": "k"})
    secrets = {shown.partition(".")[2] for shown in (key, rotated)} | {
        key,
        rotated,
        second,
        PASSWORD,
        GUESS,
        NEW,
        TYPED,
    }
    return secrets | {driver.headers["Authorization"].removeprefix("Bearer "), CARD_NUMBER}


def _token(client: Conversation, password: str) -> str:
    token: str = client.post("/v1/login", {"username": "anna", "password": password}).json["access_token"]
    return token


def _rows(app: Flask) -> Iterator[str]:
    database = of(app, Database)
    with database.reading() as session:
        for table in inspect(database.engine).get_table_names():
            yield from (repr(tuple(row)) for row in session.execute(text(f'SELECT * FROM "{table}"')))


def _cached(app: Flask) -> Iterator[str]:
    def everything(client):
        kept = [client.dump(key) for key in client.keys("*")]
        return b"".join([*client.keys("*"), *(value or b"" for value in kept)])

    yield of(app, Cache).attempt(everything).decode(errors="replace")


def test_no_secret_is_in_the_database_the_cache_or_the_logs(
    app: Flask, api: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs()
    secrets = _converse(app, api)

    logs = capsys.readouterr().err
    places = {"database": "\n".join(_rows(app)), "cache": "\n".join(_cached(app)), "logs": logs}
    assert len(secrets) == 11
    assert [(place, secret) for place, kept in places.items() for secret in secrets if secret in kept] == []
    assert all(places.values())
    assert logs.count('"/v1/login"') == 4
    assert CARD_NUMBER.replace(" ", "-") not in logs


def test_the_control_a_secret_that_is_kept_is_found(app: Flask, api: Conversation) -> None:
    of(app, ClientAccess).create("canary in the clear")

    assert any("canary in the clear" in row for row in _rows(app))


def test_card_numbers_are_redacted_however_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    numbers = [_card_number(random.Random(seed)) for seed in range(2000)]
    log = structlog.get_logger()

    for number in numbers:
        digits = int(number.replace(" ", "").replace("-", ""))
        log.info(
            "paid", text=f"with {number}.", path=f"/x/{number}", card=digits, deep={"of": [number]}, id=f"c_{number}"
        )

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2000
    for number, line in zip(numbers, lines, strict=True):
        assert number not in line
        assert number.replace(" ", "").replace("-", "") not in line
        assert json.loads(line)["deep"] == {"of": ["[redacted]"]}


def _card_number(chance: random.Random) -> str:
    """A number of 13 to 19 digits with the check digit of ISO/IEC 7812, together or with spaces or dashes."""
    digits = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in range(chance.randint(11, 17)))]
    doubled = [digit if place % 2 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits))]
    text = "".join(map(str, [*digits, -sum(doubled) % 10]))
    return chance.choice(("", " ", "-")).join(text[start : start + 4] for start in range(0, len(text), 4))


def test_what_is_no_card_number_stays_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    kept = {
        "at": "2026-03-10T12:00:00.123456Z",
        "count": 123456789012,
        "id": "8b7d0f5c4e3a41119a8b7c6d5e4f3a2b",
        "ms": 1.5,
    }

    configure_logs()
    structlog.get_logger().info("fine", **kept, none=None, yes=True)

    assert kept.items() <= json.loads(capsys.readouterr().err).items()


def test_a_hundred_thousand_secrets_are_all_different_and_long_enough() -> None:
    made = {new_secret() for _ in range(100_000)}

    assert len(made) == 100_000
    assert min(map(len, made)) * 6 >= 128
