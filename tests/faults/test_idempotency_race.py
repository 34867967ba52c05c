"""One key, many requests at once, or a server that dies in the middle: one effect, and one answer for all."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from faults.sites import Answer, Racer, Site, a_wish, add_drivers, at_once, site

KEYS, THREADS = 5, 16
HOLDS = "/v1/reservations"


def answered(running: Site, driver: Racer, wish: dict[str, Any], key: str, ready: Any) -> Answer:
    """The answer of a client that does as it is told: `request_in_flight` means to ask again."""
    answer = running.post(HOLDS, wish, token=driver.token, key=key, ready=ready)
    while answer.code == "request_in_flight":
        assert answer.headers["Retry-After"] == "1"
        answer = running.post(HOLDS, wish, token=driver.token, key=key)
    return answer


def test_the_same_request_at_once_has_one_effect_and_one_answer(shipped: Site) -> None:
    drivers = add_drivers(shipped.database, KEYS)
    calls = [
        partial(answered, shipped, driver, a_wish(driver, days=2 + number), f"key {number}")
        for number, driver in enumerate(drivers)
        for _ in range(THREADS)
    ]

    answers = at_once(calls)

    assert shipped.held_by(*drivers) == KEYS
    for number in range(KEYS):
        same = answers[number * THREADS : (number + 1) * THREADS]
        assert {answer.status for answer in same} == {201}
        assert len({(answer.body, answer.headers["Location"], answer.headers["Content-Type"]) for answer in same}) == 1
        assert sum(answer.headers.get("Idempotency-Replayed") == "true" for answer in same) == THREADS - 1


def test_two_bodies_at_once_under_one_key_have_one_effect(shipped: Site) -> None:
    (driver,) = add_drivers(shipped.database, 1)
    wishes = [a_wish(driver, days=10 + number) for number in range(8)]

    answers = at_once([partial(answered, shipped, driver, wish, "one key") for wish in wishes])

    assert sorted(answer.status for answer in answers) == [201] + [422] * 7
    assert {answer.code for answer in answers} == {None, "idempotency_key_reused"}
    assert shipped.held_by(driver) == 1


def test_each_caller_has_keys_of_its_own(shipped: Site) -> None:
    drivers = add_drivers(shipped.database, 8)

    answers = at_once(
        [
            partial(answered, shipped, driver, a_wish(driver, days=20 + number), "the same key")
            for number, driver in enumerate(drivers)
        ]
    )

    assert [answer.status for answer in answers] == [201] * 8
    assert not any("Idempotency-Replayed" in answer.headers for answer in answers)
    assert shipped.held_by(*drivers) == 8


@pytest.fixture
def stuck(guide_url, cache_server, tmp_path):
    """A server whose first hold stops in the middle, and the file in which it says where."""
    place = tmp_path / "stuck"
    with site(tmp_path / "var", guide_url, cache_server.url, fault="stuck", STUCK=str(place)) as running:
        yield running, place


def test_a_server_killed_in_the_middle_leaves_the_key_free(stuck) -> None:
    running, place = stuck
    (driver,) = add_drivers(running.database, 1)
    wish = a_wish(driver)
    hold = partial(running.post, HOLDS, wish, token=driver.token, key="mine")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(hold)
        pid = stuck_process(place)

        os.kill(pid, signal.SIGKILL)
        with pytest.raises((HTTPException, ConnectionError)):
            first.result()
        answer = hold()

    assert (answer.status, answer.headers.get("Idempotency-Replayed")) == (201, None)
    assert hold().headers["Idempotency-Replayed"] == "true"
    assert running.held_by(driver) == 1


def stuck_process(place: Path) -> int:
    """The process in which the hold is stuck, once it is; the key is claimed by then and the port locked."""
    waiting = threading.Event()
    until = time.monotonic() + 20
    while not (place.exists() and place.read_text()):
        assert time.monotonic() < until, "the hold never got to the lock"
        waiting.wait(0.02)
    return int(place.read_text())
