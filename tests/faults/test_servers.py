"""The servers that the other tests stand on can be frozen, killed and started again, and never outlive the tests."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.postgres import NoPostgres, postgres
from tests.processes import is_running
from tests.servers import Server, cache

ROOT = Path(__file__).resolve().parents[2]
STARTED_ELSEWHERE = """
import time
from tests.postgres import postgres
from tests.processes import family
with postgres() as server:
    print(*family(server.pid), server.url.partition("host=")[2], flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    try:
        with postgres() as server:
            if server.pid is None:
                pytest.skip("THE TESTS OF THE POSTGRESQL LAUNCHER DID NOT RUN: PORTSIDE_TEST_DATABASE_URL is set")
            yield server
    except NoPostgres as reason:
        pytest.skip(f"THE TESTS OF THE POSTGRESQL LAUNCHER DID NOT RUN: {reason}")


def ask(server: Server, sql: str) -> object:
    with create_engine(server.url, poolclass=NullPool, connect_args={"connect_timeout": 2}).begin() as connection:
        answer = connection.execute(text(sql))
        return answer.scalar() if answer.returns_rows else None


def test_the_extension_that_keeps_reservations_apart_is_there(database: Server) -> None:
    ask(database, "CREATE EXTENSION IF NOT EXISTS btree_gist")

    assert ask(database, "SELECT count(*) FROM pg_extension WHERE extname = 'btree_gist'") == 1


def test_what_was_committed_survives_a_kill(database: Server) -> None:
    ask(database, "CREATE TABLE kept AS SELECT 1 AS one")

    database.kill()
    database.start()

    assert ask(database, "SELECT count(*) FROM kept") == 1


def test_frozen_it_does_not_answer_until_it_thaws(database: Server) -> None:
    database.freeze()
    with pytest.raises(OperationalError, match="timeout"):
        ask(database, "SELECT 1")
    database.thaw()

    assert ask(database, "SELECT 1") == 1


def test_it_ends_with_the_tests_even_when_they_are_killed(database: Server) -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", STARTED_ELSEWHERE],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert tests.stdout is not None
    *everyone, run = tests.stdout.readline().split()

    tests.kill()
    tests.communicate(timeout=5)

    deadline = time.monotonic() + 5
    while any(is_running(int(pid)) for pid in everyone) and time.monotonic() < deadline:
        time.sleep(0.01)
    subprocess.run(["rm", "-rf", Path(run).parent], check=True)  # what a killed run leaves on disk
    assert len(everyone) > 1
    assert not [pid for pid in everyone if is_running(int(pid))]


def test_a_cache_is_fresh_and_gone_after_its_block() -> None:
    with cache() as server:
        pid = server.pid

        assert pid
        assert is_running(pid)
    assert not is_running(pid)
