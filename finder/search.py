"""StationSearch: near a point, in a box or by words; filtered, in order, with what the ports are now."""

from collections.abc import Sequence
from dataclasses import replace

from finder.announcements import Announcements
from finder.answers import Shape, list_bytes, live_members, quarter_of, station_bytes
from finder.catalogue import UnknownStation
from finder.charge_prices import ChargePrices, to_the_minute
from finder.domain.availability import TakenPorts, Wish, fulfils
from finder.domain.estimate import Estimate
from finder.domain.known_ports import KnownPorts
from finder.domain.ranking import Sort
from finder.domain.usage import Question as Charge
from finder.domain.visibility import ANYBODY, Viewer
from finder.filters import able_ports
from finder.found import Page
from finder.index import StationIndex
from finder.live_parts import LiveParts, tell_members, tell_statuses
from finder.live_status import LiveStatus
from finder.places import Placed, Places
from finder.ports_known import KnownNow, PortsKnown
from finder.question import Candidate, Candidates, FreePorts, Question, Rank, candidates, most_powerful, nearest
from finder.rendered import RenderedStation, RenderedStations
from finder.snapshot import Snapshot
from finder.station_columns import Entry
from finder.thresholds import NetworkThresholds
from kernel.clock import Clock

_LOOKED_AT_ONCE = 100


