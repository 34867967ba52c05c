"""The table of response codes is whole and true: every number is there, every code is documented, every test exists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from app import create_app
from kernel.settings import read_settings
from tests.house.source import ROOT, functions, tree_of

NUMBERS = {*range(105, 110), *range(111, 118), 128, 137, 138, *range(144, 149)}


@dataclass(frozen=True)
class Line:
    """One line of a table: a number of the guide (none in the second table), a code, its status and the test."""

    number: str | None
    code: str
    status: str
    said: str
    test: str

    @property
    def cannot_occur(self) -> bool:
        return self.said.startswith("cannot occur: ")


def lines() -> Iterator[Line]:
    for line in (ROOT / "docs" / "response-codes.md").read_text().splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if re.fullmatch(r"\d{3}", cells[0]):
            number, _, code, status, said, test = cells
            yield Line(number, code, status, said, test)
        elif re.fullmatch(r"[a-z_]+", cells[0]) and cells[1].isdigit():
            yield Line(None, *cells)


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str, str | None]]:
    """Code, status and number of every problem, as the page for people says it."""
    app: Flask = create_app(read_settings({"PORTSIDE_VAR": str(tmp_path_factory.mktemp("var"))}))
    page = app.test_client().get("/docs/problems").text
    found = re.findall(r"<code>(\w+)</code> &middot; (\d+)(?: &middot; (\d+))?</dt>", page)
    return {(code, status, number or None) for code, status, number in found}


def test_every_number_of_reserving_is_in_the_table() -> None:
    assert {int(line.number) for line in lines() if line.number} == NUMBERS


def test_every_code_of_the_table_is_documented_with_its_number(documented: set[tuple[str, str, str | None]]) -> None:
    told = {(line.code, line.status, line.number) for line in lines() if not line.cannot_occur}
    numbers = {one for one in told if one[2]}

    assert numbers - documented == set()
    assert {one[:2] for one in told} - {one[:2] for one in documented} == set()
    assert len(numbers) > 20


def test_every_test_that_the_table_names_is_there() -> None:
    for line in lines():
        if not line.cannot_occur:
            file, _, name = line.test.partition("::")
            assert name in {function.name for function in functions(tree_of(ROOT / file))}, line


def test_what_is_said_not_to_occur_never_does(documented: set[tuple[str, str, str | None]]) -> None:
    absent = {line.number for line in lines() if line.cannot_occur}

    assert absent == {"117", "145", "146", "148"}
    assert absent & {number for _, _, number in documented} == set()


def test_every_documented_number_of_reserving_is_told_in_the_table(
    documented: set[tuple[str, str, str | None]],
) -> None:
    told = {(line.code, line.status, line.number) for line in lines()}

    assert {one for one in documented if one[2] and int(one[2]) in NUMBERS} <= told
