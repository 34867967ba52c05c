"""Faults of the database: what they mean to a caller, and beginning anew where others had the right of way."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from kernel.errors import Collision, Overtaken, Refusal, TemporarilyUnavailable

T = TypeVar("T")
_LOST_TO_OTHERS = {"40001", "40P01"}  # serialization failure, deadlock
_TAKEN = {"23505", "23P01"}  # unique and exclusion violation, where no store knew better what they mean
_PASSING_STATES = {"55P03", "57014", "53300"}
_UNWRITABLE_STATES = {"25006", "53100"}  # read-only, disk full
_UNWRITABLE_SQLITE = ("SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR_WRITE")
_UNREADABLE_SQLITE = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_FOREIGN_KEY_VIOLATION = "23503"
_MOST_STARTS = 3


class Away(TemporarilyUnavailable):
    """The database cannot be reached at the moment."""


class Unwritable(TemporarilyUnavailable):
    """Nothing can be written down at the moment."""


def refusal_of(error: DBAPIError) -> Refusal | None:
    """What a fault of the database means to a caller; None where it is a fault of ours."""
    state, said = sqlstate(error), str(error.orig)
    if state in _LOST_TO_OTHERS:
        return Overtaken()
    if state in _TAKEN or said.startswith("UNIQUE constraint failed"):
        return Collision()
    if state == _FOREIGN_KEY_VIOLATION or said.startswith("FOREIGN KEY"):
        return TemporarilyUnavailable("What this refers to was removed meanwhile.")
    if state in _PASSING_STATES:
        return TemporarilyUnavailable("The database is too busy at the moment.")
    in_sqlite = getattr(error.orig, "sqlite_errorname", "")
    if state in _UNWRITABLE_STATES or in_sqlite.startswith(_UNWRITABLE_SQLITE):
        return Unwritable()
    if isinstance(error, OperationalError | InterfaceError) or in_sqlite in _UNREADABLE_SQLITE:
        return Away()
    return None


def again_if_overtaken(work: Callable[[], T]) -> T:
    """The work, begun anew as a whole where the database gave others the right of way (40001, 40P01); 3 times at most.

    Each new start waits a little longer, by chance, so that those who met do not meet again. It stands around the
    outermost transaction: part of one cannot be repeated.
    """
    for attempt in range(_MOST_STARTS - 1):
        try:
            return work()
        except Overtaken:
            time.sleep(random.uniform(0.005, 0.05) * 2**attempt)
    return work()


def sqlstate(error: DBAPIError) -> str | None:
    """The five-character SQLSTATE of PostgreSQL, None on SQLite."""
    return getattr(error.orig, "sqlstate", None)