class StationSearch:
    """Finds in memory, asks the cache once for a page's statuses, and fails open: no cache, no stations lost."""

    def __init__(
        self,
        index: StationIndex,
        rendered: RenderedStations,
        live_status: LiveStatus,
        taken: TakenPorts,
        clock: Clock,
        thresholds: NetworkThresholds,
        free: FreePorts,
        announcements: Announcements,
        places: Places,
    ) -> None:
        self._index = index
        self._rendered = rendered
        self._known = KnownNow(live_status, taken, clock, thresholds, announcements)
        self._live, self._statuses = LiveParts(tell_members), LiveParts(tell_statuses)
        self._clock = clock
        self._prices = ChargePrices()
        self._free = free
        self._places = places

    def find(self, question: Question, shape: Shape, *, limit: int, cursor: str | None = None) -> Page:
        """The stations that answer the question, nearest first where a point is given, else in a steady order.

        Raises InvalidCursor where the cursor is not of this question, InvalidUsage, InvalidRequest where the window
        that stations should be free in is past, and what `Places` raises.
        """
        snapshot = self._index.snapshot()
        charge = self._charge(question)
        placed = self._places.placed(question, snapshot, cursor)
        found = self.found(placed.question, snapshot, self._rank(question, charge))
        asked = "status" in shape.include
        page, known = self.page_of(question, _after(found, placed), limit, with_statuses=asked)
        next_cursor = placed.cursor(page[limit - 1].key) if len(page) > limit else None
        total = len(found) if question.wish.is_any else None
        rows = self.rows(snapshot, page[:limit], known, shape, charge)
        return Page(list_bytes(rows, next_cursor, total), next_cursor, known.with_cache)

    def found(self, question: Question, snapshot: Snapshot, rank: Rank = nearest) -> Candidates:
        """The stations that fit. Raises PlaceElsewhere where none can, as the point is not near the place."""
        found = self._free_then(question, snapshot, rank)
        if not len(found):
            self._places.check(question, snapshot)
        return found

    def _free_then(self, question: Question, snapshot: Snapshot, rank: Rank) -> Candidates:
        """Where they should be free then, the free port is one that has the equipment too."""
        if question.free_in is None:
            return candidates(question, snapshot, rank)
        able = candidates(replace(question, reservable=question.reservable is not False), snapshot)
        entries = [snapshot.entry(row) for row in able.rows.tolist()]
        free = self._free.free_among(entries, question.free_in)
        return candidates(replace(question, only_ports=free), snapshot, rank)

    def _charge(self, question: Question) -> Charge | None:
        """The charge that is asked about, with a start: now, to the minute, where none is given."""
        charge = question.charge
        if charge is None or charge.start is not None:
            return charge
        return replace(charge, start=to_the_minute(self._clock.now()))

    def _rank(self, question: Question, charge: Charge | None) -> Rank:
        if question.sort is Sort.PRICE and charge is not None:
            return lambda snapshot, rows, _: self._prices.cheapest(snapshot, rows, charge)
        return most_powerful if question.sort is Sort.POWER else nearest

    def page_of(
        self, question: Question, rest: Candidates, limit: int, *, with_statuses: bool = True
    ) -> tuple[list[Candidate], PortsKnown]:
        """The first candidates, one more than the limit where there are more, with what is known of their ports."""
        if question.wish.is_any:
            first = rest.first(limit + 1)
            return first, self._known.of([candidate.entry for candidate in first[:limit] if with_statuses])
        now = self._clock.now()
        page: list[Candidate] = []
        stations: dict[int, KnownPorts] = {}
        with_cache = True
        for batch in rest.in_batches(_LOOKED_AT_ONCE):
            known = self._known.of([candidate.entry for candidate in batch], now)
            able = able_ports(question, rest.snapshot, [candidate.entry.row for candidate in batch])
            page += (candidate for candidate in batch if _fulfils(question.wish, candidate.entry, known, able))
            stations |= known.stations
            with_cache = with_cache and known.with_cache
            if len(page) > limit:
                break
        return page, PortsKnown(now, stations, with_cache)

    def rows(
        self,
        snapshot: Snapshot,
        page: Sequence[Candidate],
        known: PortsKnown,
        shape: Shape,
        charge: Charge | None = None,
    ) -> list[bytes]:
        """The page's stations as bytes; one that is gone is left out."""
        rendered = self._rendered.of([candidate.entry for candidate in page], snapshot)
        is_usual, now = charge is None and shape.has_whole_ports, known.now
        quarter, rows = quarter_of(now), []
        for _, entry, away_m, more in page:
            station = rendered.get(entry.pk)
            if station is not None:
                live = (
                    self._live.of(station, known.stations[entry.pk], now)
                    if is_usual
                    else self._live_members(entry, station, known, shape, charge)
                )
                rows.append(station_bytes(station, live, shape, quarter=quarter, away_m=away_m, more=more))
        return rows

    def _live_members(
        self, entry: Entry, station: RenderedStation, known: PortsKnown, shape: Shape, charge: Charge | None
    ) -> bytes:
        """What changes at a station by the minute, where not all of it is asked for, or more than that."""
        ports, costs = known.stations.get(entry.pk), self._costs(entry, charge)
        if ports is None:
            return live_members(station, {}, shape, costs=costs)
        statuses = ports.statuses(known.now)
        return live_members(station, statuses, shape, costs=costs, maintenance=ports.maintenance)

    def _costs(self, entry: Entry, charge: Charge | None) -> dict[int, Estimate] | None:
        """Port key → what the charge would cost there; None where no charge is asked about."""
        if charge is None:
            return None
        return dict(zip(entry.port_ids, self._prices.of(entry, charge), strict=True))

    def station(self, station_id: str, shape: Shape, viewer: Viewer = ANYBODY) -> tuple[bytes, bool]:
        """One station, whole, and whether the cache could be asked. Raises UnknownStation."""
        snapshot = self._index.snapshot()
        entry = _entry_seen(snapshot, station_id, viewer)
        known = self._known.of([entry] if "status" in shape.include else [])
        rows = self.rows(snapshot, [Candidate(0.0, entry, None)], known, shape)
        if not rows:
            raise UnknownStation
        return rows[0], known.with_cache

    def status_at(self, station_id: str, viewer: Viewer = ANYBODY) -> tuple[bytes, bool]:
        """The statuses of one station, and whether the cache could be asked. Raises UnknownStation."""
        entry = _entry_seen(self._index.snapshot(), station_id, viewer)
        known = self._known.of([entry])
        return self._statuses_of([entry], known)[0], known.with_cache

    def status_of(self, station_ids: Sequence[str], viewer: Viewer = ANYBODY) -> Page:
        """The statuses of these stations in this order, and the ids that are not found."""
        snapshot = self._index.snapshot()
        found = {station_id: snapshot.seen(station_id, viewer) for station_id in station_ids}
        entries = [entry for entry in found.values() if entry is not None]
        not_found = [station_id for station_id, entry in found.items() if entry is None]
        known = self._known.of(entries)
        rows = self._statuses_of(entries, known)
        return Page(list_bytes(rows, None, len(rows), not_found=not_found), None, known.with_cache)

    def status_in(self, question: Question, *, limit: int, cursor: str | None) -> Page:
        """The statuses of a page of the stations that answer the question."""
        snapshot = self._index.snapshot()
        placed = self._places.placed(question, snapshot, cursor)
        found = self.found(placed.question, snapshot)
        page, known = self.page_of(question, _after(found, placed), limit)
        next_cursor = placed.cursor(page[limit - 1].key) if len(page) > limit else None
        rows = self._statuses_of([candidate.entry for candidate in page[:limit]], known)
        total = len(rows) if next_cursor is None else None
        return Page(list_bytes(rows, next_cursor, total, not_found=[]), next_cursor, known.with_cache)

    def _statuses_of(self, entries: Sequence[Entry], known: PortsKnown) -> list[bytes]:
        return [self._statuses.of(entry, known.stations[entry.pk], known.now) for entry in entries]


def _fulfils(wish: Wish, entry: Entry, known: PortsKnown, able: frozenset[int] | None) -> bool:
    """Whether a station is what is wished for, of its able ports."""
    statuses = known.stations[entry.pk].statuses(known.now)
    told = [status for port_id, status in statuses.items() if able is None or port_id in able]
    return fulfils(wish, told, entry.opening_hours, entry.time_zone, known.now)


def _entry_seen(snapshot: Snapshot, station_id: str, viewer: Viewer) -> Entry:
    entry = snapshot.seen(station_id, viewer)
    if entry is None:
        raise UnknownStation
    return entry


def _after(found: Candidates, placed: Placed) -> Candidates:
    """The candidates behind the cursor."""
    return found if placed.after is None else found.after(placed.after)
