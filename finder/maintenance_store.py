"""SQL of announced maintenance: the windows, the stations they name, and which of their events have been told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from finder.domain.maintenance import Effect, Maintenance, Scope, State, network_of
from finder.maintenance_tables import MaintenanceRow, MaintenanceStationRow
from finder.tables import NetworkRow, StationRow
from kernel.window import Window

_AT_ONCE = 500
_LIVE = MaintenanceRow.cancelled_at.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which windows are asked for; what is None or empty asks for nothing in particular."""

    states: frozenset[State] = frozenset()
    station_id: str | None = None
    network_id: int | None = None
    active_at: datetime | None = None


def add(session: Session, one: Maintenance, *, by: str) -> None:
    row = MaintenanceRow(
        maintenance_id=one.maintenance_id,
        network_id=one.scope.network_id,
        organization_id=one.scope.organization_id,
        start_at=one.window.start,
        end_at=one.window.end,
        message=one.message,
        effects=sorted(one.effects),
        announced_at=one.announced_at,
        announced_by=by,
    )
    session.add(row)
    session.flush()
    if one.scope.station_ids:
        named = [{"window_id": row.id, "station_id": station_id} for station_id in one.scope.station_ids]
        session.execute(insert(MaintenanceStationRow), named)


def is_network(session: Session, network_id: int) -> bool:
    """Whether there is such a network."""
    return session.get(NetworkRow, network_id) is not None


def owns_stations(session: Session, organization_id: str) -> bool:
    """Whether the organization has any station."""
    owned = select(StationRow.id).where(StationRow.organization_id == organization_id, StationRow.removed_at.is_(None))
    return session.execute(owned.limit(1)).first() is not None


def stations_among(session: Session, station_ids: Sequence[str]) -> set[str]:
    """Those of these ids that stations have."""
    found: set[str] = set()
    for start in range(0, len(station_ids), _AT_ONCE):
        query = select(StationRow.station_id).where(
            StationRow.station_id.in_(station_ids[start : start + _AT_ONCE]), StationRow.removed_at.is_(None)
        )
        found |= set(session.execute(query).scalars())
    return found


def owners(session: Session, station_ids: Sequence[str]) -> dict[str, str]:
    """Station id → organization id, of these stations; empty where there is no owner."""
    query = select(StationRow.station_id, StationRow.organization_id).where(StationRow.station_id.in_(station_ids))
    return {row[0]: row[1] or "" for row in session.execute(query)}


def not_over(session: Session, now: datetime) -> tuple[Maintenance, ...]:
    """The windows that are active or still to come."""
    query = select(MaintenanceRow).where(_LIVE, MaintenanceRow.end_at > now)
    return _maintenance(session, session.execute(query).scalars().all())


def of_installation(session: Session, now: datetime) -> tuple[Maintenance, ...]:
    """The active windows that are for the whole installation."""
    query = select(MaintenanceRow).where(
        _LIVE, MaintenanceRow.start_at <= now, MaintenanceRow.end_at > now, _is_everything()
    )
    return _maintenance(session, session.execute(query.order_by(MaintenanceRow.id)).scalars().all())


def named(session: Session, maintenance_id: str) -> Maintenance | None:
    """The window with this id, unless it was cancelled."""
    query = select(MaintenanceRow).where(MaintenanceRow.maintenance_id == maintenance_id, _LIVE)
    found = _maintenance(session, session.execute(query).scalars().all())
    return found[0] if found else None


