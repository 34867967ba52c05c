"""Filters by text: names with wildcards, and addresses, looked for in the texts of many stations."""

import re

import numpy as np

from finder.columns import Mask, Rows, Texts
from finder.domain.countries import NAMES
from finder.indexed import folded, in_words
from finder.snapshot import Snapshot
from finder.station_columns import NAME_END

_COUNTRY_CODES = {folded(name): folded(code) for code, name in NAMES.items()} | {"usa": "us", "uk": "gb"}
_FEW = 20_000  # rows whose texts are looked at one by one; of more all texts are searched in one go
_ANY = rb"[^\n]"
_ONE_LETTER = rb"(?:[\x00-\x09\x0b-\x7f]|[\xc2-\xf4][\x80-\xbf]+)"


def country_code(text: str) -> str:
    """A country as it is kept, folded, whether it was given by its name or its code."""
    country = folded(text)
    return _COUNTRY_CODES.get(country, country)


def named(snapshot: Snapshot, rows: Rows, name: str) -> Mask:
    """Whether the organization's name, the station's, or a line of it is this; `*` and `?` are wildcards."""
    return _matching(snapshot.columns.names, _wildcard(folded(name)), rows)


def addressed(snapshot: Snapshot, rows: Rows, address: str) -> Mask:
    """Whether the text is a part of the complete address (guide 6.1.2)."""
    words = _with_country_code(address)
    if not words:
        return np.zeros(len(rows), np.bool_)
    return _matching(snapshot.columns.streets, re.compile(re.escape(words).encode()), rows)


def _with_country_code(address: str) -> str:
    """An address in words; a country's name at its end, which addresses are kept without, becomes its code."""
    words = in_words(address)
    for name, code in _COUNTRY_CODES.items():
        if words.endswith(f" {name}"):
            return words.removesuffix(name) + code
    return words


def _matching(texts: Texts, pattern: re.Pattern[bytes], rows: Rows) -> Mask:
    if len(rows) <= _FEW:
        return np.fromiter(
            (pattern.search(texts[row].encode()) is not None for row in rows.tolist()), np.bool_, len(rows)
        )
    joined, ends = texts.joined()
    hits = np.fromiter((match.start() for match in pattern.finditer(joined)), np.int64)
    return np.isin(rows, np.searchsorted(ends, hits, "right"))


def _wildcard(text: str) -> re.Pattern[bytes]:
    """`*` is any text, `?` any one letter; everything else, `%`, `_` and `[` too, is itself. Never tries back."""
    first, *others = (_literal(part) for part in text.split("*"))
    if not others:
        return re.compile(_line(first))
    middle = b"".join(b"(?>" + _ANY + b"*?" + part + b")" for part in others[:-1])
    return re.compile(_line(first + middle + _ANY + b"*" + others[-1]))


def _line(pattern: bytes) -> bytes:
    end = re.escape(NAME_END.encode())
    return b"(?<=" + end + b")" + pattern + b"(?=" + end + b")"


def _literal(part: str) -> bytes:
    return b"".join(_ONE_LETTER if letter == "?" else re.escape(letter.encode()) for letter in part)
