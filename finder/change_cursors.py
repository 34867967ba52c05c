"""Cursors of the change log: a position, whatever the filters; told by snapshots and by the changes themselves."""

from kernel.errors import Refusal
from kernel.paging import InvalidCursor, cursor_after, key_of

_QUESTION = "changes"


class CursorTooOld(Refusal):
    """The changes since this cursor are no longer known. Take the snapshot, and go on from the cursor that it names."""

    status = 410
    code = "cursor_too_old"


def cursor_at(seq: int) -> str:
    """The cursor behind this entry of the change log."""
    return cursor_after([seq], _QUESTION)


def position_of(cursor: str) -> int:
    """The entry that a cursor stands behind. Raises InvalidCursor."""
    seq: int = key_of(cursor, _QUESTION, (int,))[0]
    if seq < 0:
        raise InvalidCursor
    return seq
