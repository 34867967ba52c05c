"""SQL of callers, clients and the demo network's accounts: session first, values out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from accounts.domain.caller import Caller
from accounts.domain.plans import Plan
from accounts.driver_store import driver_of
from accounts.tables import CardRow, ClientRow, DriverRow, OrganizationRow, PlaceRow, TokenRow


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
        select(ClientRow, OrganizationRow.plan)
        .join(OrganizationRow, OrganizationRow.organization_id == ClientRow.organization_id)
        .where(ClientRow.key_id == key_id, ClientRow.disabled_at.is_(None))
    ).one_or_none()
    return None if found is None else (_caller(found[0], found[1], None), found[0].secret_hash)


def caller_by_token(session: Session, token_hash: str, now: datetime) -> Caller | None:
    """The driver of a live token, together with the client it was given to."""
    found = session.execute(
        select(ClientRow, OrganizationRow.plan, DriverRow)
        .join(TokenRow, TokenRow.client_id == ClientRow.id)
        .join(DriverRow, DriverRow.id == TokenRow.driver_id)
        .join(OrganizationRow, OrganizationRow.organization_id == ClientRow.organization_id)
        .where(
            TokenRow.token_hash == token_hash,
            TokenRow.expires_at > now,
            TokenRow.revoked_at.is_(None),
            ClientRow.disabled_at.is_(None),
            DriverRow.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if found is None else _caller(*found)


def _caller(client: ClientRow, plan: str, driver: DriverRow | None) -> Caller:
    return Caller(
        client_id=client.id,
        key_id=client.key_id,
        plan=Plan(plan),
        organization_id=client.organization_id,
        operator=client.operator,
        publishable=client.publishable,
        allowed_origins=tuple(client.allowed_origins),
        requests_per_min=client.requests_per_min,
        driver=driver_of(driver) if driver else None,
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