def windows(
    session: Session, wanted: Filter, *, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> tuple[Maintenance, ...]:
    """The windows that were not cancelled and answer the filter, by start, after this one."""
    query = select(MaintenanceRow).where(_LIVE, *_conditions(wanted, now))
    if after is not None:
        query = query.where(_after(*after))
    query = query.order_by(MaintenanceRow.start_at, MaintenanceRow.maintenance_id).limit(limit)
    return _maintenance(session, session.execute(query).scalars().all())


def _after(start: datetime, maintenance_id: str) -> ColumnElement[bool]:
    same = and_(MaintenanceRow.start_at == start, MaintenanceRow.maintenance_id > maintenance_id)
    return or_(MaintenanceRow.start_at > start, same)


def _conditions(wanted: Filter, now: datetime) -> Iterable[ColumnElement[bool]]:
    start, end = MaintenanceRow.start_at, MaintenanceRow.end_at
    of_state = {
        State.ANNOUNCED: start > now,
        State.ACTIVE: and_(start <= now, end > now),
        State.ENDED: end <= now,
    }
    if wanted.states:
        yield or_(*(of_state[state] for state in sorted(wanted.states)))
    if wanted.active_at is not None:
        yield and_(start <= wanted.active_at, end > wanted.active_at)
    if wanted.station_id is not None:
        yield _concerns_station(wanted.station_id)
    if wanted.network_id is not None:
        yield _concerns_network(wanted.network_id)


def _of_stations(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(MaintenanceStationRow.window_id == MaintenanceRow.id, *conditions)


def _is_everything() -> ColumnElement[bool]:
    return and_(MaintenanceRow.network_id.is_(None), MaintenanceRow.organization_id.is_(None), ~_of_stations())


def _concerns_station(station_id: str) -> ColumnElement[bool]:
    owner = select(StationRow.organization_id).where(StationRow.station_id == station_id).scalar_subquery()
    return or_(
        _is_everything(),
        MaintenanceRow.network_id == network_of(station_id),
        MaintenanceRow.organization_id == owner,
        _of_stations(MaintenanceStationRow.station_id == station_id),
    )


def _concerns_network(network_id: int) -> ColumnElement[bool]:
    """For the whole network, or for some of its stations."""
    owner = exists().where(
        StationRow.organization_id == MaintenanceRow.organization_id, StationRow.network_id == network_id
    )
    return or_(
        _is_everything(),
        MaintenanceRow.network_id == network_id,
        owner,
        _of_stations(MaintenanceStationRow.station_id.startswith(f"{network_id}:")),
    )


def cancel(session: Session, maintenance_id: str, now: datetime) -> Maintenance | None:
    """Cancel a window that is not over; None where there is none."""
    found = named(session, maintenance_id)
    this = update(MaintenanceRow).where(MaintenanceRow.maintenance_id == maintenance_id)
    done = this.where(_LIVE, MaintenanceRow.end_at > now).values(cancelled_at=now)
    return found if _count(session, done) else None


def end_now(session: Session, maintenance_id: str, now: datetime) -> bool:
    """Let a window that has begun end at this moment."""
    this = update(MaintenanceRow).where(MaintenanceRow.maintenance_id == maintenance_id)
    begun = this.where(_LIVE, MaintenanceRow.start_at < now, MaintenanceRow.end_at > now)
    return _count(session, begun.values(end_at=now)) > 0


def _count(session: Session, statement: object) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[call-overload]


def claim_started(session: Session, now: datetime) -> tuple[Maintenance, ...]:
    """The windows that have begun and of which nobody has told so yet; from now on it has been told."""
    return _claim(session, MaintenanceRow.started_told_at, MaintenanceRow.start_at, now)


def claim_ended(session: Session, now: datetime) -> tuple[Maintenance, ...]:
    """The windows that have ended and of which nobody has told so yet; from now on it has been told."""
    return _claim(session, MaintenanceRow.ended_told_at, MaintenanceRow.end_at, now)


def _claim(
    session: Session,
    told_at: InstrumentedAttribute[datetime | None],
    moment: InstrumentedAttribute[datetime],
    now: datetime,
) -> tuple[Maintenance, ...]:
    """One guarded UPDATE, so that of two who tell, or of one who tells and one who cancels, only one gets the row."""
    claim = update(MaintenanceRow).where(told_at.is_(None), _LIVE, moment <= now).values({told_at: now})
    ids = session.execute(claim.returning(MaintenanceRow.id)).scalars().all()
    query = select(MaintenanceRow).where(MaintenanceRow.id.in_(ids)).order_by(moment, MaintenanceRow.id)
    return _maintenance(session, session.execute(query).scalars().all()) if ids else ()


def _maintenance(session: Session, rows: Sequence[MaintenanceRow]) -> tuple[Maintenance, ...]:
    named: dict[int, list[str]] = {}
    without = [row.id for row in rows if row.network_id is None and row.organization_id is None]
    for start in range(0, len(without), _AT_ONCE):
        query = select(MaintenanceStationRow.window_id, MaintenanceStationRow.station_id).where(
            MaintenanceStationRow.window_id.in_(without[start : start + _AT_ONCE])
        )
        for window_id, station_id in session.execute(query.order_by(MaintenanceStationRow.station_id)):
            named.setdefault(window_id, []).append(station_id)
    return tuple(_one(row, named.get(row.id, ())) for row in rows)


def _one(row: MaintenanceRow, station_ids: Iterable[str]) -> Maintenance:
    return Maintenance(
        maintenance_id=row.maintenance_id,
        scope=Scope(network_id=row.network_id, organization_id=row.organization_id, station_ids=tuple(station_ids)),
        window=Window(row.start_at, row.end_at),
        message=row.message,
        effects=frozenset(map(Effect, row.effects)),
        announced_at=row.announced_at,
        cancelled_at=row.cancelled_at,
    )
