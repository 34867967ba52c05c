"""SQL of what is handed out in bulk: the whole catalogue in batches, what changed since, and the log cut short."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, true
from sqlalchemy.orm import Session

from finder.domain.station import Visibility
from finder.records import ListedStation, listed
from finder.tables import HIDDEN, NetworkRow, PortRow, StationChangeRow, StationRow

_AT_ONCE = 1_000
_STATIONS: Any = StationRow.__table__
_PORTS: Any = PortRow.__table__
_FOR_EVERYONE = _STATIONS.c.visibility == Visibility.EVERYONE.value


def newest_change(session: Session) -> tuple[int, datetime | None]:
    """Number and time of the newest entry of the change log; 0 and None where it is empty."""
    newest = select(StationChangeRow.seq, StationChangeRow.changed_at).order_by(StationChangeRow.seq.desc()).limit(1)
    row = session.execute(newest).first()
    return (row[0], row[1]) if row else (0, None)


def oldest_change(session: Session, *, after: int = 0) -> tuple[int, datetime | None]:
    """Number and time of the first entry behind `after` that the change log still has; 0 and None without one."""
    oldest = select(StationChangeRow.seq, StationChangeRow.changed_at).where(StationChangeRow.seq > after)
    row = session.execute(oldest.order_by(StationChangeRow.seq).limit(1)).first()
    return (row[0], row[1]) if row else (0, None)


def highest_port_number(session: Session) -> int:
    """The highest port number of any station."""
    there = select(func.max(PortRow.port_number)).join(StationRow, StationRow.id == PortRow.station_pk)
    there = there.where(StationRow.removed_at.is_(None), PortRow.removed.is_(False), _FOR_EVERYONE)
    found = session.execute(there).scalar_one()
    return found or 0


def network_names(session: Session) -> dict[int, str]:
    """Network id → name."""
    return {row[0]: row[1] for row in session.execute(select(NetworkRow.network_id, NetworkRow.name))}


def whole_catalogue(session: Session) -> Iterator[Iterator[ListedStation]]:
    """Every station for everyone that is not removed, in the order in which they were added.

    Rows, as objects cost twice as much; and one station after the other, as thousands that are there together keep the
    garbage collector busy.
    """
    after = 0
    while True:
        query = select(_STATIONS).where(_STATIONS.c.id > after, _STATIONS.c.removed_at.is_(None), _FOR_EVERYONE)
        rows = session.execute(query.order_by(_STATIONS.c.id).limit(_AT_ONCE)).all()
        if not rows:
            return
        after = rows[-1].id
        ports = _ports(session, _PORTS.c.station_pk.between(rows[0].id, after))
        yield (listed(row, ports.get(row.id, [])) for row in rows)  # type: ignore[arg-type]


def changed_between(
    session: Session, after: int, until: int, limit: int
) -> list[tuple[ListedStation, datetime | None]]:
    """Stations whose latest change is in `(after, until]` of the log, in its order, and when they were removed.

    Of those that are not for everyone, the ones that have been hidden since.
    """
    version = _STATIONS.c.changed_seq
    row = StationChangeRow
    hidden = select(row.seq).where(row.station_pk == _STATIONS.c.id, row.seq > after, row.kind == HIDDEN).exists()
    query = select(_STATIONS).where(version > after, version <= until, or_(_FOR_EVERYONE, hidden))
    query = query.order_by(version).limit(limit)
    rows: Sequence[Any] = session.execute(query).all()
    ports = _ports(session, _PORTS.c.station_pk.in_([row.id for row in rows]))
    return [(listed(row, ports.get(row.id, [])), row.removed_at) for row in rows]


def _ports(session: Session, which: Any) -> dict[int, list[Any]]:
    query = select(_PORTS).where(which, _PORTS.c.removed.is_(False))
    found: dict[int, list[Any]] = {}
    for port in session.execute(query.order_by(_PORTS.c.station_pk, _PORTS.c.port_number)):
        found.setdefault(port.station_pk, []).append(port)
    return found


def forget_changes_before(session: Session, moment: datetime) -> int:
    """Take old entries out of the change log; returns how many.

    Only from its beginning, so that what is left has no gap. The last of the old entries stays: who was told all up to
    it at this moment misses nothing; and numbers go on from the newest.
    """
    row = StationChangeRow
    first_new = select(func.min(row.seq)).where(row.changed_at >= moment).scalar_subquery()
    last_old = select(func.max(row.seq)).where(func.coalesce(row.seq < first_new, true())).scalar_subquery()
    old = delete(row).where(row.seq < last_old).execution_options(synchronize_session=False)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
