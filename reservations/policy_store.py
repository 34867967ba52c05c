"""SQL of policies: what each station says itself. Session first, values out."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from reservations.domain.limits import BOUNDS, policy_with
from reservations.domain.policy import Policy
from reservations.tables import POLICIES

_P = POLICIES.c


def own_words(session: Session, station_id: str) -> dict[str, int]:
    """What the station says itself; empty where all is as everywhere."""
    row = session.execute(select(POLICIES).where(_P.station_id == station_id)).mappings().one_or_none()
    return {name: row[name] for name in BOUNDS if row[name] is not None} if row else {}


def policies(session: Session, station_ids: Collection[str]) -> dict[str, Policy]:
    """The policy of each of these stations."""
    rows = session.execute(select(POLICIES).where(_P.station_id.in_(station_ids))).mappings()
    own = {row["station_id"]: {name: row[name] for name in BOUNDS} for row in rows}
    return {station_id: policy_with(own.get(station_id, {})) for station_id in station_ids}


def all_policies(session: Session) -> dict[str, Policy]:
    """The policies of all stations that say anything themselves; of the others it is as everywhere."""
    rows = session.execute(select(POLICIES)).mappings()
    return {row["station_id"]: policy_with({name: row[name] for name in BOUNDS}) for row in rows}


def keep_words(session: Session, station_id: str, own: Mapping[str, int | None]) -> None:
    """Write what a station says itself, in place of what it said."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {name: own.get(name) for name in BOUNDS}
    kept = dialect.insert(POLICIES).values(station_id=station_id, **values)
    session.execute(kept.on_conflict_do_update(index_elements=["station_id"], set_=values))


def forget_words(session: Session, station_id: str) -> None:
    """The station says nothing itself any more."""
    session.execute(delete(POLICIES).where(_P.station_id == station_id))
