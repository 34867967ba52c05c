"""LiveParts: what stations' ports are now, as bytes that are made once for each change; ages are filled in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from finder.answers import live_members, statuses_object
from finder.domain.availability import PortStatus
from finder.domain.freshness import age_s_of
from finder.domain.known_ports import KnownPorts
from finder.rendered import RenderedStation
from finder.station_columns import Entry

_HELD = 50_000  # stations; about a kilobyte and a half each
_FOREVER = datetime.max.replace(tzinfo=UTC)
_AGE = re.compile(rb'"age_s":[0-9]+')  # no text can look like that: a quotation mark inside of one is escaped


class Shown(Protocol):
    """A station in one of the forms in which it is held in memory; another object where it has changed."""

    @property
    def pk(self) -> int: ...


T = TypeVar("T", bound=Shown)
Statuses = Mapping[int, PortStatus]
Telling = Callable[[T, KnownPorts, Statuses], tuple[bytes, Sequence[PortStatus]]]
"""Makes the bytes of a station, and says which statuses are in them, in their order."""


def tell_members(station: RenderedStation, known: KnownPorts, statuses: Statuses) -> tuple[bytes, list[PortStatus]]:
    """The members of a whole station that change by the minute."""
    told = [statuses[port.port_id] for port in station.ports if port.port_id in statuses]
    return live_members(station, statuses, maintenance=known.maintenance), told


def tell_statuses(entry: Entry, known: KnownPorts, statuses: Statuses) -> tuple[bytes, list[PortStatus]]:
    """The statuses of a station alone, as an object."""
    told = [statuses[port_id] for port_id in entry.port_ids]
    return statuses_object(entry, told, known.maintenance), told


@dataclass(frozen=True, slots=True)
class LivePart:
    """What changes of a station by the minute, with a `%d` in the place of each age."""

    shown: Shown
    known: KnownPorts
    since: datetime
    until: datetime
    form: bytes
    as_of: tuple[datetime, ...]  # what the ages count from

    def at(self, now: datetime) -> bytes:
        """As it is told at this moment."""
        return self.form % tuple([age_s_of(as_of, now) for as_of in self.as_of])


def live_part(shown: T, known: KnownPorts, now: datetime, tell: Telling[T]) -> LivePart:
    """What is told from this moment on until something but an age changes."""
    whole, told = tell(shown, known, known.statuses(now))
    return LivePart(
        shown=shown,
        known=known,
        since=now,
        until=known.same_until(now) or _FOREVER,
        form=_AGE.sub(rb'"age_s":%d', whole.replace(b"%", b"%%")),
        as_of=tuple(status.as_of for status in told if status.as_of is not None),
    )


class LiveParts(Generic[T]):
    """The live parts of the stations that were shown last. A part serves as long as what it was made of is known."""

    def __init__(self, tell: Telling[T]) -> None:
        self._tell = tell
        self._held: dict[int, LivePart] = {}

    def of(self, shown: T, known: KnownPorts, now: datetime) -> bytes:
        """What is told of this station at this moment."""
        held = self._held.get(shown.pk)
        if held is None or held.shown is not shown or not held.since <= now < held.until or held.known != known:
            held = self._keep(live_part(shown, known, now, self._tell))
        return held.at(now)

    def _keep(self, part: LivePart) -> LivePart:
        if len(self._held) >= _HELD:
            self._held.clear()
        self._held[part.shown.pk] = part
        return part
