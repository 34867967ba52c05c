"""SQL of statuses: the latest report of each port, guarded against older ones, and the log of all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from finder.domain.status import Report, TechnicalStatus
from finder.tables import PortRow, PortStatusRow, StationRow, StatusReportRow

_AT_ONCE = 500


def port_keys(session: Session, named: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, int]]:
    """Keys of station and port for each (station id, port number) that exists."""
    query = (
        select(StationRow.station_id, PortRow.port_number, StationRow.id, PortRow.id)
        .join(PortRow, PortRow.station_pk == StationRow.id)
        .where(
            StationRow.station_id.in_({station_id for station_id, _ in named}),
            StationRow.removed_at.is_(None),
            PortRow.removed.is_(False),
        )
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(query)}


def latest(session: Session, port_ids: Sequence[int]) -> dict[int, Report]:
    """The latest report of each port that ever reported."""
    query = select(PortStatusRow).where(PortStatusRow.port_id.in_(port_ids))
    return {row.port_id: _report(row) for row in session.execute(query).scalars()}


def latest_of_stations(session: Session, station_pks: Sequence[int]) -> dict[int, dict[int, Report]]:
    """Station key → port key → latest report; every station asked for has an entry."""
    found: dict[int, dict[int, Report]] = {pk: {} for pk in station_pks}
    for start in range(0, len(station_pks), _AT_ONCE):
        query = (
            select(PortRow.station_pk, PortStatusRow)
            .join(PortStatusRow, PortStatusRow.port_id == PortRow.id)
            .where(PortRow.station_pk.in_(station_pks[start : start + _AT_ONCE]))
        )
        for station_pk, row in session.execute(query):
            found[station_pk][row.port_id] = _report(row)
    return found


def received_since(session: Session, moment: datetime) -> dict[int, dict[int, Report]]:
    """Station key → port key → latest report, of the ports heard of since this moment."""
    query = (
        select(PortRow.station_pk, PortStatusRow)
        .join(PortStatusRow, PortStatusRow.port_id == PortRow.id)
        .where(PortStatusRow.received_at >= moment)
    )
    found: dict[int, dict[int, Report]] = {}
    for station_pk, row in session.execute(query):
        found.setdefault(station_pk, {})[row.port_id] = _report(row)
    return found


def _report(row: PortStatusRow) -> Report:
    return Report(
        technical_status=TechnicalStatus(row.technical_status),
        reported_at=row.reported_at,
        sequence=row.sequence,
        received_at=row.received_at,
        status_changed_at=row.status_changed_at,
        error_code=row.error_code,
        raw_status=row.raw_status,
        clamped=row.clamped,
    )


def keep_if_newer(session: Session, reports: Mapping[int, Report]) -> set[int]:
    """Write the reports that are newer than what is there; returns the ports they were written for.

    One statement, so that of two intakes at once the newer report stays whichever commits last. Ports are written
    in the order of their keys, so that two intakes never wait for each other.
    """
    if not reports:
        return set()
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(PortStatusRow)
    new = statement.excluded
    columns = {name: new[name] for name in _values(0, next(iter(reports.values()))) if name != "port_id"}
    held = tuple_(PortStatusRow.reported_at, PortStatusRow.sequence)
    guarded = statement.on_conflict_do_update(
        index_elements=["port_id"], set_=columns, where=tuple_(new.reported_at, new.sequence) > held
    ).returning(PortStatusRow.port_id)
    rows = [_values(port_id, report) for port_id, report in sorted(reports.items())]
    return set(session.connection().execute(guarded, rows).scalars())


def _values(port_id: int, report: Report) -> dict[str, Any]:
    return {
        "port_id": port_id,
        "technical_status": report.technical_status.value,
        "raw_status": report.raw_status,
        "error_code": report.error_code,
        "reported_at": report.reported_at,
        "sequence": report.sequence,
        "received_at": report.received_at,
        "status_changed_at": report.status_changed_at,
        "clamped": report.clamped,
    }


def log_reports(session: Session, reports: Sequence[tuple[int, Report]]) -> None:
    """Add reports to the log, in the order in which they came."""
    kept = ("port_id", "technical_status", "raw_status", "error_code", "reported_at", "sequence", "received_at")
    rows = [{name: _values(port_id, report)[name] for name in kept} for port_id, report in reports]
    if rows:
        session.execute(insert(StatusReportRow), rows)


def log_of_station(session: Session, station_pk: int, *, port_number: int | None, limit: int) -> list[dict[str, Any]]:
    """The newest entries of a station's status log, newest first."""
    query = (
        select(PortRow.port_number, StatusReportRow)
        .join(PortRow, PortRow.id == StatusReportRow.port_id)
        .where(PortRow.station_pk == station_pk)
    )
    if port_number is not None:
        query = query.where(PortRow.port_number == port_number)
    rows = session.execute(query.order_by(StatusReportRow.id.desc()).limit(limit))
    return [
        {
            "port_number": number,
            "technical_status": row.technical_status,
            "raw_status": row.raw_status,
            "error_code": row.error_code,
            "reported_at": row.reported_at,
            "received_at": row.received_at,
            "sequence": row.sequence,
        }
        for number, row in rows
    ]


def forget_reports_before(session: Session, moment: datetime, *, demo: bool) -> int:
    """Take old entries out of the log, of demo stations or of all others; returns how many."""
    ports = select(PortRow.id).join(StationRow, StationRow.id == PortRow.station_pk).where(StationRow.demo.is_(demo))
    old = delete(StatusReportRow).where(StatusReportRow.received_at < moment, StatusReportRow.port_id.in_(ports))
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
