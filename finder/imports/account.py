"""The run of an import: read a file's rows, hand the stations to the catalogue, account for every row."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from tqdm import tqdm

from finder.domain.station import Station
from finder.imports.rejects import Rejected, RejectsFile
from finder.imports.table import Table, open_table


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is in order and not for us, e.g. `not_electric`."""

    line_number: int
    reason: str


Row = Station | Skipped | Rejected
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Merge:
    """What the catalogue did with the stations handed to it; `removed` were not among them."""

    added: int
    changed: int
    unchanged: int
    removed: int = 0


class Measured(Protocol):
    """An open file that knows how much of it has been read."""

    @property
    def size_bytes(self) -> int: ...

    @property
    def read_bytes(self) -> int: ...


class Catalogue(Protocol):
    """Keeps stations."""

    def merge(
        self, stations: Iterable[Station], *, source: str, complete: bool, force: bool, spared: Collection[str] = ()
    ) -> Merge:
        """Add and change stations in one transaction. An exception from the iterable undoes everything.

        With `complete`, stations of the source that are not among them are removed, but for those whose identifiers
        are `spared` when the iterable has ended; a shrink of more than 10 % is refused unless `force`.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where every row of a file went. Raises ValueError where it does not add up."""

    read: int
    merge: Merge
    skipped: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    rejects: Path | None = None
    remark: str | None = None

    def __post_init__(self) -> None:
        taken = self.merge.added + self.merge.changed + self.merge.unchanged
        if self.read != taken + sum(self.skipped.values()) + sum(self.rejected.values()):
            raise ValueError(f"the account does not add up: {self!r}")

    def lines(self) -> list[str]:
        """The account for a person: the sum, the reasons, the file of rejected rows."""
        skipped, rejected = sum(self.skipped.values()), sum(self.rejected.values())
        done = self.merge
        sums = [
            f"{self.read:,} rows read = {done.added:,} added + {done.changed:,} changed + {done.unchanged:,} unchanged"
            f" + {skipped:,} skipped + {rejected:,} rejected",
            *_reasons("skipped", self.skipped),
            *_reasons("rejected", self.rejected),
        ]
        if done.removed:
            sums.append(f"{done.removed:,} stations removed: they are no longer in the file")
        if self.rejects:
            sums.append(f"rejected rows, with line number and reason: {self.rejects}")
        return [*sums, *([self.remark] if self.remark else [])]


def _reasons(what: str, counts: Mapping[str, int]) -> list[str]:
    return [f"  {what}: {count:,} {reason.replace('_', ' ')}" for reason, count in sorted(counts.items())]


def import_file(
    path: Path,
    reader: Callable[[Table], Iterable[Row]],
    catalogue: Catalogue,
    *,
    source: str,
    rejects: Path,
    complete: bool = False,
    force: bool = False,
) -> Account:
    """Import a file with a progress bar on a terminal. Raises UnreadableFile, and then nothing was imported."""
    with open_table(path) as table, progress_bar(table) as progress:
        return import_stations(
            reader(table),
            catalogue,
            source=source,
            complete=complete,
            force=force,
            progress=progress,
            rejects=rejects,
            remark=lambda: _remark(table),
        )


def _remark(table: Table) -> str | None:
    if not table.lacks_last_line_end:
        return None
    return "The last line has no line end. Make sure that the file is whole."


@contextmanager
def progress_bar(table: Measured) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal, moved by how far the file has been read."""
    with tqdm(total=table.size_bytes, unit="B", unit_scale=True, desc="importing", disable=None) as bar:

        def progress() -> None:
            bar.update(table.read_bytes - bar.n)

        yield progress


def import_stations(
    rows: Iterable[Row],
    catalogue: Catalogue,
    *,
    source: str,
    complete: bool,
    force: bool,
    rejects: Path,
    progress: Callable[[], None] = lambda: None,
    remark: Callable[[], str | None] = lambda: None,
) -> Account:
    """Stream rows of stations into the catalogue and account for them."""

    spared = set[str]()

    def merge(stations: Iterable[Station]) -> Merge:
        return catalogue.merge(stations, source=source, complete=complete, force=force, spared=spared)

    return account_for(_noting_unread(rows, spared), merge, rejects=rejects, progress=progress, remark=remark)


def _noting_unread(rows: Iterable[Row], unread: set[str]) -> Iterator[Row]:
    """The rows; stations whose rows are wrong are in the file all the same."""
    for row in rows:
        if isinstance(row, Rejected) and row.identifier:
            unread.add(row.identifier)
        yield row


def account_for(
    rows: Iterable[T | Skipped | Rejected],
    merge: Callable[[Iterable[T]], Merge],
    *,
    rejects: Path,
    progress: Callable[[], None] = lambda: None,
    remark: Callable[[], str | None] = lambda: None,
) -> Account:
    """Stream rows into `merge` and account for them; rejected rows go to the CSV file `rejects`.

    The file is made with the first rejected row, and taken away again where the import fails.
    """
    with RejectsFile(rejects) as file:
        tally = _Tally(rows, file, progress)
        merged = merge(tally.taken())
    return Account(
        read=tally.read,
        merge=merged,
        skipped=dict(tally.skipped),
        rejected=dict(tally.rejected),
        rejects=rejects if tally.rejected else None,
        remark=remark(),
    )


@dataclass(slots=True)
class _Tally(Generic[T]):
    """Counts rows as they pass, and lets only those through that are neither skipped nor rejected."""

    rows: Iterable[T | Skipped | Rejected]
    file: RejectsFile
    progress: Callable[[], None]
    read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    def taken(self) -> Iterator[T]:
        for row in self.rows:
            self.read += 1
            self.progress()
            if isinstance(row, Skipped):
                self.skipped[row.reason] += 1
            elif isinstance(row, Rejected):
                self.rejected[row.reason] += 1
                self.file.write(row)
            else:
                yield row
