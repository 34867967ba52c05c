"""SQL of callers, clients and the demo network's accounts: session first, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from accounts.domain.caller import Caller, Card, Driver
from accounts.domain.plans import Plan
from accounts.tables import CardRow, ClientRow, DriverRow, OrganizationRow, PlaceRow, TokenRow
from kernel.ready_statement import ReadyStatement

_C, _D, _T, _K, _O = (row.__table__.c for row in (ClientRow, DriverRow, TokenRow, CardRow, OrganizationRow))
_OF_CLIENT = (
    *(_C.id, _C.key_id, _C.organization_id, _C.operator),
    *(_C.publishable, _C.allowed_origins, _C.requests_per_min),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEntry:
    """A client in the list of clients."""

    key_id: str
    name: str
    plan: str
    operator: bool
    publishable: bool
    has_secret: bool
    allowed_origins: tuple[str, ...]
    requests_per_min: int
    disabled_at: datetime | None


def client_by_key(session: Session, key_id: str) -> tuple[Caller, str | None] | None:
    """The client with this key id that is not disabled, and its secret's digest."""
    found = session.execute(
        select(*_OF_CLIENT, OrganizationRow.plan, ClientRow.secret_hash)
        .join(OrganizationRow, OrganizationRow.organization_id == ClientRow.organization_id)
        .where(ClientRow.key_id == key_id, ClientRow.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    *client, plan, secret_hash = found
    return _caller(client, plan, None), secret_hash


def _by_token() -> Select[*tuple[Any, ...]]:
    """Plain columns: this is asked with each request of a driver's, and mapped rows cost twice as much."""
    client = TokenRow.__table__.join(ClientRow.__table__, _C.id == _T.client_id)
    known = client.join(OrganizationRow.__table__, _O.organization_id == _C.organization_id)
    driver = known.join(DriverRow.__table__, _D.id == _T.driver_id)
    told = (*_OF_CLIENT, _O.plan, _D.id, _D.username, _D.account_handle, _D.pays)
    return (
        select(*told, _K.serial_number, _K.nickname, _K.active)
        .select_from(driver.outerjoin(CardRow.__table__, _K.driver_id == _D.id))
        .where(_T.token_hash == bindparam("digest"), _T.expires_at > bindparam("now"), _T.revoked_at.is_(None))
        .where(_C.disabled_at.is_(None), _D.disabled_at.is_(None))
        .order_by(_K.serial_number)
    )


_BY_TOKEN = ReadyStatement(_by_token())


def caller_by_token(connection: Connection, token_hash: str, now: datetime) -> Caller | None:
    """The driver of a live token with all cards, together with the client it was given to."""
    rows = _BY_TOKEN.on(connection, {"digest": token_hash, "now": now})
    if not rows:
        return None
    *client, plan, driver_id, username, account_handle, pays, _, _, _ = rows[0]
    cards = tuple(Card(*row[-3:]) for row in rows if row[-3] is not None)
    return _caller(client, plan, Driver(driver_id, username, account_handle, pays, cards))


def _caller(client: Sequence[Any], plan: str, driver: Driver | None) -> Caller:
    client_id, key_id, organization_id, operator, publishable, allowed_origins, requests_per_min = client
    return Caller(
        client_id=client_id,
        key_id=key_id,
        plan=Plan(plan),
        organization_id=organization_id,
        operator=operator,
        publishable=publishable,
        allowed_origins=tuple(allowed_origins),
        requests_per_min=requests_per_min,
        driver=driver,
    )


def add_organization(session: Session, *, organization_id: str, name: str, plan: Plan, demo: bool = False) -> None:
    """Add an organization, or leave it as it is where it is known."""
    if session.get(OrganizationRow, organization_id) is None:
        session.add(OrganizationRow(organization_id=organization_id, name=name, plan=plan.value, demo=demo))
        session.flush()


def plan_of(session: Session, organization_id: str) -> Plan:
    return Plan(session.get_one(OrganizationRow, organization_id).plan)


def add_client(session: Session, row: ClientRow) -> None:
    session.add(row)
    session.flush()


def publishable_key_named(session: Session, name: str) -> str | None:
    query = select(ClientRow.key_id).where(
        ClientRow.name == name, ClientRow.publishable, ClientRow.disabled_at.is_(None)
    )
    return session.execute(query.order_by(ClientRow.id).limit(1)).scalar_one_or_none()


def page_origins(session: Session) -> frozenset[str]:
    """The origins of all enabled publishable keys."""
    query = select(ClientRow.allowed_origins).where(ClientRow.publishable, ClientRow.disabled_at.is_(None))
    return frozenset(origin for origins in session.execute(query).scalars() for origin in origins)


def change_client(session: Session, key_id: str, **values: Any) -> None:
    session.execute(update(ClientRow).where(ClientRow.key_id == key_id).values(values))


def clients(session: Session) -> list[ClientEntry]:
    query = select(ClientRow, OrganizationRow.plan).join(OrganizationRow).order_by(ClientRow.id)
    return [_entry(row, plan) for row, plan in session.execute(query)]


def _entry(row: ClientRow, plan: str) -> ClientEntry:
    return ClientEntry(
        key_id=row.key_id,
        name=row.name,
        plan=plan,
        operator=row.operator,
        publishable=row.publishable,
        has_secret=row.secret_hash is not None,
        allowed_origins=tuple(row.allowed_origins),
        requests_per_min=row.requests_per_min,
        disabled_at=row.disabled_at,
    )


def other_drivers(session: Session) -> int:
    """How many drivers are not of the demo network."""
    query = select(func.count()).select_from(DriverRow).where(DriverRow.demo.is_(False))
    return session.execute(query).scalar_one()


def has_drivers(session: Session) -> bool:
    return session.execute(select(DriverRow.id).limit(1)).first() is not None


def demo_is_loaded(session: Session) -> bool:
    return session.execute(select(OrganizationRow.demo).where(OrganizationRow.demo).limit(1)).first() is not None


def remove_demo(session: Session) -> None:
    """Take out every client, driver, card and token of the demo network."""
    drivers = select(DriverRow.id).where(DriverRow.demo)
    of_demo_clients = select(ClientRow.id).where(ClientRow.demo)
    session.execute(delete(TokenRow).where(TokenRow.driver_id.in_(drivers) | TokenRow.client_id.in_(of_demo_clients)))
    session.execute(delete(CardRow).where(CardRow.driver_id.in_(drivers)))
    session.execute(delete(PlaceRow).where(PlaceRow.driver_id.in_(drivers)))
    session.execute(delete(DriverRow).where(DriverRow.demo))
    session.execute(delete(ClientRow).where(ClientRow.demo))
    session.execute(delete(OrganizationRow).where(OrganizationRow.demo))
