"""Tables: a CSV file, gzip or not, opened safely and read line by line, or refused with one clear line."""

import csv
import gzip
import os
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

_LONGEST_LINE = 1 << 20
_GZIP = b"\x1f\x8b"
_FOREIGN = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK": "a zip or Excel file", b"BZ": "bzip2", b"\xfd7": "xz"}


class UnreadableFile(Exception):
    """The file cannot be read as what it should be; the message is the one line that a person reads."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: the line number in the file where it begins, and its cells as written, by column.

    `surplus` counts the cells that it has more than the header, or, below zero, less.
    """

    number: int
    cells: Mapping[str, str]
    surplus: int = 0

    def text(self, column: str) -> str:
        """The cell without control characters, with single spaces; empty where the column is missing."""
        return tidy(self.cells.get(column, ""))


def tidy(text: str) -> str:
    """Text as it is shown: nothing invisible, every run of white space (no-break spaces too) one space."""
    if not text.isprintable():
        text = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    return " ".join(text.split())


class Table:
    """An open CSV file in UTF-8, with or without a byte order mark. Iterating it gives its lines, once."""

    def __init__(self, path: Path, raw: BinaryIO) -> None:
        self._path, self._raw = path, raw
        self.size_bytes = os.fstat(raw.fileno()).st_size
        self._zipped = raw.read(2) == _GZIP
        raw.seek(0)
        plain = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if self._zipped else raw
        self._text = TextIOWrapper(plain, encoding="utf-8-sig", newline="")
        self._ended = True
        self._rows = csv.reader(self._text_lines(), strict=True)
        self.columns = self._header()

    @property
    def read_bytes(self) -> int:
        """How far the file has been read; with `size_bytes` the state of a progress bar."""
        return self._raw.tell()

    @property
    def lacks_last_line_end(self) -> bool:
        """After the last line: whether it had no line end, as in a file cut off just there. Never where the file is
        gzip, whose checksum has shown that it is whole."""
        return not self._ended and not self._zipped

    def require(self, columns: Collection[str], *, source: str) -> None:
        """Raises UnreadableFile where columns are missing."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            raise self._refusal(f"is not {source}: column {', '.join(map(repr, missing))} is missing")

    def __iter__(self) -> Iterator[Line]:
        width, before = len(self.columns), self._rows.line_num
        for cells in self._read_rows():
            number, before = before + 1, self._rows.line_num
            if not cells:
                continue
            if len(cells) < width and not self._ended:
                raise self._cut_off()
            yield Line(number, dict(zip(self.columns, cells, strict=False)), len(cells) - width)

    def _header(self) -> tuple[str, ...]:
        columns = tuple(tidy(name) for name in next(self._read_rows(), []))
        if not columns:
            raise self._refusal("is empty")
        if len(columns) == 1:
            raise self._refusal(f"is not comma-separated: its first line is {columns[0][:40]!r}")
        if len(set(columns)) < len(columns):
            raise self._refusal("has two columns of the same name")
        return columns

    def _read_rows(self) -> Iterator[list[str]]:
        """The rows, with what the readers below say in their own words made one clear line."""
        try:
            yield from self._rows
        except (EOFError, zlib.error) as error:
            raise self._cut_off() from error
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                raise self._cut_off() from error
            raise self._refusal(f"is not UTF-8 text near line {self._rows.line_num + 1}: save it as UTF-8") from error
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise self._cut_off() from error
            raise self._refusal(f"is not CSV at line {self._rows.line_num}: {error}") from error
        except OSError as error:
            raise self._refusal(f"cannot be read: {error.strerror or error}") from error

    def _text_lines(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_LINE):
            self._ended = line.endswith(("\n", "\r"))
            if len(line) >= _LONGEST_LINE:
                raise self._refusal(f"is not CSV: line {self._rows.line_num + 1} never ends")
            yield line

    def _cut_off(self) -> UnreadableFile:
        return self._refusal(f"is cut off after line {self._rows.line_num}: fetch it again")

    def _refusal(self, why: str) -> UnreadableFile:
        return UnreadableFile(f"{self._path.name} {why}. Nothing was imported.")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to be imported, as bytes. Raises UnreadableFile."""
    if path.exists() and not path.is_file():
        raise UnreadableFile(f"{path.name} is not a file. Nothing was imported.")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be opened: {error.strerror}. Nothing was imported.") from error
    with raw:
        yield raw


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """A CSV or CSV.gz file, told apart by its content and not by its name. Raises UnreadableFile."""
    with opened(path) as raw:
        if foreign := _FOREIGN.get(raw.read(2)):
            raise UnreadableFile(f"{path.name} is {foreign}, not CSV in UTF-8. Nothing was imported.")
        raw.seek(0)
        yield Table(path, raw)
