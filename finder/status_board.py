"""StatusBoard: what every port said last, as arrays in memory, for questions about very many stations."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import structlog

from finder import board_store as store
from finder.columns import Array, Mask, Rows
from finder.domain.status import Report, TechnicalStatus, means_reserved
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from kernel.memory import collecting_later, give_back

log = structlog.get_logger(__name__)

LOOKED_AT_EVERY_S = 2.0
CODES = {status: number for number, status in enumerate(TechnicalStatus, 1)}  # 0: never heard of
_CODE_OF_WORD = {status.value: code for status, code in CODES.items()}
_OVERLAP = timedelta(seconds=30)  # for how long a report may be on its way into the log
_FOLLOWED_FOR = timedelta(minutes=10)  # who has not looked for longer reads everything anew
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPARE = 1.25
_KINDS = {"code": "u1", "as_of_us": "i8", "says_reserved": "?"}


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What ports said last: code of the technical status, when (microseconds since 1970), and whether it is kept."""

    code: npt.NDArray[np.uint8]
    as_of_us: Rows
    says_reserved: Mask


class StatusBoard:
    """Arrays by port key, loaded with the first question; later ones read what came since, once in two seconds.

    One thread reads, and others go on with what is there; with the database away the last stays.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._arrays: dict[str, Array] | None = None
        self._read_at = _EPOCH
        self._look_at = 0.0
        self._looking = threading.Lock()

    def of(self, port_ids: Rows) -> Said:
        """What these ports said last. Raises TemporarilyUnavailable where nothing could be read yet."""
        arrays = self._current()
        held = np.minimum(port_ids, len(arrays["code"]) - 1)  # the last place is nobody's
        return Said(*(arrays[name][held] for name in _KINDS))

    def _current(self) -> dict[str, Array]:
        first = self._arrays is None
        if time.monotonic() >= self._look_at and self._looking.acquire(blocking=first):
            try:
                if time.monotonic() >= self._look_at:
                    self._look()
            except TemporarilyUnavailable:
                if self._arrays is None:
                    raise
                log.warning("status board not looked at: the database is away")
            finally:
                self._looking.release()
        assert self._arrays is not None  # noqa: S101 - the first look has ended, or has raised
        return self._arrays

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOKED_AT_EVERY_S
        now = self._clock.now()
        held = self._arrays
        with self._database.reading() as session:
            if held is None or now - self._read_at > _FOLLOWED_FOR:
                nothing: dict[str, Array] = {name: np.zeros(1, kind) for name, kind in _KINDS.items()}
                with collecting_later():
                    self._arrays = _written(nothing, store.everything_said(session))
                give_back()
            elif news := store.said_since(session, self._read_at - _OVERLAP):
                self._arrays = _written({name: array.copy() for name, array in held.items()}, [news])
        self._read_at = now


def _written(arrays: dict[str, Array], batches: Iterable[store.Said]) -> dict[str, Array]:
    for some in batches:
        if some:
            port_ids, words, raws, reported_us, received_us = zip(*some, strict=True)
            places = np.array(port_ids)
            arrays = _with_room(arrays, int(places.max()) + 2)
            arrays["code"][places] = list(map(_CODE_OF_WORD.__getitem__, words))
            arrays["as_of_us"][places] = np.minimum(reported_us, received_us)
            kept = {raw: means_reserved(raw) for raw in set(raws)}
            arrays["says_reserved"][places] = list(map(kept.__getitem__, raws))
    return arrays


def _with_room(arrays: dict[str, Array], needed: int) -> dict[str, Array]:
    if needed <= len(arrays["code"]):
        return arrays
    more = int(needed * _SPARE) - len(arrays["code"])
    return {name: np.concatenate([array, np.zeros(more, array.dtype)]) for name, array in arrays.items()}


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def said_by(reports: Iterable[Report | None]) -> Said:
    """The same of reports; None: never heard of."""
    rows = [
        (0, 0, False) if one is None else (CODES[one.technical_status], microseconds(one.as_of), one.says_reserved)
        for one in reports
    ]
    code, as_of_us, kept = zip(*rows, strict=True) if rows else ((), (), ())
    return Said(np.array(code, np.uint8), np.array(as_of_us, np.int64), np.array(kept, np.bool_))
