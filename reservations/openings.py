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
from reservations import policy_store, store
from reservations.domain.closures import ClosedWindows, NeverClosed
from reservations.domain.free_windows import Terms, bookable_windows
from reservations.domain.policy import Policy
from reservations.offers import free_parts, terms_of
from reservations.service_state import OutAmong, none_known

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which stations, in which span, and which openings: those of these ports (empty: of all) that last so long.

    Of the stations that are `hidden` from the caller it is told that there are none.
    """

    station_ids: tuple[str, ...]
    span: Window
    port_numbers: tuple[int, ...] = ()
    min_duration_min: int = 1
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """A window in which a port can be reserved (guide 7.3.3)."""

    port_number: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOpenings:
    """A station's openings, by port and time; none where it cannot be reserved at all.

    A reservation lasts `shortest_min` to `longest_min` minutes, in steps of `step_min`, anywhere within one opening.
    """

    station_id: str
    time_zone: str
    reservable: bool
    shortest_min: int
    longest_min: int
    step_min: int
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the stations asked for, how many there are in all, and the ids that no station has."""

    stations: tuple[StationOpenings, ...]
    total: int
    not_found: tuple[str, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read of a page of stations at one moment."""

    now: datetime
    policies: Mapping[str, Policy]
    taken: Mapping[int, Sequence[Window]]


class Openings:
    """Opening hours, minus what is held, reserved or closed by announcement, as far as a reservation may be made now.

    A hold that has run out is free. A port that is out of order opens once what it is now says nothing any more.
    However many stations are asked about, the statements are the same few.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        catalogue: StationCatalogue,
        *,
        closed: ClosedWindows | None = None,
        out_among: OutAmong = none_known,
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._closed = closed or NeverClosed()
        self._out_among = out_among

    def of(self, asked: Asked, *, limit: int, cursor: str | None = None) -> Found:
        """The openings of the stations after a cursor, in the order asked, `limit` stations at most.

        Raises InvalidCursor.
        """
        wanted = list(dict.fromkeys(asked.station_ids))
        with self._database.reading() as session:
            listed = self._catalogue.listed_among(one for one in wanted if one not in asked.hidden)
            places = [place for place in range(_after(cursor, asked), len(wanted)) if wanted[place] in listed]
            page = [listed[wanted[place]] for place in places[:limit]]
            ports = [one.port_id for station in page for one in _reservable(station, asked)]
            now = self._clock.in_transaction(session)
            read = _Read(
                now=now,
                policies=policy_store.policies(session, [one.station.station_id for one in page]),
                taken=store.live_windows(session, ports, asked.span, now),
            )
        return Found(
            stations=tuple(self._openings(page, asked, read)),
            total=len(listed),
            not_found=tuple(station_id for station_id in wanted if station_id not in listed),
            next_cursor=cursor_after((places[limit - 1],), asked) if len(places) > limit else None,
        )

    def _openings(self, page: Sequence[ListedStation], asked: Asked, read: _Read) -> Iterable[StationOpenings]:
        closed_at, out = self._closed.during(asked.span), self._out(page, asked, read)
        for one in page:
            station, policy = one.station, read.policies[one.station.station_id]
            closed = closed_at(station.station_id)
            openings = (
                Opening(port.port.port_number, window.start, window.end)
                for port in _reservable(one, asked)
                for window in _windows(
                    one,
                    asked,
                    terms_of(station, policy, read.now, is_out=port.port_id in out),
                    [*read.taken[port.port_id], *closed],
                )
            )
            yield _told(one, terms_of(station, policy, read.now), tuple(openings))

    def _out(self, page: Sequence[ListedStation], asked: Asked, read: _Read) -> frozenset[int]:
        """The ports that are out of order, where the span begins so soon that it matters."""
        within = max((policy.in_service_within_min for policy in read.policies.values()), default=0)
        matters = asked.span.start < read.now + within * _MINUTE and asked.span.end > read.now
        return self._out_among({one.pk: one.station.station_id for one in page}) if matters and page else frozenset()


def _told(listed: ListedStation, terms: Terms, openings: tuple[Opening, ...]) -> StationOpenings:
    station = listed.station
    return StationOpenings(
        station_id=station.station_id,
        time_zone=station.time_zone,
        reservable=station.reservable and any(port.port.reservable for port in listed.ports),
        shortest_min=terms.shortest // _MINUTE,
        longest_min=terms.longest // _MINUTE,
        step_min=terms.step // _MINUTE,
        openings=openings,
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
