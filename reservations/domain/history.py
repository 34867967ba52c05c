"""What became of a reservation: each move with its time and its cause, and whether a book of moves can be true."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reservations.domain.lifecycle import State, may_become


class Cause(StrEnum):
    """Who or what moved a reservation."""

    DRIVER = "DRIVER"
    TIME = "TIME"
    REPORT = "REPORT"
    OPERATOR = "OPERATOR"


Changes = Mapping[str, Mapping[str, object]]  # what changed besides the state: name → {"from": …, "to": …}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move: `what` was done (`held`, `confirmed`, `relocated` …), when, and from which state to which."""

    what: str
    at: datetime
    cause: Cause
    from_state: State | None
    to_state: State
    changed: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All that is written of a reservation: what it is now, its moves, and the events that told of them, in order."""

    handle: str
    state: State
    moves: Sequence[Move]
    events: Sequence[str]


def topic_of(what: str) -> str:
    """The topic of the event that tells of a move."""
    return f"reservation.{what}"


def disagreements(book: Book) -> Iterator[str]:
    """What cannot be true in a book: moves and events that do not match, broken chains, illegal moves."""
    told = [topic_of(move.what) for move in book.moves]
    if told != list(book.events):
        yield f"{book.handle}: moves {told}, events {list(book.events)}"
    before: State | None = None
    for number, move in enumerate(book.moves, start=1):
        if move.from_state is not before or not _is_legal(move):
            yield f"{book.handle}: move {number} goes from {move.from_state} to {move.to_state}, and it was {before}"
        before = move.to_state
    if before is not book.state:
        yield f"{book.handle}: is {book.state}, and its last move made it {before}"


def _is_legal(move: Move) -> bool:
    if move.from_state is None:
        return move.to_state is State.HELD
    return move.from_state is move.to_state or may_become(move.from_state, move.to_state)
