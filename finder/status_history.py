"""StatusHistory: what ports said as it came, and how reliably they worked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from finder import status_log_store as log_store
from finder import status_store as store
from finder.domain.reliability import Record, Reliability, record_of, reliability_of
from finder.records import ListedStation
from finder.thresholds import NetworkThresholds
from kernel.clock import Clock
from kernel.database import Database
from kernel.paging import cursor_after, key_of

DAYS = (30, 90)
SPELLS_KEPT = timedelta(days=max(DAYS) + 1)
REPORTS_KEPT = timedelta(days=14)
DEMO_REPORTS_KEPT = timedelta(days=1)  # more than reports may be late


@dataclass(frozen=True, slots=True)
class StationReliability:
    """How reliably a station worked in the last so many days, in all and by port number."""

    days: int
    start: datetime
    end: datetime
    station: Reliability
    ports: tuple[tuple[int, Reliability], ...]


class StatusHistory:
    """Reads the log and the spells that the intake writes, and forgets what is old."""

    def __init__(self, database: Database, clock: Clock, thresholds: NetworkThresholds) -> None:
        self._database = database
        self._clock = clock
        self._thresholds = thresholds

    def log_of(
        self, station_pk: int, *, port_number: int | None, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of a station's reports as received, newest first, and the next cursor. Raises InvalidCursor."""
        question = ("status-log", station_pk, port_number)
        before = None if cursor is None else key_of(cursor, question, (int,))[0]
        with self._database.reading() as session:
            rows = log_store.log_of_station(
                session, station_pk, port_number=port_number, before=before, limit=limit + 1
            )
        next_cursor = cursor_after([rows[limit - 1][0]], question) if len(rows) > limit else None
        return [entry for _, entry in rows[:limit]], next_cursor

    def reliability_of(self, listed: ListedStation) -> list[StationReliability]:
        """How reliably a station worked, over 30 and 90 days."""
        now = self._clock.now()
        ports = {port.port_id: port.port.port_number for port in listed.ports}
        with self._database.reading() as session:
            spells = log_store.spells_of(session, ports, since=now - timedelta(days=max(DAYS)))
            latest = store.latest_of_stations(session, [listed.pk])[listed.pk]
        unreachable_after_s = self._thresholds.of(listed.station.network_id).unreachable_after_s
        found = []
        for days in DAYS:
            start = now - timedelta(days=days)
            records = {
                number: record_of(spells.get(port_id, ()), latest.get(port_id), start, now, unreachable_after_s)
                for port_id, number in ports.items()
            }
            of_ports = tuple((number, reliability_of(record)) for number, record in records.items())
            whole = reliability_of(sum(records.values(), Record()))
            found.append(StationReliability(days, start, now, whole, of_ports))
        return found

    def forget_old(self) -> int:
        """Take out reports after 14 days (of demo stations after one) and spells that ended 91 days ago; how many."""
        now = self._clock.now()
        with self._database.writing() as session:
            return (
                log_store.forget_reports_before(session, now - REPORTS_KEPT, demo=False)
                + log_store.forget_reports_before(session, now - DEMO_REPORTS_KEPT, demo=True)
                + log_store.forget_spells_before(session, now - SPELLS_KEPT)
            )
