"""StationIndex: the search columns of every station in memory, kept current from the catalogue's change log."""

import threading
import time
from collections.abc import Iterable, Sequence

import structlog

from finder import index_store as store
from finder.snapshot import EMPTY, Snapshot, first, patched
from finder.station_columns import StationColumns
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from kernel.memory import collecting_later, give_back

log = structlog.get_logger(__name__)

CHECKED_EVERY_S = 1.0
_MANY = 50_000


class StationIndex:
    """Answers from the newest snapshot; a newer one is built beside it and swapped in whole.

    The change log is looked at once a second at most, by one thread of a process; the others go on answering from
    the snapshot that is there. With the database away the last snapshot stays.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._snapshot: Snapshot | None = None
        self._check_at = 0.0
        self._refreshing = threading.Lock()

    def snapshot(self) -> Snapshot:
        """The stations now. Raises TemporarilyUnavailable where none could be loaded yet."""
        if self._snapshot is None:
            with self._refreshing:
                self._refresh()
        elif time.monotonic() >= self._check_at and self._refreshing.acquire(blocking=False):
            try:
                self._refresh()
            except TemporarilyUnavailable:
                log.warning("station index not refreshed: the database is away")
            finally:
                self._refreshing.release()
        return self._snapshot or EMPTY

    def look_again(self) -> None:
        """Look at the change log with the next question: this process has just written to it."""
        self._check_at = 0.0

    def _refresh(self) -> None:
        self._check_at = time.monotonic() + CHECKED_EVERY_S
        held = self._snapshot
        with self._database.reading() as session:
            seq = store.latest_change(session)
            if held is None:
                self._snapshot = loaded(seq, store.all_stations(session))
            elif seq != held.seq:
                changed = store.changed_since(session, held.seq)
                self._snapshot = brought_up(held, seq, changed, list(store.stations_by_pk(session, changed)))


def loaded(seq: int, batches: Iterable[store.Batch]) -> Snapshot:
    """A first snapshot of these stations."""
    columns = StationColumns()
    with collecting_later():
        for stations, ports in batches:
            columns.add(seq, stations, ports)
    snapshot = first(seq, columns)
    if snapshot.count > _MANY:
        give_back()
    return snapshot


def brought_up(held: Snapshot, seq: int, changed: Sequence[int], batches: Sequence[store.Batch]) -> Snapshot:
    """The held snapshot with these stations as they are now; those that are no longer there are left out.

    The batches are read before the first is added: what a failure would leave half added would be seen later.
    """
    for stations, ports in batches:
        held.columns.add(seq, stations, ports)
    return patched(held, seq, changed)
