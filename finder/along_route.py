"""AlongRoute: the stations beside a route in travel order, each as it is when the driver gets there."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import orjson

from finder.answers import Shape, list_bytes
from finder.domain.opening_hours import is_open
from finder.domain.timetable import Timetable, at_speed, minute_from
from finder.domain.visibility import Viewer
from finder.filters import fitting
from finder.found import Page
from finder.index import StationIndex
from finder.question import Candidate, Candidates, FreePorts, Question
from finder.search import StationSearch
from finder.station_columns import Entry
from kernel.clock import Clock
from kernel.fields import moment_text
from kernel.paging import cursor_after
from kernel.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What is asked beside a route, when it is driven, and what a station has to be when the driver gets there.

    Driven at `speed_kmh` from `departure_at` (None: now) on, or as `timestamps` say place by place, or nobody knows.
    """

    question: Question
    departure_at: datetime | None = None
    speed_kmh: float | None = None
    timestamps: tuple[datetime, ...] = ()
    open_on_arrival: bool | None = None
    free_min: int | None = None

    def seen_by(self, viewer: Viewer) -> "Journey":
        """The same, for somebody."""
        return replace(self, question=replace(self.question, viewer=viewer))

    def timetable(self, now: datetime) -> Timetable | None:
        """When the driver is where; None where nothing is said of it. Raises OverflowError."""
        assert self.question.corridor is not None  # noqa: S101 - a journey has a route
        route = self.question.corridor.route
        if self.timestamps:
            return Timetable(route.offset_m[route.vertex].tolist(), self.timestamps)
        return (self.speed_kmh and at_speed(self.departure_at or now, route.length_m, self.speed_kmh)) or None


class AlongRoute:
    """Finds as the search does, and asks the reservations which ports are free when the driver gets there."""

    def __init__(self, index: StationIndex, search: StationSearch, free: FreePorts, clock: Clock) -> None:
        self._index = index
        self._search = search
        self._free = free
        self._clock = clock

    def find(self, journey: Journey, shape: Shape, *, limit: int, cursor: str | None = None) -> Page:
        """The stations beside the route, in travel order.

        Raises InvalidCursor, InvalidRequest where the window that stations should be free in is past.
        """
        snapshot, timetable = self._index.snapshot(), journey.timetable(self._clock.now())
        question = journey.question
        found = self._on_arrival(journey, timetable, self._search.found(question, snapshot))
        page, known = self._search.page_of(question, found.behind(cursor, journey), limit)
        next_cursor = cursor_after(page[limit - 1].key, journey) if len(page) > limit else None
        told = [station._replace(more=(_told(station, timetable),)) for station in page[:limit]]
        rows = self._search.rows(snapshot, told, known, shape)
        total = len(found) if question.wish.is_any else None
        return Page(list_bytes(rows, next_cursor, total), next_cursor, known.with_cache)

    def _on_arrival(self, journey: Journey, timetable: Timetable | None, found: Candidates) -> Candidates:
        """Those that are what they have to be when the driver gets there."""
        if timetable is None:
            return found
        if journey.open_on_arrival is not None:
            closed = np.fromiter(map(is_closed_then, *_arrivals(found, timetable)), np.bool_, len(found))
            found = found.only(closed != journey.open_on_arrival)
        if journey.free_min is not None:
            found = found.only(found.snapshot.columns.stations["reservable"][found.rows])
            entries, arrivals = _arrivals(found, timetable)
            lasts = timedelta(minutes=journey.free_min)
            free = self._free.free_each(entries, [Window.lasting(minute_from(one), lasts) for one in arrivals])
            found = found.only(fitting(replace(journey.question, only_ports=free), found.snapshot, found.rows))
        return found


def _arrivals(found: Candidates, timetable: Timetable) -> tuple[list[Entry], list[datetime]]:
    """The stations, and when each is reached."""
    entries = [found.snapshot.entry(row) for row in found.rows.tolist()]
    return entries, [timetable.arrival(offset_m) for offset_m in found.ranks.tolist()]


def is_closed_then(station: Entry, moment: datetime) -> bool:
    """Whether the station is known to be closed at a moment."""
    return is_open(station.opening_hours, station.time_zone, moment) is False


def _told(station: Candidate, timetable: Timetable | None) -> bytes:
    """Where along the route, how much further to drive, and when the driver gets there."""
    away_m, entry = station.away_m or 0.0, station.entry
    arrival = timetable and timetable.arrival(station.rank)
    is_then = arrival and is_open(entry.opening_hours, entry.time_zone, arrival)
    members = {
        "offset_along_route_m": round(station.rank, 1),
        "detour_m": round(2 * away_m, 1),
        "arrival_at": arrival and moment_text(arrival),
        "open_on_arrival": is_then,
    }
    return orjson.dumps(members)[1:-1]
