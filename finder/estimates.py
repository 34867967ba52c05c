"""Estimates: what a charge that somebody means to make, or a usage, would cost."""

from collections.abc import Iterator
from dataclasses import dataclass

from finder.catalogue import StationCatalogue, port_numbered
from finder.domain.estimate import Estimate
from finder.domain.pricing import estimate
from finder.domain.tariff import Tariff
from finder.domain.usage import Question, Usage, usage_of
from finder.domain.visibility import ANYBODY, Viewer
from finder.records import ListedStation
from finder.seen_stations import listed_for
from kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class PortEstimate:
    """An estimate and the port it is for."""

    port_number: int
    estimate: Estimate


class Estimates:
    """Prices a question by the tariff as it is now; nothing is promised."""

    def __init__(self, catalogue: StationCatalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def of_station(
        self, station_id: str, question: Question, *, port_number: int | None, viewer: Viewer = ANYBODY
    ) -> list[PortEstimate]:
        """One estimate per port, or of one port. Raises UnknownStation, UnknownPort, InvalidUsage."""
        return list(self._per_port(listed_for(viewer, station_id, self._catalogue), question, port_number))

    def of_usage(self, tariff: Tariff, time_zone: str, usage: Usage) -> Estimate:
        """What a usage costs by any tariff. Raises UnknownTimeZone."""
        return estimate(tariff, time_zone, usage)

    def of_port(self, station_id: str, port_number: int, usage: Usage, *, viewer: Viewer = ANYBODY) -> Estimate:
        """What a usage costs at a station's port. Raises UnknownStation, UnknownPort."""
        listed = listed_for(viewer, station_id, self._catalogue)
        port_numbered(listed, port_number)
        return estimate(listed.station.tariff, listed.station.time_zone, usage)

    def _per_port(self, listed: ListedStation, question: Question, port_number: int | None) -> Iterator[PortEstimate]:
        ports = listed.ports if port_number is None else (port_numbered(listed, port_number),)
        now = self._clock.now()
        for port in (listed_port.port for listed_port in ports):
            usage, assumptions = usage_of(question, port.power_kw, now, port_current_a=port.current_a)
            cost = estimate(listed.station.tariff, listed.station.time_zone, usage, assumptions)
            yield PortEstimate(port.port_number, cost)
