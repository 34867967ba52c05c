"""The cache is lost in every way there is: the same stations and statuses, the loss said, and never an error."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Semaphore
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from faults.losses import CACHE_LOSSES, cache_back, cache_lost
from finder import live_status
from finder.live_status import LiveStatus
from finder.status_cache import StatusCache
from kernel.cache import COOL_DOWN_S, TIMEOUT_S, Cache
from kernel.services import of
from tests.conftest import NOW
from tests.conversation import Conversation
from tests.faults.lost_cache import an_app, somebody_writes
from tests.servers import CacheServer, cache

QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/stations", {"lat": 37.2615, "lon": -121.9577, "radius": 50, "limit": 200}),
    ("/v1/stations", {"bbox": "-180,-90,180,90", "available": "true"}),
    ("/v1/stations/1:41613", {}),
    ("/v1/stations/1:41613/status", {}),
    ("/v1/status", {"station_id": ["1:41613", "1:39183", "1:404"]}),
    ("/v1/status", {"bbox": "-180,-90,180,90"}),
)
REPORTS = [
    {
        "station_id": station_id,
        "port_number": port,
        "technical_status": status,
        "reported_at": (NOW - timedelta(minutes=age_min)).isoformat(),
    }
    for station_id, port, status, age_min in (
        ("1:41613", 1, "available", 1),
        ("1:41613", 2, "charging", 2),
        ("1:39183", 1, "faulted", 20),
        ("1:39183", 2, "available", 70),
        ("1:2547", 1, "available", 0),
    )
]
HERD = 8
CLIENTS = 1  # of the cache in each process


@pytest.fixture
def server() -> Iterator[CacheServer]:
    """A cache of this test's own, to be ill-treated."""
    with cache() as started:
        yield started


@pytest.fixture
def app(settings, server, clock) -> Iterator[Flask]:
    with an_app(settings, clock, server.url) as made:
        yield made


@pytest.fixture
def api(app) -> Conversation:
    """The demo client, once the ports have said what they are."""
    said = Conversation(app).as_operator().post("/v1/status-reports", {"reports": REPORTS})
    assert [row["outcome"] for row in said.json["data"]] == ["accepted"] * len(REPORTS)
    return Conversation(app)


def asked(api: Conversation) -> list[TestResponse]:
    return [api.get(path, **query) for path, query in QUESTIONS]


def bodies(answers: list[TestResponse]) -> list[tuple[int, bytes]]:
    return [(answer.status_code, answer.data) for answer in answers]


def degraded(answers: list[TestResponse]) -> set[str | None]:
    return {answer.headers.get("Portside-Degraded") for answer in answers}


def eventually_well(api: Conversation) -> list[TestResponse]:
    """The answers once the cache is asked again; a busy machine may take a little longer than the cool-down."""
    until = time.monotonic() + 5
    while degraded(answers := asked(api)) != {None}:
        assert time.monotonic() < until, "the cache is back, and not asked"
        time.sleep(0.05)
    return answers


@pytest.mark.parametrize("name", CACHE_LOSSES)
def test_without_the_cache_the_answers_are_the_same_and_booking_goes_on(api, server, name) -> None:
    loss, client = CACHE_LOSSES[name], Cache(server.url)
    healthy = bodies(eventually_well(api))

    cache_lost(loss, server, client)
    somebody_writes(api.app)
    struck = [asked(api), asked(api)]
    driver = api.as_driver()
    held = hold(driver)
    confirmed = driver.post(f"/v1/reservations/{held.json['handle']}/confirm")

    assert [bodies(answers) for answers in struck] == [healthy, healthy]
    assert loss.is_asked is None or degraded(struck[1]) == ({None} if loss.is_asked else {"status-cache"})
    assert (held.status_code, confirmed.status_code, confirmed.json["state"]) == (201, 200, "CONFIRMED")
    cache_back(loss, server, client)
    assert bodies(eventually_well(api)) == healthy
    client.close()


def hold(driver: Conversation) -> TestResponse:
    wish = {"station_id": "1:41613", "start": (NOW + timedelta(days=1)).isoformat(), "duration_min": 60}
    return driver.post("/v1/reservations", {**wish, "card": "111973"})


