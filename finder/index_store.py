"""SQL of the station index: the search columns of stations and ports, as plain rows, read in batches."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, Text, cast, func, select
from sqlalchemy.orm import Session

from finder.tables import PortRow, StationChangeRow, StationRow
from kernel.bulk import raw_rows

_AT_ONCE = 5_000
Rows = Sequence[Sequence[Any]]
Batch = tuple[Rows, Rows]  # with the fields of StationRecord and PortRecord

_STATIONS: Select[*tuple[Any, ...]] = select(
    StationRow.id,
    StationRow.station_id,
    StationRow.network_id,
    StationRow.organization_id,
    StationRow.organization_name,
    StationRow.name,
    StationRow.manufacturer,
    StationRow.model,
    StationRow.serial_number,
    StationRow.line1,
    StationRow.city,
    StationRow.state,
    StationRow.postal_code,
    StationRow.country,
    StationRow.lat,
    StationRow.lon,
    StationRow.time_zone,
    StationRow.access,
    StationRow.visibility,
    StationRow.reservable,
    cast(StationRow.opening_hours, Text),  # few distinct texts: each is read once, not once a station
    cast(StationRow.tariff, Text),
).where(StationRow.removed_at.is_(None))

_PORTS: Select[*tuple[Any, ...]] = select(
    PortRow.station_pk,
    PortRow.id,
    PortRow.port_number,
    PortRow.level,
    PortRow.mode,
    PortRow.voltage_v,
    PortRow.current_a,
    PortRow.power_kw,
    PortRow.reservable,
    cast(PortRow.connectors, Text),
).where(PortRow.removed.is_(False))


def latest_change(session: Session) -> int:
    """The number of the newest entry of the change log, 0 where it is empty."""
    return session.execute(select(func.max(StationChangeRow.seq))).scalar_one() or 0


def counts_since(session: Session, seq: int) -> dict[str, int]:
    """What kinds of change there are after this entry, and of how many stations each."""
    stations = func.count(StationChangeRow.station_pk.distinct())
    query = select(StationChangeRow.kind, stations).where(StationChangeRow.seq > seq).group_by(StationChangeRow.kind)
    return {row[0]: row[1] for row in session.execute(query)}


def places_since(session: Session, seq: int) -> list[Row[str, int, float, float, str, str]]:
    """Id, network, latitude, longitude, kind and who finds it, of every change after this entry, in order."""
    where = (StationRow.station_id, StationRow.network_id, StationRow.lat, StationRow.lon)
    query = select(*where, StationChangeRow.kind, StationRow.visibility).join(
        StationRow, StationRow.id == StationChangeRow.station_pk
    )
    return list(session.execute(query.where(StationChangeRow.seq > seq).order_by(StationChangeRow.seq)))


def changed_since(session: Session, seq: int) -> list[int]:
    """Keys of the stations that were added, changed or removed after this entry, in order; the log may be cut."""
    return sorted(session.execute(select(StationRow.id).where(StationRow.changed_seq > seq)).scalars())


def all_stations(session: Session) -> Iterator[Batch]:
    """Every station that is not removed, in the order of keys."""
    after = 0
    while True:
        stations = raw_rows(session, _STATIONS.where(StationRow.id > after).order_by(StationRow.id).limit(_AT_ONCE))
        if not stations:
            return
        first, after = stations[0][0], stations[-1][0]
        yield stations, _ports(session, _PORTS.where(PortRow.station_pk.between(first, after)), stations)


def stations_by_pk(session: Session, pks: Sequence[int]) -> Iterator[Batch]:
    """The stations of these keys that are not removed."""
    for start in range(0, len(pks), _AT_ONCE):
        batch = pks[start : start + _AT_ONCE]
        stations = raw_rows(session, _STATIONS.where(StationRow.id.in_(batch)).order_by(StationRow.id))
        yield stations, _ports(session, _PORTS.where(PortRow.station_pk.in_(batch)), stations)


def _ports(session: Session, query: Select[*tuple[Any, ...]], stations: Rows) -> Rows:
    """The ports of these stations, in their order; those of a removed station are left out."""
    known = {station[0] for station in stations}
    ports = raw_rows(session, query.order_by(PortRow.station_pk, PortRow.port_number))
    return [port for port in ports if port[0] in known]
