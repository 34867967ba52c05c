"""What a ledger proves: when holds were live for certain and when possibly, and what contradicts the promises.

A hold is certain from its answer received to its release sent; it is possible from its request sent to the answer to
its release. What no clock and no network could explain is then a fault.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from faults.orders import Entry

FOREVER = 2**63
_CLOCK_NS = 100_000_000  # between the reading of a clock and what it decides: only makes `possible` longer
_LEADS_TO = {"confirm": "CONFIRMED", "release": "RELEASED", "cancel": "CANCELLED"}
_FROM = {"confirm": {"HELD", "CONFIRMED"}, "release": {"HELD", "RELEASED"}, "cancel": {"CONFIRMED"}}


@dataclass(slots=True)
class Life:
    """One hold as its client saw it."""

    hold: Entry
    certain: tuple[int, int]
    possible: tuple[int, int]
    states: set[str]
    illegal: list[Entry] = field(default_factory=list)


def lives(entries: Iterable[Entry]) -> dict[str, Life]:
    """Every hold that was granted, by handle; what was never answered has no handle and no life."""
    by_handle: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.handle is not None:
            by_handle[entry.handle].append(entry)
    found = {handle: _life(sorted(told, key=lambda one: one.sent)) for handle, told in by_handle.items()}
    return {handle: life for handle, life in found.items() if life is not None}


def _life(told: Sequence[Entry]) -> Life | None:
    holds = [entry for entry in told if entry.deed == "hold" and entry.is_done]
    if not holds:
        return None
    hold, deeds = holds[0], [entry for entry in told if entry.deed != "hold"]
    states, illegal = _followed(deeds)
    ends = [entry for entry in deeds if entry.deed in ("release", "cancel")]
    ended = [entry.received or FOREVER for entry in ends if entry.is_done]
    expires = hold.expires or FOREVER
    certain_end = min([entry.sent for entry in ends], default=FOREVER)
    possible_end = min(ended, default=FOREVER)
    confirms = [entry for entry in deeds if entry.deed == "confirm" and entry.sent < certain_end]
    if not any(entry.is_done for entry in confirms):
        certain_end = min(certain_end, expires)
    if not any(entry.is_done or entry.received is None for entry in confirms):
        possible_end = min(possible_end, expires + _CLOCK_NS)
    return Life(hold, (hold.received or 0, certain_end), (hold.sent, possible_end), states, illegal)


def _followed(deeds: Sequence[Entry]) -> tuple[set[str], list[Entry]]:
    """The states in which the reservation may be in the end, and the deeds that were done though they could not be."""
    states, illegal = {"HELD"}, list[Entry]()
    for entry in deeds:
        may_be_done = bool(states & _FROM[entry.deed])
        if entry.is_done:
            if not may_be_done:
                illegal.append(entry)
            states = {_LEADS_TO[entry.deed]}
        elif entry.received is None and may_be_done:
            states = states | {_LEADS_TO[entry.deed]}
    return states, illegal


def double_holds(alive: Mapping[str, Life]) -> set[tuple[str, str]]:
    """Pairs of holds of one port and slot that were both certain at one moment."""
    found = set()
    for handles in _by_slot(alive).values():
        for one, other in _crossing(handles, alive):
            found.add((min(one, other), max(one, other)))
    return found


def _crossing(handles: Sequence[str], alive: Mapping[str, Life]) -> Iterator[tuple[str, str]]:
    """Sweeps over the starts; only what has not ended can still cross."""
    open_ones: list[str] = []
    for handle in sorted(handles, key=lambda one: alive[one].certain):
        start, end = alive[handle].certain
        open_ones = [one for one in open_ones if alive[one].certain[1] > start]
        if end > start:
            yield from ((one, handle) for one in open_ones)
            open_ones.append(handle)


def _by_slot(alive: Mapping[str, Life]) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for handle, life in alive.items():
        for slot in life.hold.slots:
            found[life.hold.port, slot].append(handle)
    return found


def unfounded_refusals(entries: Sequence[Entry], alive: Mapping[str, Life]) -> list[Entry]:
    """Refusals as taken although nobody can have held the window at any moment between request and answer."""
    held: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for life in alive.values():
        for slot in life.hold.slots:
            held[life.hold.port, slot].append(life.possible)
    for entry in entries:
        if entry.deed == "hold" and entry.received is None:  # it may have been done
            for slot in entry.slots:
                held[entry.port, slot].append((entry.sent, FOREVER))
    return [entry for entry in entries if entry.code == "port_taken" and not _is_founded(entry, held)]


def _is_founded(entry: Entry, held: Mapping[tuple[int, int], Sequence[tuple[int, int]]]) -> bool:
    until = entry.received or FOREVER
    spans = (span for slot in entry.slots for span in held.get((entry.port, slot), ()))
    return any(start < until and end > entry.sent for start, end in spans)
