"""StationSearch: near a point, in a box or by words; filtered, in order, with what the ports are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from finder.announcements import Announcements
from finder.answers import Shape, list_bytes, station_bytes
from finder.catalogue import UnknownStation
from finder.charge_prices import ChargePrices, to_the_minute
from finder.domain.availability import PortStatus, TakenPorts, fulfils, port_status
from finder.domain.estimate import Estimate
from finder.domain.maintenance import Maintenance, interruption_by
from finder.domain.ranking import Sort
from finder.domain.usage import Question as Charge
from finder.domain.visibility import ANYBODY, Viewer
from finder.filters import able_ports
from finder.found import Page, StationStatus, station_status
from finder.index import StationIndex
from finder.live_status import LiveStatus
from finder.places import Placed, Places
from finder.question import Candidate, Candidates, FreePorts, Question, Rank, candidates, most_powerful, nearest
from finder.rendered import RenderedStations
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
        self._live_status = live_status
        self._taken = taken
        self._clock = clock
        self._thresholds = thresholds
        self._prices = ChargePrices()
        self._free = free
        self._announcements = announcements
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
        page, statuses, with_cache = self.page_of(question, _after(found, placed), limit, with_statuses=asked)
        next_cursor = placed.cursor(page[limit - 1].key) if len(page) > limit else None
        total = len(found) if question.wish.is_any else None
        rows = self.rows(snapshot, page[:limit], statuses, shape, charge)
        return Page(list_bytes(rows, next_cursor, total), next_cursor, with_cache)

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
    ) -> tuple[list[Candidate], dict[int, PortStatus], bool]:
        """The first candidates, one more than the limit where there are more, with their ports' statuses."""
        if question.wish.is_any:
            first = rest.first(limit + 1)
            return first, *self.statuses([candidate.entry for candidate in first[:limit] if with_statuses])
        page: list[Candidate] = []
        statuses: dict[int, PortStatus] = {}
        with_cache = True
        for batch in rest.in_batches(_LOOKED_AT_ONCE):
            now = self._clock.now()
            found, asked = self.statuses([candidate.entry for candidate in batch])
            able = able_ports(question, rest.snapshot, [candidate.entry.row for candidate in batch])
            statuses |= found
            with_cache = with_cache and asked
            for candidate in batch:
                entry = candidate.entry
                told = [found[port_id] for port_id in entry.port_ids if able is None or port_id in able]
                if fulfils(question.wish, told, entry.opening_hours, entry.time_zone, now):
                    page.append(candidate)
            if len(page) > limit:
                break
        return page, statuses, with_cache

    def statuses(self, entries: Sequence[Entry]) -> tuple[dict[int, PortStatus], bool]:
        """Port key → what is told of the port now, and whether the cache could be asked."""
        now = self._clock.now()
        taken = self._taken.taken_at(now)
        latest, with_cache = self._live_status.latest([entry.pk for entry in entries])
        outage = self._live_status.outage()
        unheard = outage and replace(outage, since=None)  # of what neither cache nor database could be asked for
        because = {pk: interruption_by(windows) for pk, windows in self._maintenance(entries, now).items()}
        told = {
            port_id: port_status(
                latest.get(entry.pk, {}).get(port_id),
                reserved=port_id in taken,
                now=now,
                thresholds=self._thresholds.of(entry.network_id),
                interruption=because.get(entry.pk) or (outage if entry.pk in latest else unheard),
            )
            for entry in entries
            for port_id in entry.port_ids
        }
        return told, with_cache

    def _maintenance(self, entries: Iterable[Entry], now: datetime) -> dict[int, tuple[Maintenance, ...]]:
        """Station key → the maintenance that is going on there, of stations where there is any."""
        active = self._announcements.active(now)
        if not active:
            return {}
        found = {entry.pk: active.at(entry.station_id, entry.organization) for entry in entries}
        return {pk: windows for pk, windows in found.items() if windows}

    def rows(
        self,
        snapshot: Snapshot,
        page: Sequence[Candidate],
        statuses: Mapping[int, PortStatus],
        shape: Shape,
        charge: Charge | None = None,
    ) -> list[bytes]:
        """The page's stations as bytes; one that is gone is left out."""
        now = self._clock.now()
        rendered = self._rendered.of([candidate.entry for candidate in page], snapshot)
        maintenance = self._maintenance((candidate.entry for candidate in page), now)
        return [
            station_bytes(
                rendered[candidate.entry.pk],
                statuses,
                shape,
                now=now,
                away_m=candidate.away_m,
                costs=self._costs(candidate.entry, charge),
                maintenance=maintenance.get(candidate.entry.pk, ()),
                more=candidate.more,
            )
            for candidate in page
            if candidate.entry.pk in rendered
        ]

    def _costs(self, entry: Entry, charge: Charge | None) -> dict[int, Estimate] | None:
        """Port key → what the charge would cost there; None where no charge is asked about."""
        if charge is None:
            return None
        return dict(zip(entry.port_ids, self._prices.of(entry, charge), strict=True))

    def station(self, station_id: str, shape: Shape, viewer: Viewer = ANYBODY) -> tuple[bytes, bool]:
        """One station, whole, and whether the cache could be asked. Raises UnknownStation."""
        snapshot = self._index.snapshot()
        entry = _entry_seen(snapshot, station_id, viewer)
        statuses, with_cache = self.statuses([entry] if "status" in shape.include else [])
        rows = self.rows(snapshot, [Candidate(0.0, entry, None)], statuses, shape)
        if not rows:
            raise UnknownStation
        return rows[0], with_cache

    def status_at(self, station_id: str, viewer: Viewer = ANYBODY) -> tuple[StationStatus, bool]:
        """The statuses of one station, and whether the cache could be asked. Raises UnknownStation."""
        entry = _entry_seen(self._index.snapshot(), station_id, viewer)
        statuses, with_cache = self.statuses([entry])
        return self._station_statuses([entry], statuses)[0], with_cache

    def status_of(
        self, station_ids: Sequence[str], viewer: Viewer = ANYBODY
    ) -> tuple[list[StationStatus], list[str], bool]:
        """The statuses of these stations in this order, the ids that are not found, and whether with the cache."""
        snapshot = self._index.snapshot()
        found = {station_id: snapshot.seen(station_id, viewer) for station_id in station_ids}
        entries = [entry for entry in found.values() if entry is not None]
        not_found = [station_id for station_id, entry in found.items() if entry is None]
        statuses, with_cache = self.statuses(entries)
        return self._station_statuses(entries, statuses), not_found, with_cache

    def status_in(
        self, question: Question, *, limit: int, cursor: str | None
    ) -> tuple[list[StationStatus], str | None, bool]:
        """The statuses of a page of the stations that answer the question, and the next cursor."""
        snapshot = self._index.snapshot()
        placed = self._places.placed(question, snapshot, cursor)
        found = self.found(placed.question, snapshot)
        page, statuses, with_cache = self.page_of(question, _after(found, placed), limit)
        next_cursor = placed.cursor(page[limit - 1].key) if len(page) > limit else None
        entries = [candidate.entry for candidate in page[:limit]]
        return self._station_statuses(entries, statuses), next_cursor, with_cache

    def _station_statuses(self, entries: Sequence[Entry], statuses: Mapping[int, PortStatus]) -> list[StationStatus]:
        maintenance = self._maintenance(entries, self._clock.now())
        return [station_status(entry, statuses, maintenance.get(entry.pk, ())) for entry in entries]


def _entry_seen(snapshot: Snapshot, station_id: str, viewer: Viewer) -> Entry:
    entry = snapshot.seen(station_id, viewer)
    if entry is None:
        raise UnknownStation
    return entry


def _after(found: Candidates, placed: Placed) -> Candidates:
    """The candidates behind the cursor."""
    return found if placed.after is None else found.after(placed.after)
