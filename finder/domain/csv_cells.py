"""Cells of a CSV file that no spreadsheet takes for a formula, and what they were before."""

import re

_FIRST = frozenset("'=+-@\t\r\n\0")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n\0]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r\n\0]")


def defused(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run; plain numbers stay as they are."""
    if cell[:1] not in _FIRST:
        return cell
    if _NUMBER.fullmatch(cell) or not _DANGEROUS.match(cell):
        return cell
    return f"'{cell}"


def as_written(cell: str) -> str:
    """What `defused` was given."""
    return cell[1:] if _DEFUSED.match(cell) else cell
