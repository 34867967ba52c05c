"""SQL of statuses: the latest report of each port, guarded against older ones, and what was told of each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from finder.domain.availability import PortStatus
from finder.domain.freshness import Freshness
from finder.domain.status import Report, Status, TechnicalStatus
from finder.tables import PortRow, PortStatusRow, StationRow, StatusReportRow
from kernel.bulk import Rows, among, insert_rows
from kernel.database import Instant

_AT_ONCE = 500
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # before every report: a row that stands for a port not heard of yet
_COLUMNS = (
    "technical_status raw_status error_code reported_at sequence weight received_at status_changed_at clamped reports "
    "told_status told_freshness"
).split()
_ORDER = ("reported_at", "sequence", "weight", "reports")
KEEP_IF_NEWER = (
    f"(port_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS)} "
    f"WHERE ({', '.join(f'excluded.{name}' for name in _ORDER)}) "
    f"> ({', '.join(f'port_statuses.{name}' for name in _ORDER)})"
)


class Place(NamedTuple):
    """A port, its station and where it is."""

    station_pk: int
    port_id: int
    station_id: str
    port_number: int
    network_id: int
    lat: float
    lon: float
    visibility: str


class Told(NamedTuple):
    """What was told of a port last."""

    status: Status
    freshness: Freshness


class Held(NamedTuple):
    """What is kept of a port: its latest report, and what was told of it last."""

    report: Report
    told: Told


def told_of(status: PortStatus) -> Told:
    """What is told of a port where this is what it is."""
    return Told(status.status, status.age.freshness)


_TECHNICAL_STATUSES = {one.value: one for one in TechnicalStatus}
_STATUSES = {one.value: one for one in Status}
_FRESHNESSES = {one.value: one for one in Freshness}
NOTHING_TOLD = Told(Status.UNKNOWN, Freshness.STALE)
_STATUS: Any = PortStatusRow.__table__.c
_HELD = (  # after the first five in the order of a report's fields
    _STATUS.port_id,
    _STATUS.reports,
    _STATUS.technical_status,
    _STATUS.told_status,
    _STATUS.told_freshness,
    _STATUS.reported_at,
    _STATUS.sequence,
    _STATUS.received_at,
    _STATUS.status_changed_at,
    _STATUS.error_code,
    _STATUS.raw_status,
    _STATUS.clamped,
)
PLACE = (
    StationRow.id,
    PortRow.id,
    StationRow.station_id,
    PortRow.port_number,
    StationRow.network_id,
    StationRow.lat,
    StationRow.lon,
    StationRow.visibility,
)


def places(session: Session, station_ids: Collection[str]) -> Iterator[tuple[Place, bool]]:
    """Every port of these stations, and whether it has been heard of before."""
    query = (
        select(*PLACE, PortStatusRow.port_id.is_not(None))
        .join(PortRow, PortRow.station_pk == StationRow.id)
        .outerjoin(PortStatusRow, PortStatusRow.port_id == PortRow.id)
        .where(
            among(session, StationRow.station_id, sorted(station_ids)),
            StationRow.removed_at.is_(None),
            PortRow.removed.is_(False),
        )
    )
    return ((Place._make(row[:8]), row[8]) for row in session.execute(query).all())


def make_room(session: Session, port_ids: Sequence[int]) -> None:
    """Rows for ports that were never heard of, so that there is something to lock. They are older than any report."""
    unknown = Report(TechnicalStatus.UNKNOWN, _NEVER, 0, _NEVER, _NEVER, reports=0)
    columns = _columns({port_id: Held(unknown, NOTHING_TOLD) for port_id in port_ids})
    insert_rows(session, Rows(PortStatusRow, columns, on_conflict="(port_id) DO NOTHING"))


def locked(session: Session, port_ids: Sequence[int]) -> dict[int, Held | None]:
    """What is kept of these ports, locked until the end of the transaction; None of one not heard of yet.

    Always in the order of keys, so that two intakes never wait for each other.
    """
    query = select(*_HELD).where(among(session, _STATUS.port_id, port_ids)).order_by(_STATUS.port_id).with_for_update()
    rows = session.execute(query).all()
    return {row[0]: _held(row) if row[1] else None for row in rows}


def _held(row: Any) -> Held:
    _, reports, technical_status, status, freshness, *others = row
    report = Report._make((_TECHNICAL_STATUSES[technical_status], *others, None, reports))
    return Held(report, Told(_STATUSES[status], _FRESHNESSES[freshness]))


def newest(kept: Mapping[int, Held]) -> Rows:
    """What is kept of these ports, written where it is newer than what is there, in the order of keys.

    Guarded though the rows are locked: the lock alone would trust every code path that is yet to be written.
    """
    return Rows(PortStatusRow, _columns(kept), on_conflict=KEEP_IF_NEWER)


def _columns(kept: Mapping[int, Held]) -> dict[str, list[Any]]:
    """What is kept of these ports as columns, in the order of keys."""
    port_ids = sorted(kept)
    reports, told = [kept[port_id].report for port_id in port_ids], [kept[port_id].told for port_id in port_ids]
    return {
        "port_id": port_ids,
        "technical_status": [report.technical_status for report in reports],
        "raw_status": [report.raw_status for report in reports],
        "error_code": [report.error_code for report in reports],
        "reported_at": [report.reported_at for report in reports],
        "sequence": [report.sequence for report in reports],
        "weight": [report.weight for report in reports],
        "received_at": [report.received_at for report in reports],
        "status_changed_at": [report.status_changed_at for report in reports],
        "clamped": [report.clamped for report in reports],
        "reports": [report.reports for report in reports],
        "told_status": [one.status for one in told],
        "told_freshness": [one.freshness for one in told],
    }


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
    """Station key → port key → latest report, of the ports that the log has an entry of since this moment."""
    heard = select(StatusReportRow.port_id).where(StatusReportRow.received_at >= moment).distinct().subquery()
    query = (
        select(PortRow.station_pk, PortStatusRow)
        .join(PortStatusRow, PortStatusRow.port_id == PortRow.id)
        .join(heard, heard.c.port_id == PortRow.id)
    )
    found: dict[int, dict[int, Report]] = {}
    for station_pk, row in session.execute(query):
        found.setdefault(station_pk, {})[row.port_id] = _report(row)
    return found


def _report(row: PortStatusRow) -> Report:
    return Report(
        technical_status=_TECHNICAL_STATUSES[row.technical_status],
        reported_at=row.reported_at,
        sequence=row.sequence,
        received_at=row.received_at,
        status_changed_at=row.status_changed_at,
        error_code=row.error_code,
        raw_status=row.raw_status,
        clamped=row.clamped,
        reports=row.reports,
    )


def set_told(session: Session, told: Mapping[int, Told]) -> None:
    """Remember what was told of these ports."""
    for port_id, one in sorted(told.items()):
        values = {"told_status": one.status.value, "told_freshness": one.freshness.value}
        session.execute(update(PortStatusRow).where(PortStatusRow.port_id == port_id).values(values))


def last_contacts(session: Session) -> dict[int, datetime]:
    """Station key → when any of its ports was heard of last, of every station that ever reported."""
    at = case(
        (PortStatusRow.reported_at < PortStatusRow.received_at, PortStatusRow.reported_at),
        else_=PortStatusRow.received_at,
    )
    query = select(PortRow.station_pk, func.max(at, type_=Instant)).join(
        PortStatusRow, PortStatusRow.port_id == PortRow.id
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(PortRow.station_pk))}
