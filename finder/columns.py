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
_WHOLE = tuple(map(np.dtype, ("i1", "i2", "i4", "i8")))


class Columns:
    """Named arrays of one length. Written rows never change, so a reader that knows a count needs no lock.

    Whole numbers with a sign are kept as narrow as their kind says, until one does not fit.
    """

    def __init__(self, kinds: Mapping[str, str], capacity: int = 1024) -> None:
        self._arrays: Mapping[str, Array] = {name: np.zeros(capacity, kind) for name, kind in kinds.items()}
        self.count = 0

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def append(self, values: Mapping[str, Sequence[Any] | Array]) -> None:
        """Add rows: for each name its values; None is not a number."""
        added = len(next(iter(values.values())))
        end = self.count + added
        arrays = {name: _as_column(values[name], held.dtype) for name, held in self._arrays.items()}
        self._make_room(end, {name: array.dtype for name, array in arrays.items()})
        for name, array in self._arrays.items():
            array[self.count : end] = arrays[name]
        self.count = end

    def _make_room(self, needed: int, kinds: Mapping[str, np.dtype[Any]]) -> None:
        held = self._arrays
        capacity = len(next(iter(held.values())))
        capacity = capacity if needed <= capacity else max(needed, capacity * 5 // 4)
        self._arrays = {name: _with_room(array, capacity, kinds[name], self.count) for name, array in held.items()}

    def picked(self, rows: Rows) -> "Columns":
        """These rows, in this order, as columns of their own."""
        made = Columns({}, 0)
        made._arrays = {name: held[rows] for name, held in self._arrays.items()}
        made.count = len(rows)
        return made


def _as_column(values: Sequence[Any] | Array, kind: np.dtype[Any]) -> Array:
    """The values as this kind of number, or as the first wider one that holds them all."""
    if kind.kind != "i":
        return np.asarray(values, dtype=kind)
    array = np.asarray(values, dtype=np.int64)
    least, most = (int(array.min()), int(array.max())) if len(array) else (0, 0)
    return array.astype(next(one for one in _WHOLE if one.itemsize >= kind.itemsize and _holds(one, least, most)))


def _holds(kind: np.dtype[Any], least: int, most: int) -> bool:
    limits = np.iinfo(kind)
    return bool(limits.min <= least and most <= limits.max)


def _with_room(held: Array, capacity: int, kind: np.dtype[Any], count: int) -> Array:
    """The same rows, and room behind them that takes no memory before it is written to."""
    if len(held) == capacity and held.dtype == kind:
        return held
    grown = np.zeros(capacity, kind)
    grown[:count] = held[:count]
    return grown


class Codes(Generic[T]):
    """A number for each distinct value, the same for equal ones: what many stations share is kept once."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self.values: list[T] = []

    def of(self, values: Iterable[T]) -> list[int]:
        """Each value's number; a new one where it is new. Called by the appending thread only."""
        asked = list(values)
        for value in dict.fromkeys(asked):
            if value not in self._codes:
                self.values.append(value)  # first the value, then its number: a reader never finds a number without one
                self._codes[value] = len(self.values) - 1
        return list(map(self._codes.__getitem__, asked))

    def found(self, value: T) -> int:
        """The value's number, -1 where no row has it."""
        return self._codes.get(value, -1)


class Texts:
    """A text a row, end to end in one run of bytes: a tenth of what as many strings would take."""

    def __init__(self, letters: int = 1024) -> None:
        self._letters = Columns({"letter": "u1"}, letters)
        self._ends = Columns({"end": "i4"})

    def append(self, texts: Iterable[str]) -> None:
        """Add rows."""
        encoded = [text.encode() for text in texts]
        ends = self._letters.count + np.cumsum([len(text) for text in encoded], dtype=np.int64)
        self._letters.append({"letter": np.frombuffer(b"".join(encoded), np.uint8)})
        self._ends.append({"end": ends})

    def __getitem__(self, row: int) -> str:
        ends = self._ends["end"]
        return self._letters["letter"][ends[row - 1] if row else 0 : ends[row]].tobytes().decode()

    def picked(self, rows: Rows) -> "Texts":
        """These rows, in this order, as texts of their own; some at a time, as row numbers of bytes take room."""
        joined, ends = self.joined()
        letters = np.frombuffer(joined, np.uint8)
        lengths = np.diff(ends, prepend=0)
        made = Texts(int(lengths[rows].sum()))
        for some in np.array_split(rows, max(1, len(rows) // _TEXTS_AT_ONCE)):
            own = lengths[some]
            made._letters.append({"letter": letters[spans(ends[some] - own, own)]})
        made._ends.append({"end": np.cumsum(lengths[rows], dtype=np.int64)})
        return made

    def joined(self) -> tuple[memoryview, Array]:
        """All texts end to end, and where each ends."""
        count = self._ends.count
        ends = self._ends["end"][:count]
        return self._letters["letter"][: int(ends[-1]) if count else 0].data, ends


def spans(starts: Rows, lengths: Array) -> Rows:
    """The numbers of all spans, one span after the other: starts 3, 8 and lengths 2, 1 give 3, 4, 8."""
    total = int(lengths.sum())
    if not total:
        return np.zeros(0, np.int64)
    before = np.cumsum(lengths) - lengths
    numbers: Rows = np.repeat(starts - before, lengths) + np.arange(total)
    return numbers


def turned(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Rows turned on their side: each name's values."""
    return dict(zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True))
