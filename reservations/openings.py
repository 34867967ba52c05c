"""Openings: the windows in which ports can be reserved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finder.catalogue import StationCatalogue, UnknownStation
from finder.records import ListedPort, ListedStation
from kernel.clock import Clock
from kernel.database import Database
from kernel.window import Window
from reservations import store
from reservations.domain.free_windows import free_windows
from reservations.domain.policy import Policy, reservable_part
from reservations.offers import open_parts

_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class Opening:
    """A window in which a port can be reserved (guide 7.3.3)."""

    port_number: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class StationOpenings:
    """A station's openings, by port and time; none where it cannot be reserved at all."""

    station_id: str
    time_zone: str
    reservable: bool
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The stations asked for, and the ids that no station has."""

    stations: tuple[StationOpenings, ...]
    not_found: tuple[str, ...]


class Openings:
    """Opening hours, minus what is held or reserved, from now on; a hold that has run out is free."""

    def __init__(
        self, database: Database, clock: Clock, catalogue: StationCatalogue, *, policy: Policy = _POLICY
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._policy = policy

    def of(self, station_ids: Sequence[str], span: Window, *, port_number: int | None, min_duration_min: int) -> Found:
        """The openings within a span that are long enough to be reserved and for `min_duration_min`."""
        wanted = tuple(dict.fromkeys(station_ids))
        least = timedelta(minutes=max(min_duration_min, self._policy.shortest_min))
        listed = {station_id: one for station_id in wanted if (one := self._listed(station_id))}
        ports = [port for one in listed.values() for port in _reservable(one, port_number)]
        taken, part = self._taken(ports, span)
        return Found(
            tuple(_openings(one, port_number, part, taken, least) for one in listed.values()),
            tuple(station_id for station_id in wanted if station_id not in listed),
        )

    def _listed(self, station_id: str) -> ListedStation | None:
        try:
            return self._catalogue.listed(station_id)
        except UnknownStation:
            return None

    def _taken(self, ports: Sequence[ListedPort], span: Window) -> tuple[dict[int, list[Window]], Window | None]:
        """What is taken, and the part of the span in which something can be reserved from now on."""
        with self._database.reading() as session:
            now = self._clock.in_transaction(session)
            taken = store.live_windows(session, [port.port_id for port in ports], span, now)
        return taken, reservable_part(span, now, self._policy)


def _reservable(listed: ListedStation, port_number: int | None) -> list[ListedPort]:
    return [
        one
        for one in listed.ports
        if listed.station.reservable and one.port.reservable and port_number in (None, one.port.port_number)
    ]


def _openings(
    listed: ListedStation,
    port_number: int | None,
    part: Window | None,
    taken: dict[int, list[Window]],
    least: timedelta,
) -> StationOpenings:
    station = listed.station
    entered = open_parts(station, part) if part else ()
    openings = (
        Opening(one.port.port_number, free.start, free.end)
        for one in _reservable(listed, port_number)
        for free in free_windows(entered, taken[one.port_id], least)
    )
    is_reservable = station.reservable and any(one.port.reservable for one in listed.ports)
    return StationOpenings(station.station_id, station.time_zone, is_reservable, tuple(openings))
