"""Openings: the windows in which ports can be reserved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finder.catalogue import StationCatalogue
from finder.records import ListedPort, ListedStation
from kernel.clock import Clock
from kernel.database import Database
from kernel.paging import cursor_after, key_of
from kernel.window import Window
from reservations import store
from reservations.domain.closures import ClosedWindows, NeverClosed
from reservations.domain.free_windows import Terms, bookable_windows
from reservations.domain.policy import Policy
from reservations.offers import free_parts, terms_of

_POLICY = Policy()
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which stations, in which span, and which openings: those of these ports (empty: of all) that last so long."""

    station_ids: tuple[str, ...]
    span: Window
    port_numbers: tuple[int, ...] = ()
    min_duration_min: int = 1


@dataclass(frozen=True, slots=True)
class Opening:
    """A window in which a port can be reserved (guide 7.3.3)."""

    port_number: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOpenings:
    """A station's openings, by port and time; none where it cannot be reserved at all.

    A reservation lasts `shortest_min` to `longest_min` minutes, anywhere within one opening.
    """

    station_id: str
    time_zone: str
    reservable: bool
    shortest_min: int
    longest_min: int
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the stations asked for, how many there are in all, and the ids that no station has."""

    stations: tuple[StationOpenings, ...]
    total: int
    not_found: tuple[str, ...]
    next_cursor: str | None


class Openings:
    """Opening hours, minus what is held, reserved or closed by announcement, as far as a reservation may be made now.

    A hold that has run out is free. However many stations are asked about, the statements are the same few.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        catalogue: StationCatalogue,
        *,
        closed: ClosedWindows | None = None,
        policy: Policy = _POLICY,
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._closed = closed or NeverClosed()
        self._policy = policy

    def of(self, asked: Asked, *, limit: int, cursor: str | None = None) -> Found:
        """The openings of the stations after a cursor, in the order asked, `limit` stations at most.

        Raises InvalidCursor.
        """
        wanted = list(dict.fromkeys(asked.station_ids))
        with self._database.reading() as session:
            listed = self._catalogue.listed_among(wanted)
            places = [place for place in range(_after(cursor, asked), len(wanted)) if wanted[place] in listed]
            page = [listed[wanted[place]] for place in places[:limit]]
            now = self._clock.in_transaction(session)
            ports = [one.port_id for station in page for one in _reservable(station, asked)]
            taken = store.live_windows(session, ports, asked.span, now)
        return Found(
            stations=tuple(self._openings(page, asked, taken, now)),
            total=len(listed),
            not_found=tuple(station_id for station_id in wanted if station_id not in listed),
            next_cursor=cursor_after((places[limit - 1],), asked) if len(places) > limit else None,
        )

    def _openings(
        self, page: Iterable[ListedStation], asked: Asked, taken: Mapping[int, Sequence[Window]], now: datetime
    ) -> Iterable[StationOpenings]:
        closed_at = self._closed.during(asked.span)
        for one in page:
            terms, closed = terms_of(one.station, self._policy, now), closed_at(one.station.station_id)
            openings = (
                Opening(port.port.port_number, window.start, window.end)
                for port in _reservable(one, asked)
                for window in _windows(one, asked, terms, [*taken[port.port_id], *closed])
            )
            yield StationOpenings(
                station_id=one.station.station_id,
                time_zone=one.station.time_zone,
                reservable=one.station.reservable and any(port.port.reservable for port in one.ports),
                shortest_min=terms.shortest // _MINUTE,
                longest_min=terms.longest // _MINUTE,
                openings=tuple(openings),
            )


def _after(cursor: str | None, asked: Asked) -> int:
    return 0 if cursor is None else int(key_of(cursor, asked, (int,))[0]) + 1


def _reservable(listed: ListedStation, asked: Asked) -> list[ListedPort]:
    wanted = asked.port_numbers
    return [
        one
        for one in listed.ports
        if listed.station.reservable and one.port.reservable and (not wanted or one.port.port_number in wanted)
    ]


def _windows(listed: ListedStation, asked: Asked, terms: Terms, taken: Iterable[Window]) -> tuple[Window, ...]:
    part = asked.span.intersection(terms.span) if terms.span else None
    if part is None:
        return ()
    return bookable_windows(free_parts(listed.station, part, taken), terms, asked.min_duration_min * _MINUTE)
