"""LiveParts: what stations' ports are now, as bytes that are made once for each change; ages are filled in."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from finder.answers import live_members
from finder.domain.freshness import age_s_of
from finder.domain.known_ports import KnownPorts
from finder.rendered import RenderedStation

_HELD = 50_000  # stations; about a kilobyte and a half each
_FOREVER = datetime.max.replace(tzinfo=UTC)
_AGE = re.compile(rb'"age_s":[0-9]+')  # no text can look like that: a quotation mark inside of one is escaped


@dataclass(frozen=True, slots=True)
class LivePart:
    """The members of one station's object that change by the minute, with a `%d` in the place of each age."""

    station: RenderedStation
    known: KnownPorts
    since: datetime
    until: datetime
    form: bytes
    as_of: tuple[datetime, ...]  # what the ages count from

    def at(self, now: datetime) -> bytes:
        """As it is told at this moment."""
        return self.form % tuple([age_s_of(as_of, now) for as_of in self.as_of])


def live_part(station: RenderedStation, known: KnownPorts, now: datetime) -> LivePart:
    """What is told from this moment on until something but an age changes."""
    statuses = known.statuses(now)
    whole = live_members(station, statuses, maintenance=known.maintenance)
    told = (statuses[port.port_id] for port in station.ports if port.port_id in statuses)
    return LivePart(
        station=station,
        known=known,
        since=now,
        until=known.same_until(now) or _FOREVER,
        form=_AGE.sub(rb'"age_s":%d', whole.replace(b"%", b"%%")),
        as_of=tuple(status.as_of for status in told if status.as_of is not None),
    )


class LiveParts:
    """The live parts of the stations that were shown last. A part serves as long as what it was made of is known."""

    def __init__(self) -> None:
        self._held: dict[int, LivePart] = {}

    def of(self, station: RenderedStation, known: KnownPorts, now: datetime) -> bytes:
        """What is told of this station at this moment."""
        held = self._held.get(station.pk)
        if held is None or held.station is not station or not held.since <= now < held.until or held.known != known:
            held = self._keep(live_part(station, known, now))
        return held.at(now)

    def _keep(self, part: LivePart) -> LivePart:
        if len(self._held) >= _HELD:
            self._held.clear()
        self._held[part.station.pk] = part
        return part
