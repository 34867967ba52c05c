"""SQL of the catalogue: networks, stations, ports and the change log. Session first, values out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from finder.domain.ocpi_tariff import tariff_to_ocpi
from finder.domain.station import Network, Station, Visibility
from finder.domain.tariff import Tariff
from finder.records import ListedStation, digest_of, listed, port_values, station_values
from finder.tables import HIDDEN, NetworkRow, PortRow, StationChangeRow, StationRow
from kernel.transaction import is_postgresql

CHANGED, REMOVED = "changed", "removed"
_ONE_WRITER = 8_150_815  # advisory lock: change-log numbers are given in the order of commits
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What an import has to know of a station that is in the catalogue already."""

    pk: int
    record_digest: str
    source: str
    is_removed: bool


def be_the_one_writer(session: Session) -> None:
    """Let one transaction at a time write to the change log, so that its numbers appear in order.

    On SQLite every writing transaction is the only one.
    """
    if is_postgresql(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_WRITER})
        # A plan kept from when the table was empty would read it whole for every batch of a first import.
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def networks(session: Session) -> tuple[Network, ...]:
    """The networks that have stations."""
    has_stations = select(StationRow.id).where(
        StationRow.network_id == NetworkRow.network_id, StationRow.removed_at.is_(None)
    )
    rows = session.execute(select(NetworkRow).where(has_stations.exists()).order_by(NetworkRow.network_id)).scalars()
    return tuple(Network(row.network_id, row.name, row.description) for row in rows)


def add_missing_networks(session: Session, networks: Sequence[Network], *, demo: bool = False) -> None:
    known = set(session.execute(select(NetworkRow.network_id)).scalars())
    for network in networks:
        if network.network_id not in known:
            session.add(
                NetworkRow(network_id=network.network_id, name=network.name, description=network.description, demo=demo)
            )
    session.flush()


def known_stations(session: Session, station_ids: Sequence[str]) -> dict[str, Known]:
    query = select(
        StationRow.station_id, StationRow.id, StationRow.record_digest, StationRow.source, StationRow.removed_at
    ).where(StationRow.station_id.in_(station_ids))
    return {row[0]: Known(row[1], row[2], row[3], row[4] is not None) for row in session.execute(query)}


def pks_of_source(session: Session, source: str) -> set[int]:
    query = select(StationRow.id).where(StationRow.source == source, StationRow.removed_at.is_(None))
    return set(session.execute(query).scalars())


def pks_identified(session: Session, pks: Sequence[int], identifiers: Collection[str]) -> set[int]:
    """Of these stations those whose id ends in one of the identifiers, whatever their network."""
    found = set[int]()
    for start in range(0, len(pks), _AT_ONCE):
        query = select(StationRow.id, StationRow.station_id).where(StationRow.id.in_(pks[start : start + _AT_ONCE]))
        found |= {pk for pk, station_id in session.execute(query) if station_id.partition(":")[2] in identifiers}
    return found


def add_stations(session: Session, stations: Sequence[Station], *, source: str, now: datetime) -> set[int]:
    """Add stations that are not known, with their ports and change-log entries; returns their keys."""
    if not stations:
        return set()
    kept = {
        "source": source,
        "updated_at": now,
        "removed_at": None,
        "owner_sets_reservable": False,
        "owner_sets_tariff": False,
        "owner_sets_visibility": False,
    }
    session.execute(
        insert(StationRow).execution_options(render_nulls=True),  # else rows are split wherever a NULL appears
        [station_values(station) | kept | {"record_digest": digest_of(station)} for station in stations],
    )
    pks = {station_id: known.pk for station_id, known in known_stations(session, _ids(stations)).items()}
    ports = [port_values(port) | {"station_pk": pks[s.station_id]} for s in stations for port in s.ports]
    if ports:
        session.execute(insert(PortRow).execution_options(render_nulls=True), ports)
    log_changes(session, pks.values(), kind=CHANGED, now=now)
    return set(pks.values())


def _ids(stations: Sequence[Station]) -> list[str]:
    return [station.station_id for station in stations]


def change_station(session: Session, pk: int, station: Station, *, source: str, now: datetime) -> None:
    """Write a station over what is there. Ports that it has no more are kept for what refers to them, as removed.

    What the owner said of reserving stays as it is.
    """
    record_digest = digest_of(station)
    row = session.execute(select(StationRow).where(StationRow.id == pk)).scalar_one()
    station = _with_owners_word(row, station)
    kind = _kind_of_change(row.visibility, station.visibility)
    kept = {"source": source, "updated_at": now, "removed_at": None, "record_digest": record_digest}
    session.execute(update(StationRow).where(StationRow.id == pk).values(station_values(station) | kept))
    numbered = session.execute(select(PortRow.port_number, PortRow.id).where(PortRow.station_pk == pk))
    known = {number: port_id for number, port_id in numbered}  # noqa: C416 - rows, not pairs, to the type checker
    session.execute(update(PortRow).where(PortRow.station_pk == pk).values(removed=True))
    for port in station.ports:
        if port.port_number in known:
            session.execute(update(PortRow).where(PortRow.id == known[port.port_number]).values(port_values(port)))
        else:
            session.execute(insert(PortRow).values(port_values(port) | {"station_pk": pk}))
    log_changes(session, [pk], kind=kind, now=now)


def _kind_of_change(was: str, visibility: Visibility) -> str:
    hidden = was == Visibility.EVERYONE and visibility is not Visibility.EVERYONE
    return HIDDEN if hidden else CHANGED


