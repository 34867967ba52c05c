"""What a search found, as its routes tell it."""

from dataclasses import dataclass
from datetime import datetime

from finder.domain.availability import PortStatus
from finder.domain.known_ports import KnownPorts
from finder.domain.maintenance import Maintenance
from finder.station_columns import Entry


@dataclass(frozen=True, slots=True)
class Page:
    """A page of stations as bytes; `with_cache` is false where statuses came from the database alone."""

    body: bytes
    next_cursor: str | None
    with_cache: bool


@dataclass(frozen=True, slots=True)
class StationStatus:
    """What the ports of one station are, (port number, status), and the maintenance that is going on there."""

    station_id: str
    ports: tuple[tuple[int, PortStatus], ...]
    maintenance: tuple[Maintenance, ...] = ()


def station_status(entry: Entry, known: KnownPorts, now: datetime) -> StationStatus:
    """What is told of a station's ports at this moment."""
    statuses = known.statuses(now)
    pairs = zip(entry.port_numbers, entry.port_ids, strict=True)
    ports = tuple((number, statuses[port_id]) for number, port_id in pairs)
    return StationStatus(entry.station_id, ports, known.maintenance)
