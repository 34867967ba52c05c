"""FreeStations: which stations can be reserved for a window (guide 7.2 getReservableStations)."""

from collections.abc import Callable
from functools import lru_cache

from finder.domain.opening_hours import OpeningHours
from finder.index import Entry
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import InvalidRequest
from kernel.window import Window
from reservations import store
from reservations.domain.closures import ClosedWindows, NeverClosed
from reservations.domain.policy import Policy
from reservations.offers import open_throughout, terms_of

_POLICY = Policy()
_KINDS_OF_HOURS = 10_000


class FreeStations:
    """Tells the finder which stations are free (`finder.question.FreeStations`); what is taken is read once."""

    def __init__(
        self, database: Database, clock: Clock, *, closed: ClosedWindows | None = None, policy: Policy = _POLICY
    ) -> None:
        self._database = database
        self._clock = clock
        self._closed = closed or NeverClosed()
        self._policy = policy

    def free_in(self, window: Window) -> Callable[[Entry], bool]:
        """Whether some port of a station can be reserved now for exactly this window. Raises InvalidRequest."""
        with self._database.reading() as session:
            now = self._clock.in_transaction(session)
            taken = store.ports_taken_in(session, window, now)
        if window.start < now:
            raise InvalidRequest(errors=[{"pointer": "free_from", "detail": "must not be in the past"}])
        closed_at = self._closed.during(window)

        @lru_cache(_KINDS_OF_HOURS)
        def is_open(hours: OpeningHours | None, time_zone: str) -> bool:
            """Few different hours for many stations."""
            return open_throughout(hours, time_zone, window)

        def is_free(entry: Entry) -> bool:
            return (
                not taken.issuperset(entry.reservable_port_ids)
                and terms_of(entry, self._policy, now).allow(window)
                and is_open(entry.opening_hours, entry.time_zone)
                and not any(one.overlaps(window) for one in closed_at(entry.station_id))
            )

        return is_free
