"""The audience: everybody who follows the stream, found by what an event is about."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.domain.interest import network_of
from feeds.listener import Listener
from kernel.box import Box


class Audience:
    """Listeners by station, by network and by box; equal boxes are looked at once."""

    def __init__(self) -> None:
        self._all: set[Listener] = set()
        self._by_station: dict[str, set[Listener]] = {}
        self._by_network: dict[int, set[Listener]] = {}
        self._by_box: dict[Box, set[Listener]] = {}
        self._of: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Listener]:
        return iter(tuple(self._all))

    def of(self, who: str) -> int:
        """How many streams somebody has."""
        return self._of[who]

    def add(self, listener: Listener) -> None:
        self._all.add(listener)
        self._of[listener.who] += 1
        for shelf, key in self._places(listener):
            shelf.setdefault(key, set()).add(listener)

    def remove(self, listener: Listener) -> None:
        self._all.discard(listener)
        self._of[listener.who] -= 1
        if not self._of[listener.who]:
            del self._of[listener.who]
        for shelf, key in self._places(listener):
            shelf[key].discard(listener)
            if not shelf[key]:
                del shelf[key]

    def concerned(self, about: Mapping[str, Any]) -> set[Listener]:
        """Who hears of this; the same that `Interest.concerns` says of each."""
        if "station_id" not in about:
            return {listener for listener in self._all if listener.interest.concerns(about)}
        found = set(self._by_station.get(about["station_id"], ()))
        found |= self._by_network.get(network_of(about["station_id"]), set())
        lat, lon = about.get("lat"), about.get("lon")
        if lat is not None and lon is not None:
            for box, listeners in self._by_box.items():
                if box.contains(lat, lon):
                    found |= listeners
        return found

    def _places(self, listener: Listener) -> Iterator[tuple[dict[Any, set[Listener]], Any]]:
        interest = listener.interest
        if interest.box is not None:
            yield self._by_box, interest.box
        if interest.network_id is not None:
            yield self._by_network, interest.network_id
        for station_id in interest.station_ids:
            yield self._by_station, station_id
