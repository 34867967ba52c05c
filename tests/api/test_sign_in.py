"""Guessing passwords: few are verified, nobody is told which accounts there are, and the owner is not locked out."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from accounts import passwords
from accounts.driver_upkeep import DriverUpkeep
from accounts.drivers import DriverAccess
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.services import of
from tests.api.problem_words import problem
from tests.conversation import Conversation

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"
PASSWORD = "correct horse"


@pytest.fixture
def anna(app: Flask) -> str:
    of(app, DriverAccess).create("anna", PASSWORD)
    return "anna"


def _try(api: Conversation, username: str, password: str, address: str = ELSEWHERE) -> TestResponse:
    said = {"username": username, "password": password}
    return api.post("/v1/login", said, environ_overrides={"REMOTE_ADDR": address}, headers={"X-Request-ID": "a"})


def test_of_many_guesses_over_fifty_addresses_ten_are_verified_and_the_owner_gets_in(
    api: Conversation, anna: str, clock: FixedClock
) -> None:
    assert _try(api, anna, PASSWORD, HOME).status_code == 200
    addresses = islice(cycle(f"203.0.113.{number}" for number in range(50)), 150)

    answers = [_try(api, anna, f"guess {number}", address) for number, address in enumerate(addresses)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 140
    assert _try(api, anna, PASSWORD, HOME).status_code == 200
    refused = _try(api, anna, PASSWORD, ELSEWHERE)
    clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert _try(api, anna, PASSWORD, ELSEWHERE).status_code == 200


def test_many_guesses_at_once_are_no_way_around(app: Flask, anna: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        tries = pool.map(lambda n: _try(Conversation(app), anna, f"guess {n}", f"203.0.113.{n}"), range(40))

    assert Counter(answer.status_code for answer in tries) == {401: 10, 429: 30}


def test_the_control_tries_that_are_not_counted_are_all_verified(
    api: Conversation, anna: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.sign_in_store.keep_tally", lambda *_: None)

    answers = [_try(api, anna, f"guess {number}") for number in range(30)]

    assert [answer.status_code for answer in answers] == [401] * 30


def test_one_address_tries_fifty_passwords_whatever_the_accounts(api: Conversation) -> None:
    answers = [_try(api, f"driver {number}", "Winter2026") for number in range(60)]

    assert [answer.status_code for answer in answers] == [401] * 50 + [429] * 10
    assert _try(api, "driver 0", "Winter2026", HOME).status_code == 401


def test_too_many_tries_are_told_alike_for_unknown_accounts(api: Conversation, anna: str) -> None:
    for name in (anna, "nobody"):
        for number in range(10):
            _try(api, name, f"guess {number}", f"203.0.113.{number}")

    known, unknown = _try(api, anna, "guess"), _try(api, "nobody", "guess")

    problem(known, 429, "too_many_attempts")
    assert known.headers["Retry-After"] == "900"
    assert known.data == unknown.data
    assert _compared(known) == _compared(unknown)


def test_an_unknown_account_gets_the_headers_and_the_length_of_a_known_one(api: Conversation, anna: str) -> None:
    known, unknown = _try(api, anna, "wrong"), _try(api, "nobody", "wrong")

    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert _compared(known) == _compared(unknown)


def _compared(answer: TestResponse) -> list[tuple[str, str]]:
    """All headers but the count of requests, which goes down with each."""
    return [(name, value) for name, value in answer.headers if name not in ("RateLimit", "Date")]


def test_tries_are_counted_without_the_cache(app: Flask, api: Conversation, anna: str) -> None:
    cache = of(app, Cache)
    cache._closed_until = float("inf")

    answers = [_try(api, anna, "wrong", f"203.0.113.{number}") for number in range(20)]

    cache._closed_until = None
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 10


def test_an_old_hash_is_made_anew_when_its_driver_comes(
    real_passwords: None, app: Flask, api: Conversation, anna: str
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    _run(app, "UPDATE drivers SET password_hash = :weak WHERE username = 'anna'", weak=weak)

    first, second = _try(api, anna, PASSWORD), _try(api, anna, PASSWORD)

    [kept] = _run(app, "SELECT password_hash FROM drivers WHERE username = 'anna' AND username <> :weak", weak=weak)
    assert (first.status_code, second.status_code) == (200, 200)
    assert kept[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def _run(app: Flask, statement: str, **values: str) -> list[tuple[str, ...]]:
    with of(app, Database).writing() as session:
        found = session.execute(text(statement), values)
        return [tuple(row) for row in found] if found.returns_rows else []  # type: ignore[attr-defined]


def test_a_line_that_is_full_is_told_to_come_back(api: Conversation, anna: str) -> None:
    for _ in range(passwords.IN_LINE):
        assert passwords._IN_LINE.acquire(blocking=False)
    try:
        answer = _try(api, anna, PASSWORD)
    finally:
        passwords._IN_LINE.release(passwords.IN_LINE)

    problem(answer, 503, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert _try(api, anna, PASSWORD).status_code == 200


def test_a_disabled_driver_is_out_at_once_and_told_so_with_the_right_password_only(
    app: Flask, api: Conversation, anna: str
) -> None:
    driver = api.as_driver(anna, PASSWORD)
    of(app, DriverUpkeep).disable(anna)

    problem(driver.get("/v1/me"), 401, "driver_login_required")
    problem(_try(api, anna, PASSWORD), 403, "account_disabled")
    problem(_try(api, anna, "wrong"), 401, "invalid_credentials")
    of(app, DriverUpkeep).enable(anna)
    problem(driver.get("/v1/me"), 401, "driver_login_required")
    assert _try(api, anna, PASSWORD).status_code == 200


def test_what_counts_no_more_is_forgotten(app: Flask, api: Conversation, anna: str, clock: FixedClock) -> None:
    _try(api, anna, PASSWORD, HOME)
    _try(api, anna, "wrong", ELSEWHERE)

    clock.advance(days=3)
    assert of(app, DriverAccess).forget_old() == 3 + 1
    clock.advance(days=88)
    assert of(app, DriverAccess).forget_old() == 1

    assert [_run(app, f"SELECT * FROM {name}") for name in ("sign_in_tallies", "sign_in_places", "tokens")] == [[]] * 3
