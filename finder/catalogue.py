"""StationCatalogue: stations added, changed and removed, each with an entry in the change log."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from finder import catalogue_events, store
from finder.domain.station import Network, Station, Visibility, is_station_id, networks_named_by
from finder.domain.tariff import Tariff
from finder.imports.account import Merge
from finder.imports.tariffs import StationTariff
from finder.index_store import latest_change
from finder.known_stations import KnownStations
from finder.records import ListedPort, ListedStation, digest_of
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFound, Refusal

MOST_LOST = 0.10
_AT_ONCE = 500


class UnknownStation(NotFound):
    """There is no station with this id."""

    code = "unknown_station"
    response_code = "119"


class UnknownPort(NotFound):
    """The station has no port with this number."""

    code = "unknown_port"
    response_code = "119"


class ShrinksTooMuch(Refusal):
    """More than 10 % of the stations would be removed. Nothing was changed; give --force if that is meant."""

    status = 409
    code = "shrinks_too_much"


class NoStations(Refusal):
    """There is not one station in what should be all of them. Nothing was changed."""

    status = 409
    code = "no_stations"


class StationOfAnotherSource(Refusal):
    """A station with this id came from another source. Nothing was changed."""

    status = 409
    code = "station_of_another_source"


class ChangedMeanwhile(Refusal):
    """The station was changed since the version that If-Match names. Read it again."""

    status = 412
    code = "changed_meanwhile"


class StationCatalogue:
    """The network's stations. `changed` is called after each commit that changed any."""

    def __init__(self, database: Database, clock: Clock, changed: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._clock = clock
        self._changed = changed
        self._known = KnownStations()

    @contextmanager
    def _changing(self) -> Iterator[Session]:
        """A transaction that changes stations: one at a time, told of by events and, once committed, by `changed`."""
        with self._database.writing() as session:
            store.be_the_one_writer(session)
            before = latest_change(session)
            yield session
            catalogue_events.announce_since(session, before, self._clock.now())
            self._database.when_committed(self._changed)

    def networks(self) -> tuple[Network, ...]:
        """The networks that have stations (guide 5.1)."""
        with self._database.reading() as session:
            return store.networks(session)

    def has_stations(self) -> bool:
        """Whether there is, or ever was, any station."""
        with self._database.reading() as session:
            return store.has_stations(session)

    def listed(self, station_id: str) -> ListedStation:
        """One station, whole. Raises UnknownStation."""
        if not is_station_id(station_id):
            raise UnknownStation
        with self._database.reading() as session:
            found = store.stations_by_id(session, [station_id])
        if station_id not in found:
            raise UnknownStation
        return found[station_id]

    def listed_at(self, station_id: str, change: int) -> ListedStation:
        """The same, from memory where it was read at this change or later. Raises UnknownStation."""
        return self._known.of(station_id, change, lambda: self._read(station_id))

    def _read(self, station_id: str) -> tuple[int, ListedStation]:
        with self._database.reading() as session:
            return latest_change(session), self.listed(station_id)

    def listed_among(self, station_ids: Iterable[str]) -> dict[str, ListedStation]:
        """Those of the stations that there are, by id, in the order of the ids; however many, read at once."""
        wanted = [station_id for station_id in dict.fromkeys(station_ids) if is_station_id(station_id)]
        with self._database.reading() as session:
            found = store.stations_by_id(session, wanted)
        return {station_id: found[station_id] for station_id in wanted if station_id in found}

    def add_networks(self, networks: Sequence[Network], *, demo: bool = False) -> None:
        """Add those that are not known yet."""
        with self._database.writing() as session:
            store.add_missing_networks(session, networks, demo=demo)

    def merge(
        self, stations: Iterable[Station], *, source: str, complete: bool, force: bool, spared: Collection[str] = ()
    ) -> Merge:
        """Add and change stations in one transaction; an exception from the iterable undoes everything.

        With `complete`, stations of the source that are not among them are removed, but for those whose identifiers
        are `spared` when the iterable has ended: they are there, and could not be read. Raises NoStations,
        ShrinksTooMuch where more than 10 % would be removed without `force`, StationOfAnotherSource.
        """
        with self._changing() as session:
            missing = store.pks_of_source(session, source)
            before = len(missing)
            merge = self._merged(session, stations, source=source, missing=missing)
            if not complete:
                missing = set()
            if complete and not merge.added + merge.changed + merge.unchanged:
                raise NoStations
            if missing and spared:
                missing -= store.pks_identified(session, sorted(missing), spared)
            if len(missing) > before * MOST_LOST and not force:
                raise ShrinksTooMuch(
                    f"{len(missing):,} of {before:,} stations would be removed, more than 10 %. "
                    "Nothing was changed; give --force if that is meant."
                )
            store.remove_stations(session, sorted(missing), now=self._clock.now())
        return Merge(merge.added, merge.changed, merge.unchanged, removed=len(missing))

    def _merged(self, session: Session, stations: Iterable[Station], *, source: str, missing: set[int]) -> Merge:
        """Batch by batch; takes out of `missing` what was among the stations."""
        added = changed = unchanged = 0
        for batch in _batches(stations):
            known = store.known_stations(session, [station.station_id for station in batch])
            new = [station for station in batch if station.station_id not in known]
            store.add_missing_networks(session, networks_named_by(new))
            missing -= store.add_stations(session, new, source=source, now=self._clock.now())
            added += len(new)
            for station in batch:
                if station.station_id in known:
                    is_changed = self._rewritten(session, station, known[station.station_id], source)
                    changed, unchanged = changed + is_changed, unchanged + (not is_changed)
                    missing.discard(known[station.station_id].pk)
        return Merge(added, changed, unchanged)

    def _rewritten(self, session: Session, station: Station, known: store.Known, source: str) -> bool:
        """Whether the station differs from what was known and so was written."""
        if known.source != source and not known.is_removed:
            raise StationOfAnotherSource(f"{station.station_id} came from {known.source}. Nothing was changed.")
        if known.record_digest == digest_of(station) and not known.is_removed:
            return False
        store.change_station(session, known.pk, station, source=source, now=self._clock.now())
        return True

    def set_reservable(self, station_id: str, *, reservable: bool) -> None:
        """Let a station be reserved, or not; later imports leave that alone. Raises UnknownStation."""
        with self._changing() as session:
            pk = self.listed(station_id).pk
            store.set_reservable(session, pk, reservable=reservable, now=self._clock.now())

    def set_visibility(self, station_id: str, visibility: Visibility) -> None:
        """Say who finds a station; later imports leave that alone. Raises UnknownStation."""
        with self._changing() as session:
            held = self.listed(station_id)
            was = held.station.visibility
            store.set_visibility(session, held.pk, visibility, was=was, now=self._clock.now())

    def set_tariff(self, station_id: str, tariff: Tariff | None, *, held: datetime | None = None) -> ListedStation:
        """Give a station a tariff, or an unknown price; later imports leave that alone.

        Quotes and reservations that were made keep their price. Raises UnknownStation, and ChangedMeanwhile where
        the station's `updated_at` is not the one that the caller holds.
        """
        with self._changing() as session:
            before = self.listed(station_id)
            if held is not None and held != before.updated_at:
                raise ChangedMeanwhile
            store.set_tariff(session, before.pk, tariff, now=self._clock.now())
            session.expire_all()
            return self.listed(station_id)

    def merge_tariffs(self, tariffs: Iterable[StationTariff]) -> Merge:
        """Give stations their tariffs in one transaction; an exception from the iterable undoes everything.

        Raises UnknownStation.
        """
        changed = unchanged = 0
        with self._changing() as session:
            for given in tariffs:
                held = self.listed(given.station_id)
                if held.station.tariff == given.tariff:
                    unchanged += 1
                    continue
                store.set_tariff(session, held.pk, given.tariff, now=self._clock.now())
                changed += 1
        return Merge(added=0, changed=changed, unchanged=unchanged)

    def knows(self, station_id: str) -> bool:
        """Whether there is such a station."""
        with self._database.reading() as session:
            return bool(store.known_stations(session, [station_id]))

    def remove_demo(self) -> int:
        """Remove every station of the demo network; returns how many."""
        with self._changing() as session:
            pks = sorted(store.pks_of_source(session, "demo"))
            store.remove_stations(session, pks, now=self._clock.now())
            return len(pks)


def port_numbered(station: ListedStation, port_number: int) -> ListedPort:
    """The station's port of this number. Raises UnknownPort."""
    for listed_port in station.ports:
        if listed_port.port.port_number == port_number:
            return listed_port
    raise UnknownPort


def _batches(stations: Iterable[Station]) -> Iterator[list[Station]]:
    iterator = iter(stations)
    while batch := list(islice(iterator, _AT_ONCE)):
        yield batch