def _with_owners_word(row: StationRow, station: Station) -> Station:
    held = listed(row, []).station
    if row.owner_sets_reservable:
        ports = tuple(replace(port, reservable=held.reservable) for port in station.ports)
        station = replace(station, reservable=held.reservable, ports=ports)
    if row.owner_sets_tariff:
        station = replace(station, currency=held.currency, tariff=held.tariff, price_text=held.price_text)
    if row.owner_sets_visibility:
        station = replace(station, visibility=held.visibility)
    return station


def set_reservable(session: Session, pk: int, *, reservable: bool, now: datetime) -> None:
    """Let a station and all its ports be reserved, or not, whatever its source says."""
    said = {"reservable": reservable, "owner_sets_reservable": True, "updated_at": now}
    session.execute(update(StationRow).where(StationRow.id == pk).values(said))
    session.execute(update(PortRow).where(PortRow.station_pk == pk).values(reservable=reservable))
    log_changes(session, [pk], kind=CHANGED, now=now)


def set_visibility(session: Session, pk: int, visibility: Visibility, *, was: Visibility, now: datetime) -> None:
    """Say who finds a station, whatever its source says."""
    said = {"visibility": visibility.value, "owner_sets_visibility": True, "updated_at": now}
    session.execute(update(StationRow).where(StationRow.id == pk).values(said))
    log_changes(session, [pk], kind=_kind_of_change(was, visibility), now=now)


def set_tariff(session: Session, pk: int, tariff: Tariff | None, *, now: datetime) -> None:
    """Give a station its owner's tariff, or an unknown price, whatever its source says."""
    said: dict[str, Any] = {"tariff": tariff and tariff_to_ocpi(tariff), "price_text": None}
    if tariff is not None:
        said["currency"] = tariff.currency
    kept = {"owner_sets_tariff": True, "updated_at": now}
    session.execute(update(StationRow).where(StationRow.id == pk).values(said | kept))
    log_changes(session, [pk], kind=CHANGED, now=now)


def remove_stations(session: Session, pks: Sequence[int], *, now: datetime) -> None:
    """Take stations out of every answer; their rows stay, as reservations and reports refer to them."""
    for start in range(0, len(pks), _AT_ONCE):
        batch = pks[start : start + _AT_ONCE]
        session.execute(update(StationRow).where(StationRow.id.in_(batch)).values(removed_at=now, updated_at=now))
    log_changes(session, pks, kind=REMOVED, now=now)


def log_changes(session: Session, pks: Any, *, kind: str, now: datetime) -> None:
    rows = [{"station_pk": pk, "kind": kind, "changed_at": now} for pk in sorted(pks)]
    if not rows:
        return
    session.execute(insert(StationChangeRow), rows)
    latest = select(func.max(StationChangeRow.seq)).where(StationChangeRow.station_pk == StationRow.id)
    for start in range(0, len(rows), _AT_ONCE):
        own = StationRow.id.in_([row["station_pk"] for row in rows[start : start + _AT_ONCE]])
        versions = update(StationRow).where(own).values(changed_seq=latest.scalar_subquery())
        session.execute(versions.execution_options(synchronize_session=False))


def stations_by_id(session: Session, station_ids: Sequence[str]) -> dict[str, ListedStation]:
    query = select(StationRow).where(StationRow.station_id.in_(station_ids), StationRow.removed_at.is_(None))
    return {found.station.station_id: found for found in _listed(session, session.execute(query).scalars().all())}


def stations_by_pk(session: Session, pks: Sequence[int]) -> Iterator[ListedStation]:
    """The stations of these keys that are not removed, read in batches."""
    for start in range(0, len(pks), _AT_ONCE):
        batch = pks[start : start + _AT_ONCE]
        query = select(StationRow).where(StationRow.id.in_(batch), StationRow.removed_at.is_(None))
        yield from _listed(session, session.execute(query).scalars().all())


def _listed(session: Session, rows: Sequence[StationRow]) -> Iterator[ListedStation]:
    ports = _ports_of(session, [row.id for row in rows])
    for row in rows:
        yield listed(row, ports.get(row.id, []))


def _ports_of(session: Session, pks: Sequence[int]) -> Mapping[int, list[PortRow]]:
    query = select(PortRow).where(PortRow.station_pk.in_(pks), PortRow.removed.is_(False))
    found: dict[int, list[PortRow]] = {}
    for port in session.execute(query.order_by(PortRow.station_pk, PortRow.port_number)).scalars():
        found.setdefault(port.station_pk, []).append(port)
    return found


def has_stations(session: Session) -> bool:
    return session.execute(select(StationRow.id).limit(1)).first() is not None


def thresholds(session: Session) -> dict[int, tuple[int | None, int | None]]:
    """Network id → seconds to stale and to unreachable, of the networks that have their own."""
    row = NetworkRow
    own = or_(row.stale_after_s.is_not(None), row.unreachable_after_s.is_not(None))
    query = select(row.network_id, row.stale_after_s, row.unreachable_after_s).where(own)
    return {found[0]: (found[1], found[2]) for found in session.execute(query)}


def set_thresholds(
    session: Session, network_id: int, stale_after_s: int | None, unreachable_after_s: int | None
) -> bool:
    """Write a network's own thresholds; whether there is such a network."""
    values = {"stale_after_s": stale_after_s, "unreachable_after_s": unreachable_after_s}
    done = session.execute(update(NetworkRow).where(NetworkRow.network_id == network_id).values(values))
    return bool(done.rowcount)  # type: ignore[attr-defined]
