"""JSON files, gzip or not: one object per line, or one array of objects, told apart by the first sign."""

import gzip
import json
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

from finder.imports.table import UnreadableFile, opened

_GZIP = b"\x1f\x8b"
_LONGEST_LINE = 1 << 20
_LONGEST_ARRAY = 1 << 26
_BLANK = re.compile(r"[ \t\r\n]*")
_WHOLE = re.compile(r"(-?\d{1,15})\.0+", re.ASCII)


class _NotJson(ValueError):
    """A text is not JSON, or says one thing twice."""


@dataclass(frozen=True, slots=True)
class JsonRow:
    """One value of the file and the line on which it begins; with a `fault` the text of it is not JSON."""

    number: int
    text: str
    value: object = None
    fault: str = ""


class JsonRows:
    """An open file. Iterating it gives its rows, once; lines are read as they are asked for, an array at once.

    Numbers with decimals are Decimal. A line that is not JSON is a row with a fault. Raises UnreadableFile where the
    file is neither form, is cut off, or is an array with a fault.
    """

    def __init__(self, path: Path, raw: BinaryIO) -> None:
        self._path, self._raw, self._line = path, raw, 0
        self.size_bytes = os.fstat(raw.fileno()).st_size
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        plain = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if zipped else raw
        self._text = TextIOWrapper(plain, encoding="utf-8-sig")

    @property
    def read_bytes(self) -> int:
        """How far the file has been read; with `size_bytes` the state of a progress bar."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[JsonRow]:
        lines = self._lines()
        first = next(lines, None)
        if first is None:
            raise self._refusal("is empty")
        sign = first.lstrip()[0]
        if sign == "[":
            yield from self._array(first)
        elif sign == "{":
            yield self._first_row(first)
            yield from map(self._row, lines)
        else:
            raise self._refusal(f"is not JSON: it begins with {first.strip()[:40]!r}")

    def _lines(self) -> Iterator[str]:
        """The lines that are not blank; `_line` is the number of the last one."""
        while line := self._read(_LONGEST_LINE, line=True):
            self._line += 1
            if line.strip():
                yield line

    def _first_row(self, line: str) -> JsonRow:
        row = self._row(line)
        if row.fault:
            raise self._refusal(f"is neither one JSON object per line nor a JSON array: line {row.number} {row.fault}")
        return row

    def _row(self, line: str) -> JsonRow:
        ended, text = line.endswith("\n"), line.strip()
        if not ended and len(line) >= _LONGEST_LINE:
            raise self._refusal(f"is not JSON: line {self._line} never ends")
        try:
            return JsonRow(self._line, text, _value(text))
        except _NotJson as error:
            if not ended:
                raise self._cut_off() from error
            return JsonRow(self._line, text, fault=str(error))

    def _array(self, first: str) -> Iterator[JsonRow]:
        text = first + self._read(_LONGEST_ARRAY, line=False)
        if len(text) >= _LONGEST_ARRAY:
            raise self._refusal("is too large an array: write one object per line")
        at, end = text.index("[") + 1, len(text.rstrip())
        at = _after_blanks(text, at)
        while not text.startswith("]", at):
            try:
                value, after = _decoded(text, at)
            except _NotJson as error:
                raise self._array_fault(text, at, end, str(error)) from error
            yield JsonRow(self._line_of(text, at), text[at:after], value)
            at = _after_blanks(text, after)
            if text.startswith(",", at):
                at = _after_blanks(text, at + 1)
            elif not text.startswith("]", at):
                raise self._array_fault(text, at, end, "has no comma or ] after a value")
        if at + 1 != end:
            raise self._refusal(f"goes on after its array at line {self._line_of(text, at)}")

    def _line_of(self, text: str, at: int) -> int:
        return self._line + text.count("\n", 0, at)

    def _array_fault(self, text: str, at: int, end: int, fault: str) -> UnreadableFile:
        if not text[:end].endswith("]"):
            return self._cut_off()
        return self._refusal(f"is not JSON: the value at line {self._line_of(text, at)} {fault}")

    def _read(self, most: int, *, line: bool) -> str:
        """Some text, with what the readers below say in their own words made one clear line."""
        try:
            return self._text.readline(most) if line else self._text.read(most)
        except (EOFError, zlib.error) as error:
            raise self._cut_off() from error
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                raise self._cut_off() from error
            raise self._refusal(f"is not UTF-8 text near line {self._line + 1}: save it as UTF-8") from error
        except OSError as error:
            raise self._refusal(f"cannot be read: {error.strerror or error}") from error

    def _cut_off(self) -> UnreadableFile:
        return self._refusal("is cut off: fetch it again")

    def _refusal(self, why: str) -> UnreadableFile:
        return UnreadableFile(f"{self._path.name} {why}. Nothing was imported.")


@contextmanager
def open_json(path: Path) -> Iterator[JsonRows]:
    """A .json or .json.gz file, told apart by its content and not by its name. Raises UnreadableFile."""
    with opened(path) as raw:
        yield JsonRows(path, raw)


def _value(text: str) -> object:
    value, after = _decoded(text, 0)
    if after < len(text):
        raise _NotJson(f"goes on after its value with {text[after:].strip()[:20]!r}")
    return value


def _decoded(text: str, at: int) -> tuple[object, int]:
    """The value that begins here, and where it ends. Raises _NotJson."""
    try:
        value, after = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise _NotJson(f"is not JSON: {error.msg}") from error
    except _NotJson:
        raise
    except RecursionError as error:
        raise _NotJson("is nested too deeply") from error
    except (ValueError, ArithmeticError) as error:
        raise _NotJson("holds a number out of all reason") from error
    return value, after


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _number(text: str) -> int | Decimal:
    whole = _WHOLE.fullmatch(text)
    return int(whole[1]) if whole else Decimal(text)


def _constant(text: str) -> object:
    raise _NotJson(f"is not JSON: {text}")


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        raise _NotJson("says one property twice")
    return found


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_constant, object_pairs_hook=_object)
