"""Rate limits go on without the cache: neither an error nor an open gate."""

from collections.abc import Iterator

import pytest
from flask import Flask

from accounts.clients import ClientAccess
from faults.losses import CACHE_LOSSES, cache_back, cache_lost
from kernel.cache import Cache
from kernel.services import of
from tests.conversation import Conversation
from tests.faults.lost_cache import an_app
from tests.servers import CacheServer, cache


@pytest.fixture
def server() -> Iterator[CacheServer]:
    """A cache of this test's own, to be ill-treated."""
    with cache() as started:
        yield started


@pytest.fixture
def app(settings, server, clock) -> Iterator[Flask]:
    with an_app(settings, clock, server.url) as made:
        yield made


@pytest.mark.parametrize("name", ["killed", "frozen", "keys of another type", "full"])
def test_the_limit_holds_without_the_cache(app, server, name) -> None:
    key = of(app, ClientAccess).create("slow", requests_per_min=20)
    client = Conversation(app).as_client(key)
    opened = Cache(server.url)
    client.get("/v1/stations/1:41613")

    cache_lost(CACHE_LOSSES[name], server, opened)
    answers = [client.get("/v1/stations/1:41613") for _ in range(30)]

    statuses = [answer.status_code for answer in answers]
    assert statuses in ([200] * 20 + [429] * 10, [200] * 19 + [429] * 11)
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in answers if answer.status_code == 429)
    assert answers[-1].json["code"] == "rate_limited"
    cache_back(CACHE_LOSSES[name], server, opened)
    opened.close()


def test_the_limit_in_the_cache_is_exact_and_told(app) -> None:
    client = Conversation(app).as_client(of(app, ClientAccess).create("slow", requests_per_min=20))

    answers = [client.get("/v1/stations/1:41613") for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers[-3:]] == [
        '"key";r=1',
        '"key";r=0',
        '"key";r=0',
    ]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=20;w=60'
