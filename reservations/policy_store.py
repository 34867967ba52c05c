"""SQL of policies: what each station says itself. Session first, values out."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import chain

import orjson
from sqlalchemy import (
    Connection,
    Function,
    Select,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kernel.ready_statement import ReadyStatement
from kernel.transaction import is_postgresql
from reservations.domain.limits import BOUNDS, policy_with
from reservations.domain.policy import Policy
from reservations.tables import POLICIES

_CHANGES = table("station_changes", column("seq"))
_P = POLICIES.c


def own_words(session: Session, station_id: str) -> dict[str, int]:
    """What the station says itself; empty where all is as everywhere."""
    row = session.execute(select(POLICIES).where(_P.station_id == station_id)).mappings().one_or_none()
    return {name: row[name] for name in BOUNDS if row[name] is not None} if row else {}


def _terms(as_object: str) -> Select[*tuple[int, str | None]]:
    """One column for the policy, since each of eighteen costs more to read than what is in it."""
    newest = select(func.coalesce(func.max(_CHANGES.c.seq), literal_column("0"))).scalar_subquery()
    words = chain.from_iterable((literal_column(f"'{name}'"), _P[name]) for name in BOUNDS)
    own = select(cast(Function(as_object, *words), Text)).where(_P.station_id == bindparam("station_id"))
    return select(newest, own.scalar_subquery())


_TERMS = {
    "postgresql": ReadyStatement(_terms("json_build_object")),
    "sqlite": ReadyStatement(_terms("json_object")),
}


def terms_of(connection: Connection, station_id: str) -> tuple[int, Policy]:
    """The newest change of any station, and the policy of this one, read at once."""
    terms = _TERMS[connection.dialect.name]
    ((change, own),) = terms.on(connection, {"station_id": station_id})
    return change, _policy_saying(own or "{}")


@lru_cache(maxsize=1_000)
def _policy_saying(own: str) -> Policy:
    return policy_with(orjson.loads(own))


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
    dialect = postgresql if is_postgresql(session) else sqlite
    values = {name: own.get(name) for name in BOUNDS}
    kept = dialect.insert(POLICIES).values(station_id=station_id, **values)
    session.execute(kept.on_conflict_do_update(index_elements=["station_id"], set_=values))


def forget_words(session: Session, station_id: str) -> None:
    """The station says nothing itself any more."""
    session.execute(delete(POLICIES).where(_P.station_id == station_id))
