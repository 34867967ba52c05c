"""Short words for the status tests: a station with ports, reports told in seconds, and what SQL and the cache hold."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, text

from finder.catalogue import StationCatalogue
from finder.domain.station import Network
from finder.domain.status import Report
from finder.live_status import LiveStatus
from finder.said import Said
from finder.status_cache import StatusCache
from finder.status_log_store import spells_of
from finder.tables import PortStatusRow, StatusReportRow, StatusSpellRow
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.installation import Installation
from tests.builders import a_port, a_station
from tests.conftest import NOW

STATION = "7:1"
Held = tuple[str, float, int]


def said(at_s: float, status: str = "charging", *, sequence: int = 0, port: int = 1, **more: Any) -> Said:
    """A report of a time so many seconds before or after noon."""
    return Said(
        station_id=more.pop("station_id", STATION),
        port_number=port,
        technical_status=status,
        reported_at=NOW + timedelta(seconds=at_s),
        sequence=sequence,
        **more,
    )


class Ports:
    """A station with ports in a database of its own, and what is known of them."""

    def __init__(self, database: Database, cache: Cache, clock: FixedClock, *, ports: int = 2) -> None:
        self.database, self.cache, self.clock = database, cache, clock
        self.catalogue = StationCatalogue(database, clock)
        self.catalogue.add_networks([Network(7, "SEVEN")])
        station = a_station(STATION, ports=tuple(map(a_port, range(1, ports + 1))))
        self.catalogue.merge([station], source="test", complete=False, force=False)
        listed = self.catalogue.listed(STATION)
        self.pk, self.port_ids = listed.pk, [port.port_id for port in listed.ports]
        self.status_cache = StatusCache(cache, Installation(database))
        self.live = LiveStatus(database, self.status_cache, clock)

    def take(self, *reports: Said) -> list[str]:
        """What became of these reports, in one call."""
        return [verdict.outcome.value for verdict in self.live.take(reports)]

    def writer(self, database: Database, cache: Cache) -> LiveStatus:
        """Another intake on the same ports, as another process has it."""
        return LiveStatus(database, StatusCache(cache, Installation(database)), self.clock)

    def in_sql(self) -> dict[int, Held]:
        """Port key → latest report, as the database has it."""
        with self.database.reading() as session:
            query = select(PortStatusRow.port_id, PortStatusRow.technical_status, PortStatusRow.reported_at)
            rows = session.execute(query.add_columns(PortStatusRow.sequence)).all()
        return {row[0]: (row[1], (row[2] - NOW).total_seconds(), row[3]) for row in rows}

    def in_cache(self) -> dict[int, Held]:
        """The same as the cache has it, whether it knows all or not."""
        self.status_cache.keep_whole({self.pk: {}})
        return self.held(self.status_cache.latest([self.pk])[self.pk] or {})

    def told(self) -> dict[int, Held]:
        """The same as a search is told it."""
        return self.held(self.live.latest([self.pk])[0].get(self.pk, {}))

    def changed(self) -> dict[int, float]:
        """Port key → when its status became what it is, as a search is told it."""
        reports = self.live.latest([self.pk])[0].get(self.pk, {})
        return {port_id: (one.status_changed_at - NOW).total_seconds() for port_id, one in reports.items()}

    def spells(self) -> dict[int, list[tuple[str, float]]]:
        """Port key → its spells: what it was, and since when."""
        with self.database.reading() as session:
            found = spells_of(session, self.port_ids, since=NOW - timedelta(days=100))
        return {
            port_id: [(one.technical_status.value, (one.began_at - NOW).total_seconds()) for one in some]
            for port_id, some in found.items()
        }

    @staticmethod
    def held(reports: dict[int, Report]) -> dict[int, Held]:
        return {
            port_id: (one.technical_status.value, (one.reported_at - NOW).total_seconds(), one.sequence)
            for port_id, one in reports.items()
        }

    def forget(self) -> None:
        """As if nothing had ever been reported."""
        with self.database.writing() as session:
            session.execute(delete(PortStatusRow))
            session.execute(delete(StatusReportRow))
            session.execute(delete(StatusSpellRow))
        self.cache.attempt(lambda client: client.flushall())

    def logged(self) -> int:
        with self.database.reading() as session:
            return int(session.execute(text("SELECT count(*) FROM status_reports")).scalar_one())
