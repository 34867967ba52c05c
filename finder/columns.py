"""Columns that only grow: arrays, coded values and texts of many rows, read by threads while one thread appends."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]  # row numbers
Mask = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]
T = TypeVar("T")

_TEXTS_AT_ONCE = 20_000


class Columns:
    """Named arrays of one length. Written rows never change, so a reader that knows a count needs no lock."""

    def __init__(self, kinds: Mapping[str, str], capacity: int = 1024) -> None:
        self._arrays: Mapping[str, Array] = {name: np.zeros(capacity, kind) for name, kind in kinds.items()}
        self.count = 0

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def append(self, values: Mapping[str, Sequence[Any] | Array]) -> None:
        """Add rows: for each name its values; None is not a number."""
        added = len(next(iter(values.values())))
        end = self.count + added
        self._make_room(end)
        for name, array in self._arrays.items():
            array[self.count : end] = np.asarray(values[name], dtype=array.dtype)
        self.count = end

    def _make_room(self, needed: int) -> None:
        capacity = len(next(iter(self._arrays.values())))
        if needed > capacity:
            self._arrays = {name: _longer(held, max(needed, capacity * 5 // 4)) for name, held in self._arrays.items()}

    def picked(self, rows: Rows) -> "Columns":
        """These rows, in this order, as columns of their own."""
        made = Columns({}, 0)
        made._arrays = {name: held[rows] for name, held in self._arrays.items()}
        made.count = len(rows)
        return made


def _longer(held: Array, capacity: int) -> Array:
    grown = np.zeros(capacity, held.dtype)
    grown[: len(held)] = held
    return grown


class Codes(Generic[T]):
    """A number for each distinct value, the same for equal ones: what many stations share is kept once."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self.values: list[T] = []

    def of(self, value: T) -> int:
        """The value's number; a new one where it is new. Called by the appending thread only."""
        code = self._codes.get(value)
        if code is None:
            self.values.append(value)  # first the value, then its number: a reader never finds a number without one
            code = self._codes[value] = len(self.values) - 1
        return code

    def found(self, value: T) -> int:
        """The value's number, -1 where no row has it."""
        return self._codes.get(value, -1)


class Texts:
    """A text a row, end to end in one run of bytes: a tenth of what as many strings would take."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._bytes = bytearray()
        self._ends = Columns({"end": "i8"})
        self.append(texts)

    def append(self, texts: Iterable[str]) -> None:
        """Add rows."""
        encoded = [text.encode() for text in texts]
        if encoded:
            self._ends.append({"end": len(self._bytes) + np.cumsum([len(text) for text in encoded])})
            self._bytes += b"".join(encoded)

    def __getitem__(self, row: int) -> str:
        ends = self._ends["end"]
        return self._bytes[ends[row - 1] if row else 0 : ends[row]].decode()

    def picked(self, rows: Rows) -> "Texts":
        """These rows, in this order, as texts of their own; some at a time, as row numbers of bytes take room."""
        joined, ends = self.joined()
        letters = np.frombuffer(joined, np.uint8)
        lengths = np.diff(ends, prepend=0)
        made = Texts()
        for some in np.array_split(rows, max(1, len(rows) // _TEXTS_AT_ONCE)):
            own = lengths[some]
            made._bytes += letters[spans(ends[some] - own, own)].tobytes()
        made._ends.append({"end": np.cumsum(lengths[rows])})
        return made

    def joined(self) -> tuple[bytes, Array]:
        """All texts end to end, and where each ends."""
        count = self._ends.count
        ends = self._ends["end"][:count]
        return bytes(self._bytes[: int(ends[-1]) if count else 0]), ends


def spans(starts: Rows, lengths: Array) -> Rows:
    """The numbers of all spans, one span after the other: starts 3, 8 and lengths 2, 1 give 3, 4, 8."""
    total = int(lengths.sum())
    if not total:
        return np.zeros(0, np.int64)
    before = np.cumsum(lengths) - lengths
    numbers: Rows = np.repeat(starts - before, lengths) + np.arange(total)
    return numbers
