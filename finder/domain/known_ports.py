"""KnownPorts: what is known of a station's ports, and what is told of them at one moment or another."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from finder.domain.availability import PortStatus, port_status
from finder.domain.freshness import Interruption, Thresholds, same_until
from finder.domain.maintenance import Maintenance
from finder.domain.status import Report


class KnownPorts(NamedTuple):
    """What decides, together with the time, what is told of a station's ports; equal where the same is known.

    `reports` are the latest by port key; a port without one was never heard of. `reserved` are those of the ports that
    are held or reserved, `maintenance` the windows that are active at the station.
    """

    port_ids: tuple[int, ...]
    reports: Mapping[int, Report]
    reserved: frozenset[int]
    thresholds: Thresholds
    interruption: Interruption | None
    maintenance: tuple[Maintenance, ...]

    def statuses(self, now: datetime) -> dict[int, PortStatus]:
        """Port key → what is told of the port at this moment."""
        return {
            port_id: port_status(
                self.reports.get(port_id),
                reserved=port_id in self.reserved,
                now=now,
                thresholds=self.thresholds,
                interruption=self.interruption,
            )
            for port_id in self.port_ids
        }

    def same_until(self, now: datetime) -> datetime | None:
        """Until when, exclusive, the same is told of every port but for its age; None: as long as this is known."""
        limits = (same_until(self.reports.get(port_id), now, self.thresholds) for port_id in self.port_ids)
        return min((limit for limit in limits if limit is not None), default=None)
