"""SQL of what was: reports as they were received, for days, and the spells of each port, for months."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from finder.domain.freshness import CLOCK_TOLERANCE
from finder.domain.spells import Spell
from finder.domain.status import Report, TechnicalStatus
from finder.tables import PortRow, StationRow, StatusReportRow, StatusSpellRow
from kernel.bulk import Rows


def logged(port_ids: Sequence[int], reports: Sequence[Report], said_at: Sequence[datetime]) -> Rows:
    """Entries of the log, in the order in which they came: port keys, reports, and the times that the chargers said."""
    columns = {
        "port_id": port_ids,
        "technical_status": [report.technical_status for report in reports],
        "raw_status": [report.raw_status for report in reports],
        "error_code": [report.error_code for report in reports],
        "reported_at": said_at,
        "sequence": [report.sequence for report in reports],
        "received_at": [report.received_at for report in reports],
        "clamped": [report.clamped for report in reports],
    }
    return Rows(StatusReportRow, columns)


def reports_since(session: Session, port_ids: Iterable[int], moment: datetime) -> dict[int, list[Report]]:
    """Port key → the reports that count for this moment or later, each as often as it came."""
    query = select(StatusReportRow).where(
        StatusReportRow.port_id.in_(sorted(port_ids)), StatusReportRow.received_at >= moment - CLOCK_TOLERANCE
    )
    found: dict[int, list[Report]] = {}
    for row in session.execute(query.order_by(StatusReportRow.id)).scalars():
        report = _report(row)
        if report.reported_at >= moment:
            found.setdefault(row.port_id, []).append(report)
    return found


def _report(row: StatusReportRow) -> Report:
    """A logged report, counted for the time that was believed."""
    believed_at = row.received_at if row.clamped else row.reported_at
    return Report(
        technical_status=TechnicalStatus(row.technical_status),
        reported_at=believed_at,
        sequence=row.sequence,
        received_at=row.received_at,
        status_changed_at=believed_at,
        error_code=row.error_code,
        raw_status=row.raw_status,
        clamped=row.clamped,
    )


def log_of_station(
    session: Session, station_pk: int, *, port_number: int | None, before: int | None, limit: int
) -> list[tuple[int, dict[str, Any]]]:
    """The newest entries of a station's log as (key, entry), newest first; those `before` a key on later pages."""
    query = (
        select(PortRow.port_number, StatusReportRow)
        .join(PortRow, PortRow.id == StatusReportRow.port_id)
        .where(PortRow.station_pk == station_pk)
    )
    if port_number is not None:
        query = query.where(PortRow.port_number == port_number)
    if before is not None:
        query = query.where(StatusReportRow.id < before)
    rows = session.execute(query.order_by(StatusReportRow.id.desc()).limit(limit))
    return [(row.id, _entry(number, row)) for number, row in rows]


def _entry(port_number: int, row: StatusReportRow) -> dict[str, Any]:
    return {
        "port_number": port_number,
        "technical_status": row.technical_status,
        "raw_status": row.raw_status or row.technical_status,
        "error_code": row.error_code,
        "reported_at": row.reported_at,
        "received_at": row.received_at,
        "sequence": row.sequence,
        "clamped": row.clamped,
    }


def told(spells: Mapping[int, Sequence[Spell]]) -> Rows:
    """Spells of these ports, to be added to their histories."""
    port_ids = [port_id for port_id, some in spells.items() for _ in some]
    columns = zip(*(spell for some in spells.values() for spell in some), strict=True)
    return Rows(StatusSpellRow, {"port_id": port_ids, **dict(zip(Spell._fields, columns, strict=False))})


def forget_spells_since(session: Session, port_ids: Sequence[int], moment: datetime) -> None:
    """Take out the spells of these ports that began at this moment or later."""
    row = StatusSpellRow
    if port_ids:
        later = delete(row).where(row.port_id.in_(port_ids), row.began_at >= moment)
        session.execute(later.execution_options(synchronize_session=False))


def spells_of(session: Session, port_ids: Iterable[int], *, since: datetime) -> dict[int, list[Spell]]:
    """Port key → the spells of this span in their order, beginning with the one in which it begins."""
    row, ids = StatusSpellRow, sorted(port_ids)
    starts = (
        select(row.port_id, func.max(row.began_at).label("began_at"))
        .where(row.port_id.in_(ids), row.began_at < since)
        .group_by(row.port_id)
        .subquery()
    )
    before = select(row).join(starts, (row.port_id == starts.c.port_id) & (row.began_at == starts.c.began_at))
    within = select(row).where(row.port_id.in_(ids), row.began_at >= since)
    found: dict[int, list[Spell]] = {}
    for query in (before, within):
        rows = session.execute(query.order_by(row.port_id, row.began_at, row.sequence, row.weight)).scalars()
        for one in rows:
            found.setdefault(one.port_id, []).append(_spell(one))
    return found


def _spell(row: StatusSpellRow) -> Spell:
    return Spell(
        technical_status=TechnicalStatus(row.technical_status),
        began_at=row.began_at,
        sequence=row.sequence,
        weight=row.weight,
        status_changed_at=row.status_changed_at,
        heard_before=row.heard_before,
        reports_before=row.reports_before,
    )


def forget_reports_before(session: Session, moment: datetime, *, demo: bool) -> int:
    """Take old reports out of the log, of demo stations or of all others; returns how many."""
    ports = select(PortRow.id).join(StationRow, StationRow.id == PortRow.station_pk).where(StationRow.demo.is_(demo))
    old = delete(StatusReportRow).where(StatusReportRow.received_at < moment, StatusReportRow.port_id.in_(ports))
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def forget_spells_before(session: Session, moment: datetime) -> int:
    """Take out the spells that were over at this moment; returns how many. The one that it falls into stays."""
    row, later = StatusSpellRow, aliased(StatusSpellRow)
    over = (
        select(later.port_id)
        .where(later.port_id == row.port_id, later.began_at <= moment)
        .where(tuple_(later.began_at, later.sequence, later.weight) > tuple_(row.began_at, row.sequence, row.weight))
    )
    old = delete(row).where(row.began_at < moment, over.exists()).execution_options(synchronize_session=False)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
