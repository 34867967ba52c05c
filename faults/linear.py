"""Is there an order in which one port could have done all this? A memoised depth-first search (Wing and Gong, Lowe).

An operation takes effect at one moment between its request and its answer. One whose answer never came (`returned` is
None) may have taken effect at any later moment, or never.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_STEPS = 400_000


@dataclass(frozen=True, slots=True)
class Op:
    """What one client did to the port: `hold` its slots or `give` them up; `ok` is None where that is not known.

    `hold_id` names the hold that was asked for, or that is given up.
    """

    kind: str
    hold_id: int
    slots: frozenset[int]
    called: int
    returned: int | None
    ok: bool | None


class Undecided(Exception):
    """The search took too many steps."""


State = frozenset[int]


def is_linearizable(ops: Sequence[Op]) -> bool:
    """Whether some order of the operations explains all answers. Raises Undecided."""
    return _Search(sorted(ops, key=lambda op: op.called)).found()


class _Search:
    def __init__(self, ops: Sequence[Op]) -> None:
        self._ops = ops
        self._must = sum(1 << number for number, op in enumerate(ops) if op.returned is not None)
        self._slots = {op.hold_id: op.slots for op in ops if op.kind == "hold"}
        self._seen: set[tuple[int, State]] = set()

    def found(self) -> bool:
        """Goes down until every operation that was answered is placed; comes back where nothing fits."""
        waiting: list[tuple[int, State]] = [(0, frozenset())]
        while waiting:
            done, live = waiting.pop()
            if done & self._must == self._must:
                return True
            if (done, live) in self._seen:
                continue
            self._seen.add((done, live))
            if len(self._seen) > MOST_STEPS:
                raise Undecided
            waiting += self._next(done, live)
        return False

    def _next(self, done: int, live: State) -> list[tuple[int, State]]:
        """Where the search can go: any operation not placed that was called before the first answer still owed."""
        found, until = [], None
        for number, op in enumerate(self._ops):
            if done >> number & 1:
                continue
            if until is not None and op.called > until:
                break
            if op.returned is not None:
                until = op.returned if until is None else min(until, op.returned)
            after = self._after(op, live)
            if after is not None and not (op.returned is None and after == live):
                found.append((done | 1 << number, after))
        return found[::-1]

    def _after(self, op: Op, live: State) -> State | None:
        """The holds that are live after the operation, None where it could not have been answered so."""
        if op.kind == "give":
            was_live = op.hold_id in live
            return live - {op.hold_id} if op.ok is None or op.ok is was_live else None
        is_taken = any(self._slots[one] & op.slots for one in live)
        if op.ok is None:
            return live if is_taken else live | {op.hold_id}
        if op.ok is is_taken:
            return None
        return live | {op.hold_id} if op.ok else live
