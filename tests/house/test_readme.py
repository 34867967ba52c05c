"""README says where things are; this holds it to its word."""

import re

from tests.house.source import ROOT


def _rows() -> list[tuple[str, str]]:
    """The rows of the "Where is …?" table: what is asked, and where it is."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    heading = re.search(r"^#+ .*Where is.*$", readme, re.MULTILINE)
    assert heading, 'README has no "Where is …?" heading'
    table = readme[heading.end() :].strip().split("\n\n")
    lines = next(block for block in table if block.startswith("|")).splitlines()[2:]
    return [(question.strip(), place.strip()) for _, question, place, _ in (line.split("|") for line in lines)]


def test_every_place_in_the_where_is_table_exists() -> None:
    rows = _rows()

    assert len(rows) >= 14
    for question, place in rows:
        paths = re.findall(r"`([\w./-]+)`", place)
        assert paths, question
        for path in paths:
            assert (ROOT / path).exists(), f"{question}: {path}"


def test_every_command_of_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = (ROOT / "dev").read_text() + (ROOT / "app.py").read_text()
    known += "".join(path.read_text() for path in ROOT.glob("*/commands.py"))

    for command in set(re.findall(r"\./dev (\w+)", readme)):
        assert re.search(rf"\b{command}\b", known), command
