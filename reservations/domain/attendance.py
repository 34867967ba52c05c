"""Attendance: what a port's report says of the reservations in it, by the card."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reservations.domain.lifecycle import State
from reservations.domain.reservation import Reservation
from reservations.domain.trouble import Reason


class Sign(StrEnum):
    """What a report means for a reservation."""

    BEGINS = "BEGINS"
    ENDS = "ENDS"
    TAKEN_BY_OTHER = "TAKEN_BY_OTHER"
    OTHER_GONE = "OTHER_GONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen at a port: somebody at it or nobody, what it was before, when, and the card if one was read.

    `late`: something newer had been seen already, so only the card in it is proof of anything.
    """

    in_use: bool
    was_in_use: bool
    at: datetime
    card: str | None = None
    late: bool = False


def signs(reservations: Sequence[Reservation], seen: Seen) -> Iterator[tuple[Reservation, Sign]]:
    """What is seen at a port means for its reservations, which are as they are now, in order of their start.

    Without a card a session counts for the next reservation if it begins in its time and none is active. With a card
    it counts for the reservation of that card, however long the port has been in use.
    """
    if not seen.in_use:
        yield from () if seen.late else _left(reservations)
        return
    if seen.card is not None:
        yield from _by_card(reservations, seen, seen.card)
        return
    is_new = not (seen.was_in_use or seen.late or any(one.state is State.ACTIVE for one in reservations))
    yield from ((one, Sign.BEGINS) for one in _awaited(reservations, seen)[:1] if is_new)


def _left(reservations: Sequence[Reservation]) -> Iterator[tuple[Reservation, Sign]]:
    for one in reservations:
        if one.state is State.ACTIVE:
            yield one, Sign.ENDS
        if one.state is State.CONFIRMED and one.trouble and one.trouble.reason is Reason.OTHER_CARD:
            yield one, Sign.OTHER_GONE


def _by_card(reservations: Sequence[Reservation], seen: Seen, card: str) -> Iterator[tuple[Reservation, Sign]]:
    yield from ((one, Sign.BEGINS) for one in [one for one in _awaited(reservations, seen) if one.card == card][:1])
    for one in reservations:
        if one.card != card and not seen.late:
            if one.state is State.ACTIVE:
                yield one, Sign.ENDS
            if one.state is State.CONFIRMED and one.window.contains(seen.at) and one.trouble is None:
                yield one, Sign.TAKEN_BY_OTHER


def _awaited(reservations: Sequence[Reservation], seen: Seen) -> list[Reservation]:
    return [
        one for one in reservations if one.state is State.CONFIRMED and one.begins_from <= seen.at < one.due.no_show_at
    ]
