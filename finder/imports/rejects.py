"""Rejected rows: what was wrong with them, and the file that they go to."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is wrong: the line where it begins, a code, the row's cells, and what was found.

    `identifier` is the part of the station id behind the colon, where it could be read: that station is there.
    """

    line_number: int
    reason: str
    row: Mapping[str, str]
    detail: str = ""
    identifier: str | None = None


class RejectsFile:
    """Rejected rows as CSV: line number, reason, detail, then the row's own columns, to be mended and imported."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._writer: csv.DictWriter[str] | None = None

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._file is None:
            return
        self._file.close()
        if kind is not None:
            self._path.unlink()

    def write(self, rejected: Rejected) -> None:
        writer = self._writer or self._opened(tuple(rejected.row))
        cells = {column: _harmless(text) for column, text in rejected.row.items()}
        told = {"line_number": rejected.line_number, "reason": rejected.reason, "detail": rejected.detail}
        writer.writerow(cells | told)

    def _opened(self, columns: tuple[str, ...]) -> "csv.DictWriter[str]":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8", newline="")
        names = ("line_number", "reason", "detail", *columns)
        self._writer = csv.DictWriter(self._file, names, extrasaction="ignore", restval="")
        self._writer.writeheader()
        return self._writer


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay as they are."""
    return f"'{cell}" if re.match(r"[=+\-@\t\r\0]", cell) and not re.fullmatch(r"[+-]?[\d.]+", cell) else cell
