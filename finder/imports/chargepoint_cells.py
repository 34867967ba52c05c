"""Cells of a row of the guide's station file: found by heading, with what spreadsheets were kept from undone."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from finder.domain.countries import NAMES
from finder.domain.csv_cells import as_written
from finder.imports.table import Line

_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_PORT_HEADING = re.compile(r"port(\d{1,4})(?:connector|voltage|current|kw|level|mode)", re.ASCII)
_OTHER_NAMES = {"usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB"}


class Wrong(Exception):
    """A row cannot be a station; the arguments are reason and detail."""


class Headings:
    """Where each column is, whatever the case, spaces and stops of its heading."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns = {_folded(column): column for column in reversed(list(columns))}
        found = (_PORT_HEADING.fullmatch(name) for name in self._columns)
        self.port_numbers = sorted({int(match[1]) for match in found if match})

    def has(self, column: str) -> bool:
        return _folded(column) in self._columns

    def of(self, line: Line) -> "Cells":
        """The cells of a row."""
        return Cells(line.cells, self._columns)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row, by the guide's headings; those of columns that are not there are empty."""

    _cells: Mapping[str, str]
    _columns: Mapping[str, str]

    def text(self, column: str, *, longest: int = 10_000) -> str:
        """A cell as it was before spreadsheets were thought of. Raises Wrong."""
        text = as_written(self._cells.get(self._columns.get(_folded(column), ""), ""))
        if "\0" in text:
            raise Wrong("nul_character", column)
        if len(text) > longest:
            raise Wrong("too_long", f"{column} has {len(text)} characters, {longest} at most")
        return text

    def known(self, column: str, *, longest: int = 10_000) -> str | None:
        """A cell; None where it is empty. Raises Wrong."""
        return self.text(column, longest=longest) or None

    def number(self, column: str, *, least: float, most: float) -> float | None:
        """A number; None where the cell is empty. Raises Wrong."""
        text = self.text(column).strip()
        if not text:
            return None
        if not _NUMBER.fullmatch(text) or not least <= float(text) <= most:
            raise Wrong("invalid_number", f"{column} {text[:40]!r}")
        return float(text)

    def country(self) -> str | None:
        """The country's code (ISO 3166-1 alpha-2), from its name or code. Raises Wrong."""
        text = self.text("Country").strip()
        if not text:
            return None
        code = _codes().get(text.casefold())
        if code is None:
            raise Wrong("unknown_country", repr(text[:40]))
        return code


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Names and codes of countries, without regard to case → codes; from the time zone database's own list."""
    listed = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t", 1) for line in listed if line and not line.startswith("#")]
    names = {name.casefold(): code for code, name in pairs} | {code.casefold(): code for code, _ in pairs}
    return names | {name.casefold(): code for code, name in NAMES.items()} | _OTHER_NAMES


@lru_cache(maxsize=4096)
def _folded(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.casefold())
