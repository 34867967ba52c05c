"""The runs of `./dev faults` in their short versions, each with its control; and the command itself."""

import json
from collections.abc import Iterator

import pytest

from faults.__main__ import RUNS, main
from faults.ground import Ground, ground
from faults.runs import Asked
from tests.in_memory import in_memory
from tests.postgres import NoPostgres

SHORT = {"holds": None, "hotspot": "postgresql", "hoard": "postgresql", "expiry": "postgresql"}
SHORT |= {"idem": "postgresql", "flaky": "postgresql", "lin": "postgresql", "chaos": "postgresql"}
SHORT |= {"database": "postgresql", "bugs": "sqlite"}


@pytest.fixture(scope="session")
def standing() -> Iterator[Ground]:
    with ground(workers=2, folder=in_memory()) as made:
        try:
            assert made.postgres
        except NoPostgres as reason:
            pytest.skip(f"THE RACE AND FAULT RUNS DID NOT RUN: {reason}")
        yield made


@pytest.mark.parametrize("name", SHORT)
def test_the_short_run_meets_its_bar_and_its_control_fails(standing, name) -> None:
    found = RUNS[name].work(Asked(short=True, database=SHORT[name]), standing)

    assert found.missed == [], json.dumps(found.figures)


def test_the_command_alone_lists_the_runs(capsys) -> None:
    assert main([]) == 0

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(RUNS)


@pytest.mark.parametrize("arguments", [("holsd",), ("holds", "--seed", "x"), ("holds", "--runs", "0"), ("holds", "-q")])
def test_what_is_not_understood_is_one_clear_line(arguments, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("faults: ")
    assert said.err.count("\n") == 1