def test_reports_taken_without_the_cache_are_told_at_once_and_after_its_return(api, server) -> None:
    eventually_well(api)
    server.freeze()
    report = REPORTS[0] | {"technical_status": "faulted", "reported_at": NOW.isoformat()}
    api.as_operator().post("/v1/status-reports", {"reports": [report]})
    without = api.get("/v1/stations/1:41613/status").json

    server.thaw()
    from_worker(api.app)
    eventually_well(api)

    assert without["ports"][0]["status"]["technical_status"] == "faulted"
    assert api.get("/v1/stations/1:41613/status").json == without


def from_worker(app: Flask) -> None:
    """What the background worker does every five seconds, until it has reached the cache."""
    live = of(app, LiveStatus)
    while live._told_at is None:
        live.reconcile()
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["frozen", "killed"])
def test_requests_that_are_under_way_when_the_cache_goes_are_answered(api, server, name) -> None:
    asked(api)
    callers = [Conversation(api.app) for _ in range(16)]

    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(one.get, QUESTIONS[0][0], **QUESTIONS[0][1]) for one in callers for _ in range(3)]
        CACHE_LOSSES[name].strike(server, None)
        answers += [pool.submit(one.get, QUESTIONS[0][0], **QUESTIONS[0][1]) for one in callers for _ in range(3)]

    assert {answer.result().status_code for answer in answers} == {200}
    assert len({answer.result().data for answer in answers}) == 1
    CACHE_LOSSES[name].mend(server, None)


def test_twenty_searches_try_a_silent_cache_once_a_cool_down(settings, clock, tmp_path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(1000)
        with an_app(settings, clock, f"unix://{tmp_path / 'silent.sock'}") as app:
            began = time.monotonic()
            answers = [Conversation(app).get(*QUESTIONS[2][:1]) for _ in range(20)]
            rounds = 1 + (time.monotonic() - began) // COOL_DOWN_S
            tries = connections(silent)

    assert degraded(answers) == {"status-cache"}
    assert 1 <= tries <= CLIENTS * rounds


def connections(listening: socket.socket) -> int:
    """How many connections wait to be accepted."""
    listening.settimeout(0)
    for count in range(10_000):
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return count
    raise AssertionError("more than anybody would count")


def test_after_a_failure_one_caller_tries_and_the_others_go_on(tmp_path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(1000)
        silent_cache = Cache(f"unix://{tmp_path / 'silent.sock'}")
        assert not silent_cache.is_up()
        time.sleep(COOL_DOWN_S + TIMEOUT_S)
        connections(silent)
        with ThreadPoolExecutor(16) as pool:
            assert not any(pool.map(lambda _: silent_cache.is_up(), range(64)))

        assert connections(silent) == 1


@pytest.mark.parametrize("in_turn", [True, False])
def test_a_herd_at_an_emptied_cache_puts_it_back_once_and_without_the_turn_oftener(
    api, server, monkeypatch, in_turn
) -> None:
    healthy, live, rebuilds = bodies(eventually_well(api)), of(api.app, LiveStatus), list[int]()
    keep, ask = StatusCache.keep_whole, LiveStatus._from_database
    crowd = Barrier(HERD)
    monkeypatch.setattr(StatusCache, "keep_whole", lambda own, kept: (rebuilds.extend(kept), keep(own, kept)))
    monkeypatch.setattr(live_status, "_REFILL_WAIT_S", 30)
    if not in_turn:
        monkeypatch.setattr(live, "_one_refill", Semaphore(HERD))
        monkeypatch.setattr(LiveStatus, "_from_database", lambda *asked: (crowd.wait(20), ask(*asked))[1])
    Cache(server.url).attempt(lambda client: client.flushall())
    somebody_writes(api.app)

    def asked_with_the_others(caller: Conversation) -> TestResponse:
        if in_turn:
            crowd.wait(20)
        return caller.get(QUESTIONS[3][0])

    with ThreadPoolExecutor(HERD) as pool:
        answers = list(pool.map(asked_with_the_others, [Conversation(api.app) for _ in range(HERD)]))

    assert {(answer.status_code, answer.data) for answer in answers} == {healthy[3]}
    assert len(rebuilds) == (1 if in_turn else HERD)
