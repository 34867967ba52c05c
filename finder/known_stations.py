"""KnownStations: stations as they were read, each for as long as the change log says that nothing has changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from finder.records import ListedStation

HELD = 5_000


class KnownStations:
    """The last 5,000 stations that were asked for, each with the newest change there was before it was read.

    Who asks says which change is the newest now, so what is told is never older than the question.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[int, ListedStation]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, station_id: str, change: int, read: Callable[[], tuple[int, ListedStation]]) -> ListedStation:
        """The station as it is at this change or later; `read` tells the newest change first, and then the station."""
        seen, station = self._held.get(station_id, (-1, None))
        if station is not None and seen >= change:
            return station
        seen, station = read()
        with self._lock:
            self._held[station_id] = seen, station
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return station
