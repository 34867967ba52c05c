"""What somebody who follows the stream wants to hear of: some stations, a box on the map, or a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.box import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """One of the three is given; what an event is about is read from what it tells."""

    station_ids: frozenset[str] = frozenset()
    box: Box | None = None
    network_id: int | None = None

    def concerns(self, told: Mapping[str, Any]) -> bool:
        """Whether an event belongs to this interest. One that names no station and no scope is for everybody."""
        if "station_id" in told:
            return self._holds(told)
        scope = told.get("scope")
        return scope is None or self._may_hold(scope)

    def _holds(self, told: Mapping[str, Any]) -> bool:
        if self.box is not None:
            lat, lon = told.get("lat"), told.get("lon")
            return lat is not None and lon is not None and self.box.contains(lat, lon)
        if self.network_id is not None:
            return network_of(told["station_id"]) == self.network_id
        return told["station_id"] in self.station_ids

    def _may_hold(self, scope: Mapping[str, Any]) -> bool:
        """Whether stations of this interest can be in a scope: where that is not known from ids alone, they may be."""
        named = scope.get("station_ids") or ()
        if scope.get("network_id") is not None:
            return self.box is not None or scope["network_id"] in self._networks()
        if not named or self.box is not None:
            return True
        if self.network_id is not None:
            return any(network_of(station_id) == self.network_id for station_id in named)
        return not self.station_ids.isdisjoint(named)

    def _networks(self) -> set[int]:
        if self.network_id is not None:
            return {self.network_id}
        return {network_of(station_id) for station_id in self.station_ids}


def network_of(station_id: str) -> int:
    """The part of a station id before the colon."""
    return int(station_id.partition(":")[0])
