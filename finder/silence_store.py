"""SQL of silence: ports of which something better was told than their silence allows, and their stations."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, text
from sqlalchemy.orm import Session

from finder.domain.freshness import CLOCK_TOLERANCE, Freshness, Thresholds
from finder.status_store import PLACE, Place
from finder.tables import PortRow, PortStatusRow, StationRow

_AT_ONCE = 500


def quieter_than_told(
    session: Session,
    thresholds: Thresholds,
    now: datetime,
    *,
    networks: Sequence[int],
    but: bool,
    limit: int,
    offset: int = 0,
) -> list[Place]:
    """Ports of which something better was told than their silence allows now; of these networks, or of all but these.

    One range of the index of ports that are not told as UNREACHABLE. Ages count in whole seconds.
    """
    gone = _silent_for(thresholds.unreachable_after_s, now)
    stale = and_(_silent_for(thresholds.stale_after_s, now), PortStatusRow.told_freshness == Freshness.FRESH.value)
    ours = StationRow.network_id.not_in(networks) if but else StationRow.network_id.in_(networks)
    query = (
        select(*PLACE)
        .join(PortRow, PortRow.station_pk == StationRow.id)
        .join(PortStatusRow, PortStatusRow.port_id == PortRow.id)
        .where(PortStatusRow.told_status != text("'UNREACHABLE'"), or_(gone, stale), ours)
        .where(StationRow.removed_at.is_(None), PortRow.removed.is_(False))
        .order_by(PortStatusRow.reported_at, PortStatusRow.port_id)
        .limit(limit)
        .offset(offset)
    )
    return [Place(*row) for row in session.execute(query)]


def _silent_for(seconds: int, now: datetime) -> ColumnElement[bool]:
    """The port's age is more than so many whole seconds; it counts from the earlier of its report's two times."""
    latest = now - timedelta(seconds=seconds + 1)
    said_before = PortStatusRow.reported_at <= latest + CLOCK_TOLERANCE  # what the index can be asked
    return and_(said_before, or_(PortStatusRow.reported_at <= latest, PortStatusRow.received_at <= latest))


def stations_named(session: Session, station_pks: Sequence[int]) -> dict[int, str]:
    """Station key → station id, of those that are not removed."""
    query = select(StationRow.id, StationRow.station_id).where(StationRow.removed_at.is_(None))
    found: dict[int, str] = {}
    for start in range(0, len(station_pks), _AT_ONCE):
        rows = session.execute(query.where(StationRow.id.in_(station_pks[start : start + _AT_ONCE])))
        found |= {row[0]: row[1] for row in rows}
    return found
