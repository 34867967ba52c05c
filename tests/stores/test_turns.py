"""Writers to one SQLite file take turns: across threads and processes, and a process that dies gives its turn up."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kernel import turns
from kernel.errors import TemporarilyUnavailable
from kernel.turns import WriterTurn
from tests.live import ROOT

WRITERS, ROUNDS = 8, 50
HOLDER = """
import sys, time
from kernel.turns import WriterTurn
with WriterTurn(sys.argv[1]):
    print("mine", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'here.db'}"


def at_once(turn: Callable[[], WriterTurn]) -> list[int]:
    """How many were inside together, each time that one of many writers was."""
    inside, seen = list[int](), list[int]()

    def write(number: int) -> None:
        for _ in range(ROUNDS):
            with turn():
                inside.append(number)
                seen.append(len(inside))
                inside.remove(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    return seen


def test_one_writer_at_a_time_has_the_turn_and_everybody_gets_it(url) -> None:
    shared = WriterTurn(url)

    assert at_once(lambda: shared) == [1] * (WRITERS * ROUNDS)
    assert at_once(lambda: WriterTurn(url)) == [1] * (WRITERS * ROUNDS)


def test_a_process_that_dies_gives_its_turn_up(url) -> None:
    command = [sys.executable, "-c", HOLDER, url]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mine\n"

        holder.send_signal(signal.SIGKILL)

        with WriterTurn(url):
            pass


def test_a_turn_that_does_not_come_is_a_refusal_and_leaves_the_next_one_free(url, monkeypatch) -> None:
    monkeypatch.setattr(turns, "_WAIT_S", 0.05)
    first, second = WriterTurn(url), WriterTurn(url)

    with first, pytest.raises(TemporarilyUnavailable), second:
        pass

    with second:
        pass


def test_other_databases_have_no_turns() -> None:
    turn = WriterTurn("postgresql+psycopg:///any")

    with turn, turn:
        pass
