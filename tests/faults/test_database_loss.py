"""The database is lost: what is held in memory goes on being told, the rest is 503, and soon all is well again."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from app import create_app
from faults.losses import DATABASE_LOSSES, postgres_lost
from finder.rendered import RenderedStations
from kernel.database import Database
from kernel.remembered import Remembered
from kernel.services import of
from kernel.settings import read_settings
from tests.builders import a_port, a_station, add_stations
from tests.conftest import NOW, close, fill_with_guide
from tests.conversation import Conversation
from tests.databases import PostgresTemplates
from tests.in_memory import in_memory
from tests.postgres import NoPostgres, PostgresServer, postgres

READ: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/stations", {"lat": 37.2615, "lon": -121.9577, "radius": 50}),
    ("/v1/stations/1:41613", {}),
    ("/v1/stations/1:41613/status", {}),
    ("/v1/status", {"station_id": ["1:41613", "1:39183", "1:404"]}),
)
REPORT = {"station_id": "1:41613", "port_number": 1, "technical_status": "available", "reported_at": NOW.isoformat()}
NEVER_SHOWN = {"bbox": "5,52,6,53"}
PATIENCE_S = 20


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL of these tests' own, to be ill-treated."""
    try:
        with postgres(in_memory()) as started:
            if not isinstance(started, PostgresServer):
                pytest.skip("DATABASE LOSS NOT TESTED: unset PORTSIDE_TEST_DATABASE_URL")
            yield started
    except NoPostgres as reason:
        pytest.skip(f"DATABASE LOSS NOT TESTED ON POSTGRESQL: {reason}")


@pytest.fixture(scope="module")
def filled(server) -> Iterator[str]:
    templates = PostgresTemplates(server.url, "loss")
    with templates.copy(templates.make("guide", fill_with_guide)) as url:
        yield url
    templates.close()


@pytest.fixture
def on_postgres(filled, cache_server, tmp_path, clock) -> Iterator[Flask]:
    own = {"DATABASE_URL": filled, "REDIS_URL": cache_server.url, "VAR": str(tmp_path)}
    app = create_app(read_settings({f"PORTSIDE_{name}": value for name, value in own.items()}), clock=clock)
    yield app
    close(app)


def prepared(app: Flask) -> tuple[Conversation, Conversation]:
    """A client and a driver; ports have said what they are, and there are stations that nobody has looked at."""
    api = Conversation(app)
    api.as_operator().post("/v1/status-reports", {"reports": [REPORT]})
    add_stations(app, *(a_station(f"7:{number}", ports=(a_port(), a_port(2))) for number in range(3)))
    return api, api.as_driver()


def asked(*callers: Conversation) -> list[TestResponse]:
    return [caller.get(path, **query) for caller in callers for path, query in READ]


def told(answers: list[TestResponse]) -> list[tuple[int, bytes]]:
    return [(answer.status_code, answer.data) for answer in answers]


def degraded(answers: list[TestResponse]) -> set[str | None]:
    return {answer.headers.get("Portside-Degraded") for answer in answers}


def written(driver: Conversation) -> list[TestResponse]:
    """A report, a login and a hold that is confirmed."""
    wish = {"station_id": "1:41613", "start": (NOW + timedelta(days=1)).isoformat(), "duration_min": 15}
    operator = driver.as_operator()
    hold = driver.post("/v1/reservations", {**wish, "card": "111973"})
    answers = [operator.post("/v1/status-reports", {"reports": [REPORT]}), hold]
    if hold.status_code == 201:
        answers.append(driver.post(f"/v1/reservations/{hold.json['handle']}/release"))
    return [*answers, driver.as_client("demo").post("/v1/login", {"username": "demo", "password": "demo"})]


def statuses(answers: list[TestResponse]) -> set[int]:
    return {answer.status_code for answer in answers}


def eventually(driver: Conversation, wanted: set[int]) -> list[TestResponse]:
    """What comes of writing once it ends in these statuses."""
    until = time.monotonic() + PATIENCE_S
    while statuses(answers := written(driver)) != wanted:
        assert time.monotonic() < until, [answer.text for answer in answers]
        time.sleep(0.1)
    return answers


@pytest.mark.parametrize("loss", DATABASE_LOSSES)
def test_reads_go_on_from_memory_and_writes_wait(on_postgres, server, loss) -> None:
    api, driver = prepared(on_postgres)
    healthy = told(asked(api, driver))

    with postgres_lost(loss, server):
        refused = eventually(driver, {503})
        during = asked(api, driver)
        stranger = api.as_client("nobody.knows").get("/v1/stations", **NEVER_SHOWN)
        cold = api.get("/v1/stations", **NEVER_SHOWN)
    eventually(driver, {200, 201})

    is_away = loss != "read-only"
    assert told(during) == healthy
    assert degraded(during) == ({"database"} if is_away else {None})
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert stranger.status_code == (503 if is_away else 401)
    assert [station["station_id"] for station in cold.json["data"]] == ["7:0", "7:1", "7:2"]
    assert degraded(asked(api)) == {None}


def test_a_station_that_was_never_shown_is_told_as_the_search_knows_it(on_postgres, server) -> None:
    api, driver = prepared(on_postgres)
    asked(api)

    without = {**NEVER_SHOWN, "include": "tariff"}
    with postgres_lost("killed", server):
        partly = api.get("/v1/stations", **without).json["data"][0]
    eventually(driver, {200, 201})
    whole = api.get("/v1/stations", **without).json["data"][0]

    told_less = {"name", "organization", "address", "updated_at", "demo"}
    assert {name for name in whole if whole[name] != partly[name]} == told_less
    assert (partly["name"], partly["updated_at"], partly["demo"]) == ("7:0", None, None)


def nobody_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remembered, "of", lambda _self, _key, ask: ask())


def nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RenderedStations, "of", lambda self, entries, _: self._made({one.pk: 0 for one in entries}))


def test_what_grows_stale_meanwhile_is_laid_to_the_outage(on_postgres, server, clock) -> None:
    api, driver = prepared(on_postgres)
    old = {**REPORT, "port_number": 2, "reported_at": (NOW - timedelta(seconds=1000)).isoformat()}
    api.as_operator().post("/v1/status-reports", {"reports": [old]})
    asked(api)

    with postgres_lost("killed", server):
        eventually(driver, {503})
        asked(api)
        clock.advance(seconds=1000)
        ports = api.get("/v1/stations/1:41613/status").json["ports"]

    reasons = [(port["status"]["freshness"], port["status"]["stale_reason"]) for port in ports]
    assert reasons == [("STALE", "upstream_outage"), ("STALE", "silent")]
    eventually(driver, {200, 201})


@pytest.mark.parametrize("forget", [nobody_remembers, nothing_is_held])
def test_without_memory_reads_fail(on_postgres, server, monkeypatch, forget) -> None:
    api, _ = prepared(on_postgres)
    asked(api)
    forget(monkeypatch)

    with postgres_lost("killed", server):
        assert 503 in statuses(asked(api))


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_a_file_that_cannot_be_written_is_read(app) -> None:
    api, driver = prepared(app)
    healthy, engine = told(asked(api, driver)), of(app, Database).engine

    event.listen(engine, "begin", protect)
    refused, during = written(driver), told(asked(api, driver))
    event.remove(engine, "begin", protect)
    engine.dispose()

    assert statuses(refused) == {503}
    assert during == healthy
    assert statuses(written(driver)) == {200, 201}


def protect(connection: Any) -> None:
    connection.exec_driver_sql("PRAGMA query_only = ON")
