"""The books after a run: what clients were promised, what the table says, and what the outbox told, one to one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from faults.apart import Life
from faults.orders import Entry
from kernel.database import Database

_TOLD = {
    "HELD": ("held",),
    "LAPSED": ("held", "lapsed"),
    "RELEASED": ("held", "released"),
    "CONFIRMED": ("held", "confirmed"),
    "CANCELLED": ("held", "confirmed", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A reservation as the table has it."""

    driver_id: int
    state: str
    port: int
    start: datetime


@dataclass(frozen=True, slots=True)
class Books:
    """Every reservation by handle, and by handle its moves and the topics of its events, in order."""

    kept: Mapping[str, Kept]
    moved: Mapping[str, Sequence[str]]
    told: Mapping[str, Sequence[str]]

    def lost(self, alive: Mapping[str, Life]) -> list[str]:
        """What was acknowledged and is not there, or not in a state that its client can explain."""
        return [handle for handle, life in alive.items() if not self._is_explained(handle, life)]

    def _is_explained(self, handle: str, life: Life) -> bool:
        kept = self.kept.get(handle)
        return kept is not None and (kept.state in life.states or (kept.state == "LAPSED" and "HELD" in life.states))

    def unasked(self, alive: Mapping[str, Life], unanswered: Counter[tuple[int, int, datetime]]) -> list[str]:
        """Reservations that no answer told of and no unanswered request explains: by driver, port and start."""
        left, strangers = unanswered.copy(), list[str]()
        for handle, kept in self.kept.items():
            wanted = kept.driver_id, kept.port, kept.start
            if handle not in alive:
                left[wanted] -= 1
                strangers += [handle] if left[wanted] < 0 else []
        return strangers

    def unbalanced(self) -> list[str]:
        """Reservations without exactly the moves and events of their state, and those of no reservation."""
        wrong = [handle for handle, kept in self.kept.items() if not self._is_balanced(handle, _TOLD[kept.state])]
        return wrong + [handle for handle in {*self.told, *self.moved} if handle not in self.kept]

    def _is_balanced(self, handle: str, expected: Sequence[str]) -> bool:
        return tuple(self.told.get(handle, ())) == tuple(self.moved.get(handle, ())) == expected


def books_of(database: Database, drivers: Iterable[int]) -> Books:
    """What the tables say of these drivers."""
    mine = set(drivers)
    with database.reading() as session:
        rows = session.execute(text("SELECT handle, driver_id, state, port_number, start_at FROM reservations")).all()
        moves = session.execute(text("SELECT handle, what FROM reservation_history ORDER BY id")).all()
        events = session.execute(text("SELECT subject, topic FROM outbox ORDER BY id")).all()
    others = {row.handle for row in rows if row.driver_id not in mine}
    told: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if event.topic.startswith("reservation.") and event.subject not in others:
            told[event.subject].append(event.topic.removeprefix("reservation."))
    moved: dict[str, list[str]] = defaultdict(list)
    for move in moves:
        if move.handle not in others:
            moved[move.handle].append(move.what)
    kept = {row.handle: Kept(row.driver_id, row.state, row.port_number, moment_of(row.start_at)) for row in rows}
    return Books({handle: one for handle, one in kept.items() if one.driver_id in mine}, moved, told)


def moment_of(value: datetime | int) -> datetime:
    """A moment as either database keeps it."""
    return value if isinstance(value, datetime) else datetime.fromtimestamp(value / 1_000_000, UTC)


def unanswered(entries: Iterable[Entry]) -> list[Entry]:
    """The holds that may or may not have been done: one for each key, none where the key was answered later."""
    holds = [entry for entry in entries if entry.deed == "hold"]
    answered = {entry.key for entry in holds if entry.received is not None}
    open_ones = [entry for entry in holds if entry.received is None]
    without_key = [entry for entry in open_ones if entry.key is None]
    return without_key + list({entry.key: entry for entry in open_ones if entry.key not in answered | {None}}.values())
