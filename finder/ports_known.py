"""PortsKnown: what is known of the ports of some stations at one moment, gathered from all who know something."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from finder.announcements import Announcements
from finder.domain.availability import TakenPorts
from finder.domain.known_ports import KnownPorts
from finder.domain.maintenance import Maintenance, interruption_by
from finder.domain.status import Report
from finder.live_status import LiveStatus
from finder.station_columns import Entry
from finder.thresholds import NetworkThresholds
from kernel.clock import Clock

_NONE: Mapping[int, Report] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PortsKnown:
    """Station key → what is known of its ports; `with_cache` is false where the cache could not be asked."""

    now: datetime
    stations: Mapping[int, KnownPorts]
    with_cache: bool


class KnownNow:
    """Asks for what a search tells of ports: one round trip to the cache at most, the rest is in memory."""

    def __init__(
        self,
        live_status: LiveStatus,
        taken: TakenPorts,
        clock: Clock,
        thresholds: NetworkThresholds,
        announcements: Announcements,
    ) -> None:
        self._live_status = live_status
        self._taken = taken
        self._clock = clock
        self._thresholds = thresholds
        self._announcements = announcements

    def of(self, entries: Sequence[Entry], now: datetime | None = None) -> PortsKnown:
        """What is known of the ports of these stations now; `now` where the answer has begun already."""
        now = self._clock.now() if now is None else now
        taken = self._taken.taken_at(now)
        latest, with_cache = self._live_status.latest([entry.pk for entry in entries])
        outage = self._live_status.outage()
        unheard = outage and replace(outage, since=None)  # of what neither cache nor database could be asked for
        maintenance, own = self._maintenance(entries, now), self._thresholds.own()
        stations = {}
        for entry in entries:
            reports, windows = latest.get(entry.pk), maintenance.get(entry.pk, ())
            stations[entry.pk] = KnownPorts(
                entry.port_ids,
                _NONE if reports is None else reports,
                taken.intersection(entry.port_ids),
                own.get(entry.network_id, self._thresholds.default),
                (windows and interruption_by(windows)) or (unheard if reports is None else outage),
                windows,
            )
        return PortsKnown(now, stations, with_cache)

    def _maintenance(self, entries: Iterable[Entry], now: datetime) -> dict[int, tuple[Maintenance, ...]]:
        """Station key → the maintenance that is going on there, of stations where there is any."""
        active = self._announcements.active(now)
        if not active:
            return {}
        found = {entry.pk: active.at(entry.station_id, entry.organization) for entry in entries}
        return {pk: windows for pk, windows in found.items() if windows}
