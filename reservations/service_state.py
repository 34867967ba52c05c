"""Which ports of a station are known to be out of order now; looked at before any port is locked."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from finder.announcements import Announcements
from finder.domain.availability import PortStatus, port_status
from finder.domain.maintenance import interruption_by, network_of
from finder.domain.status import Report, Status
from finder.live_status import LiveStatus
from finder.records import ListedPort, ListedStation
from finder.thresholds import NetworkThresholds
from kernel.clock import Clock
from kernel.window import Window
from reservations.domain.policy import Policy, StationUnreachable

_OUT = frozenset({Status.OUT_OF_SERVICE, Status.UNREACHABLE})
OutOfService = Callable[[ListedStation], frozenset[int]]
"""Ids of the ports of a station that are out of order now."""
OutAmong = Callable[[Mapping[int, str]], frozenset[int]]
"""Ids of the ports that are out of order now, among those of these stations: their keys and ids."""


class ServiceState:
    """Says of a station's ports which are out of order, as drivers are told; nothing where no status is known."""

    def __init__(
        self, live_status: LiveStatus, clock: Clock, thresholds: NetworkThresholds, announcements: Announcements
    ) -> None:
        self._live_status = live_status
        self._clock = clock
        self._thresholds = thresholds
        self._announcements = announcements

    def out_of_service(self, listed: ListedStation) -> frozenset[int]:
        """Ids of the ports that are faulted or cannot be reached; a port that was never heard of is not among them."""
        return self.out_among({listed.pk: listed.station.station_id})

    def out_among(self, stations: Mapping[int, str]) -> frozenset[int]:
        """The same of many stations, asked for at once."""
        reports, _ = self._live_status.latest(list(stations))
        now = self._clock.now()
        told = {
            port_id: status
            for pk, station_id in stations.items()
            for port_id, status in self._told(station_id, reports.get(pk, {}), now).items()
        }
        return frozenset(port_id for port_id, status in told.items() if status.status in _OUT)

    def _told(self, station_id: str, reports: Mapping[int, Report], now: datetime) -> dict[int, PortStatus]:
        thresholds = self._thresholds.of(network_of(station_id))
        interruption = interruption_by(self._announcements.at_station(station_id, now))
        return {
            port_id: port_status(report, reserved=False, now=now, thresholds=thresholds, interruption=interruption)
            for port_id, report in reports.items()
        }


def nothing_known(_listed: ListedStation) -> frozenset[int]:
    """As `OutOfService`: no port is known to be out of order."""
    return frozenset()


def none_known(_stations: Mapping[int, str]) -> frozenset[int]:
    """As `OutAmong`: no port is known to be out of order."""
    return frozenset()


def in_service(
    listed: ListedStation,
    ports: tuple[ListedPort, ...],
    window: Window,
    *,
    now: datetime,
    policy: Policy,
    out_of_service: OutOfService,
) -> tuple[ListedPort, ...]:
    """The ports in which a reservation can begin so soon. Raises StationUnreachable where there are none.

    What a port is now says little about later: only a start within `in_service_within_min` is asked about (guide
    section 4, code 115).
    """
    if window.start - now >= timedelta(minutes=policy.in_service_within_min):
        return ports
    out = out_of_service(listed)
    able = tuple(one for one in ports if one.port_id not in out)
    if not able:
        raise StationUnreachable
    return able
