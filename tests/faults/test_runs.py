"""The runs of `./dev faults` in their short versions, each with its control; and the command itself."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from faults.__main__ import RUNS
from faults.ground import Ground, ground
from faults.runs import Asked
from tests.live import ROOT
from tests.servers import NoPostgres

SHORT = {"holds": None, "hotspot": "postgresql", "hoard": "postgresql", "expiry": "postgresql"}
SHORT |= {"idem": "postgresql", "flaky": "postgresql", "lin": "postgresql", "chaos": "postgresql"}


@pytest.fixture(scope="session")
def standing() -> Iterator[Ground]:
    with ground(workers=2) as made:
        try:
            assert made.postgres
        except NoPostgres as reason:
            pytest.skip(f"THE RACE AND FAULT RUNS DID NOT RUN: {reason}")
        yield made


@pytest.mark.parametrize("name", SHORT)
def test_the_short_run_meets_its_bar_and_its_control_fails(standing, name) -> None:
    found = RUNS[name].work(Asked(short=True, database=SHORT[name]), standing)

    assert found.missed == [], json.dumps(found.figures)


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "faults", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_the_command_alone_lists_the_runs() -> None:
    done = command()

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(RUNS)


@pytest.mark.parametrize("arguments", [("holsd",), ("holds", "--seed", "x"), ("holds", "--runs", "0"), ("holds", "-q")])
def test_what_is_not_understood_is_one_clear_line(arguments) -> None:
    done = command(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("faults: ")
    assert done.stderr.count("\n") == 1
