"""StationExports: the whole catalogue as files of the guide's kind (4.1 guide, 6.3), each made once for each state.

A snapshot is made in one consistent read, in constant memory, into a file under `var`, and given out from there: a slow
caller keeps no connection to the database, and the next caller costs no reading. It holds configuration, not statuses.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import orjson
import structlog

from finder import export_store as store
from finder.change_cursors import cursor_at
from finder.domain.versions import ContentHash
from finder.export_forms import Form, Whole
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from kernel.fields import moment_text
from kernel.installation import Installation

log = structlog.get_logger(__name__)
_HEAD_BYTES = 1024
_WAIT_S = 60.0
_LOOKED_EVERY_S = 0.05


class SnapshotNotReady(TemporarilyUnavailable):
    """The snapshot is being made, or cannot be kept at the moment. Please try again shortly."""

    code = "snapshot_not_ready"


@dataclass(frozen=True, slots=True)
class Head:
    """What a snapshot is of. `generated_at` is the time of the newest change in it, as the content is from then on."""

    seq: int
    generated_at: str | None
    changes_cursor: str
    content_hash: str
    stations: int


@dataclass(frozen=True, slots=True)
class Export:
    """A snapshot ready to be given out: `file` stands at the first byte of its content. The caller closes it."""

    head: Head
    etag: str
    length: int
    file: BinaryIO


class StationExports:
    """Makes snapshots when they are asked for, and keeps the newest of each form."""

    def __init__(self, database: Database, installation: Installation, directory: Path) -> None:
        self._database = database
        self._installation = installation
        self._directory = directory

    def etag(self, form: Form) -> str:
        """The tag of the snapshot as it would be now; known without reading the catalogue."""
        with self._database.reading() as session:
            seq, _ = store.newest_change(session)
        return self._etag(form, seq)

    def _etag(self, form: Form, seq: int | str) -> str:
        return f"{form.suffix}{form.shape}-{self._installation.name[:12]}-{seq}"

    def kept_seq(self, form: Form) -> int:
        """Number of the newest change in the snapshot that is kept; 0 where none is."""
        kept = self._directory.glob(self._path(self._etag(form, "*")).name)
        return max((int(path.name.rpartition("-")[2]) for path in kept), default=0)

    def opened(self, form: Form) -> Export:
        """The newest snapshot; made by one process while the others wait. Raises SnapshotNotReady."""
        etag = self.etag(form)
        try:
            return self._kept(etag) or self._made_by_one(form)
        except OSError as error:
            log.warning("snapshot not kept", form=form.suffix, error=str(error))
            raise SnapshotNotReady(retry_after_s=10) from error

    def _kept(self, etag: str) -> Export | None:
        try:
            file = self._path(etag).open("rb", buffering=0)
        except FileNotFoundError:
            return None
        head = Head(**orjson.loads(file.read(_HEAD_BYTES)))
        return Export(head, etag, os.fstat(file.fileno()).st_size - _HEAD_BYTES, file)

    def _path(self, etag: str) -> Path:
        return self._directory / f"stations.{etag}"

    def _made_by_one(self, form: Form) -> Export:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone(form):
            etag = self.etag(form)
            return self._kept(etag) or self._made(form)

    @contextmanager
    def _alone(self, form: Form) -> Iterator[None]:
        """The only one, of all threads and processes, that makes this form."""
        until = time.monotonic() + _WAIT_S
        with (self._directory / f"{form.suffix}.lock").open("w") as lock:
            while not _locked(lock.fileno()):
                if time.monotonic() > until:
                    raise SnapshotNotReady(retry_after_s=5)
                time.sleep(_LOOKED_EVERY_S)
            yield

    def _made(self, form: Form) -> Export:
        unfinished = self._directory / f"{form.suffix}.unfinished"
        try:
            with unfinished.open("wb") as file:
                head = self._written(form, file)
            etag = self._etag(form, head.seq)
            unfinished.replace(self._path(etag))
        finally:
            unfinished.unlink(missing_ok=True)  # the room that it takes may be the last
        for older in self._directory.glob(f"stations.{form.suffix}[0-9]*"):
            if older != self._path(etag):
                older.unlink(missing_ok=True)  # who is reading it goes on reading
        kept = self._kept(etag)
        if kept is None:
            raise SnapshotNotReady
        return kept

    def _written(self, form: Form, file: BinaryIO) -> Head:
        """The head, and behind it the content, in one consistent read."""
        file.write(b" " * _HEAD_BYTES)
        with self._database.reading_one_moment() as session:
            seq, changed_at = store.newest_change(session)
            whole = Whole(
                batches=store.whole_catalogue(session),
                generated_at=moment_text(changed_at) if changed_at else None,
                changes_cursor=cursor_at(seq),
                networks=store.network_names(session),
                highest_port_number=store.highest_port_number(session),
                content=ContentHash(),
            )
            for chunk in form.write(whole):
                file.write(chunk)
        head = Head(seq, whole.generated_at, whole.changes_cursor, whole.content.text, whole.content.count)
        file.seek(0)
        file.write(orjson.dumps(asdict(head)))
        return head


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def generated_at(head: Head) -> datetime | None:
    """When the content became what it is."""
    return None if head.generated_at is None else datetime.fromisoformat(head.generated_at)
