"""StationChanges: which stations changed, left or came back since a cursor; and the change log cut to thirty days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from finder import export_store as store
from finder.change_cursors import CursorTooOld, cursor_at, position_of
from finder.index import StationIndex
from finder.question import Question, candidates
from finder.records import ListedStation
from finder.snapshot import Snapshot
from kernel.clock import Clock
from kernel.database import Database

KEPT = timedelta(days=30)


class Gone(StrEnum):
    """Why a station is no longer among those asked about."""

    REMOVED = "removed"
    NO_LONGER_MATCHES = "no_longer_matches"


@dataclass(frozen=True, slots=True)
class Change:
    """A station at its latest change; `gone` where it is not, or no longer, among those asked about."""

    listed: ListedStation
    gone: Gone | None
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in the order of the log; `next_cursor` goes on behind them."""

    changes: Sequence[Change]
    next_cursor: str
    has_more: bool


class StationChanges:
    """Reads what stations are now in the order of their latest changes: who applies it all holds what is there now."""

    def __init__(self, database: Database, clock: Clock, index: StationIndex) -> None:
        self._database = database
        self._clock = clock
        self._index = index

    def since(self, cursor: str | None, question: Question, *, limit: int) -> ChangePage:
        """A page of the changes behind the cursor; without one, none, and the cursor of now.

        Raises CursorTooOld, InvalidCursor. Filters are judged by the index, so nothing behind its state is told yet.
        """
        self._index.look_again()
        snapshot = self._index.snapshot()
        if cursor is None:
            return ChangePage((), cursor_at(snapshot.seq), has_more=False)
        after = position_of(cursor)
        with self._database.reading() as session:
            self._refuse_unless_known(after, store.oldest_change(session), store.newest_change(session)[0])
            found = store.changed_between(session, after, snapshot.seq, limit + 1)
        page = self._judged(found[:limit], question, snapshot)
        has_more = len(found) > limit
        last = page[-1].listed.version if has_more else max(after, snapshot.seq)
        return ChangePage(page, cursor_at(last), has_more)

    def _refuse_unless_known(self, after: int, oldest: tuple[int, datetime | None], newest: int) -> None:
        """A log of which nothing is old has never been cut. A position ahead of it is another database's."""
        first, changed_at = oldest
        is_whole = changed_at is None or changed_at >= self._clock.now() - KEPT
        if after > newest or (after < first and not is_whole):
            raise CursorTooOld

    def _judged(
        self, found: Sequence[tuple[ListedStation, datetime | None]], question: Question, snapshot: Snapshot
    ) -> list[Change]:
        pks = np.array([listed.pk for listed, _ in found], np.int64)
        rows = candidates(question, snapshot).rows
        fitting = set(np.intersect1d(pks, snapshot.columns.stations["pk"][rows]).tolist())
        return [_change(listed, removed_at, fits=listed.pk in fitting) for listed, removed_at in found]

    def forget_old(self) -> int:
        """Take out entries of the change log that are older than any cursor that still counts; how many."""
        with self._database.writing() as session:
            return store.forget_changes_before(session, self._clock.now() - KEPT)


def _change(listed: ListedStation, removed_at: datetime | None, *, fits: bool) -> Change:
    if removed_at is not None:
        return Change(listed, Gone.REMOVED, removed_at)
    return Change(listed, None, None) if fits else Change(listed, Gone.NO_LONGER_MATCHES, listed.updated_at)
