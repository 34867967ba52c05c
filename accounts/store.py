"""SQL of accounts: session first, values out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from accounts.domain.caller import Caller, Card, Driver
from accounts.domain.plans import Plan
from accounts.tables import CardRow, ClientRow, DriverRow, OrganizationRow, TokenRow


def client_by_key(session: Session, key_id: str) -> tuple[Caller, str | None] | None:
    """The client with this key id that is not revoked, and its secret's digest."""
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
        )
    ).one_or_none()
    return None if found is None else _caller(*found)


def _caller(client: ClientRow, plan: str, driver: DriverRow | None) -> Caller:
    return Caller(
        client_id=client.id,
        key_id=client.key_id,
        plan=Plan(plan),
        operator=client.operator,
        publishable=client.publishable,
        allowed_origins=tuple(client.allowed_origins),
        requests_per_min=client.requests_per_min,
        driver=_driver(driver) if driver else None,
    )


def _driver(row: DriverRow) -> Driver:
    return Driver(row.id, row.username, row.account_handle, row.pays)


def add_organization(session: Session, *, organization_id: str, name: str, plan: Plan, demo: bool = False) -> None:
    """Add an organization, or leave it as it is where it is known."""
    if session.get(OrganizationRow, organization_id) is None:
        session.add(OrganizationRow(organization_id=organization_id, name=name, plan=plan.value, demo=demo))
        session.flush()


def add_client(session: Session, row: ClientRow) -> None:
    session.add(row)
    session.flush()


def publishable_key_named(session: Session, name: str) -> str | None:
    query = select(ClientRow.key_id).where(
        ClientRow.name == name, ClientRow.publishable, ClientRow.disabled_at.is_(None)
    )
    return session.execute(query.order_by(ClientRow.id).limit(1)).scalar_one_or_none()


def revoke_client(session: Session, key_id: str, now: datetime) -> bool:
    gone = update(ClientRow).where(ClientRow.key_id == key_id, ClientRow.disabled_at.is_(None)).values(disabled_at=now)
    return bool(session.execute(gone).rowcount)  # type: ignore[attr-defined]


def clients(session: Session) -> Sequence[ClientRow]:
    return session.execute(select(ClientRow).order_by(ClientRow.id)).scalars().all()


def driver_by_username(session: Session, username: str) -> tuple[Driver, str] | None:
    """The driver and the password's hash."""
    row = session.execute(select(DriverRow).where(DriverRow.username == username)).scalar_one_or_none()
    return None if row is None else (_driver(row), row.password_hash)


def add_driver(session: Session, row: DriverRow, cards: Sequence[Card]) -> Driver:
    session.add(row)
    session.flush()
    for card in cards:
        session.add(
            CardRow(serial_number=card.serial_number, driver_id=row.id, nickname=card.nickname, active=card.active)
        )
    session.flush()
    return _driver(row)


def cards_of(session: Session, driver_id: int) -> tuple[Card, ...]:
    rows = session.execute(select(CardRow).where(CardRow.driver_id == driver_id).order_by(CardRow.serial_number))
    return tuple(Card(row.serial_number, row.nickname, row.active) for row in rows.scalars())


def add_token(session: Session, *, token_hash: str, driver_id: int, client_id: int, expires_at: datetime) -> None:
    session.add(TokenRow(token_hash=token_hash, driver_id=driver_id, client_id=client_id, expires_at=expires_at))


def revoke_token(session: Session, token_hash: str, now: datetime) -> None:
    session.execute(update(TokenRow).where(TokenRow.token_hash == token_hash).values(revoked_at=now))


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
    session.execute(delete(DriverRow).where(DriverRow.demo))
    session.execute(delete(ClientRow).where(ClientRow.demo))
    session.execute(delete(OrganizationRow).where(OrganizationRow.demo))
