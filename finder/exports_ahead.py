"""SnapshotsAhead: snapshots made by the background worker, so that who takes them day by day does not wait for them.

What is given out stays the newest state: who asks before it is made has it made, or waits for the worker.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from finder import export_store as store
from finder.export_forms import CSV, GEOJSON, Form
from finder.exports import SnapshotNotReady, StationExports
from kernel.clock import Clock
from kernel.database import Database
from kernel.installation import Installation

log = structlog.get_logger(__name__)

QUIET = timedelta(minutes=1)
LATEST = timedelta(minutes=15)
WANTED = timedelta(days=1)


class SnapshotsAhead:
    """Of the forms that were asked for within a day, once the catalogue has been quiet for a minute.

    While changes go on, a quarter of an hour after the first that is not in the file. An installation whose snapshots
    nobody takes pays nothing.
    """

    def __init__(self, database: Database, clock: Clock, exports: StationExports, directory: Path) -> None:
        self._database = database
        self._clock = clock
        self._exports = exports
        self._directory = directory
        self._not_before: dict[Form, datetime] = {}

    def note(self, form: Form) -> None:
        """Somebody asks for this form; every process on this machine knows it by the time of a file."""
        now = self._clock.now().timestamp()
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._mark(form).touch()
            os.utime(self._mark(form), (now, now))
        except OSError as error:  # the caller is answered all the same
            log.warning("snapshot not noted", form=form.suffix, error=str(error))

    def make(self) -> int:
        """Make what the next caller would have to wait for; returns how many. Safe to run twice."""
        return sum(self._made(form) for form in (CSV, GEOJSON) if self._is_due(form))

    def _is_due(self, form: Form) -> bool:
        now = self._clock.now()
        if now < self._not_before.get(form, now) or now - self._asked_at(form) > WANTED:
            return False
        kept = self._exports.kept_seq(form)
        with self._database.reading() as session:
            _, missing_since = store.oldest_change(session, after=kept)
            _, changed_at = store.newest_change(session)
        if missing_since is None or changed_at is None:
            return False
        return now - changed_at >= QUIET or now - missing_since >= LATEST

    def _asked_at(self, form: Form) -> datetime:
        try:
            asked_s = self._mark(form).stat().st_mtime
        except OSError:
            asked_s = 0
        return datetime.fromtimestamp(asked_s, UTC)

    def _mark(self, form: Form) -> Path:
        return self._directory / f"{form.suffix}.asked"

    def _made(self, form: Form) -> bool:
        """A disk that takes nothing is left alone for a while: what failed may have cost a minute of work."""
        try:
            self._exports.opened(form).file.close()
        except SnapshotNotReady:
            self._not_before[form] = self._clock.now() + LATEST
            return False
        return True


def snapshots_in(directory: Path, database: Database, clock: Clock) -> tuple[StationExports, SnapshotsAhead]:
    """The snapshots that are kept there, and what makes them ahead."""
    exports = StationExports(database, Installation(database), directory)
    return exports, SnapshotsAhead(database, clock, exports, directory)
