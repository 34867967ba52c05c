"""SQL of drivers, their cards and tokens: session first, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from accounts.domain.caller import Card, Driver
from accounts.tables import CardRow, DriverRow, TokenRow
from kernel.errors import Refusal


class CardTaken(Refusal):
    """There is a card with this serial number already."""

    status = 409
    code = "card_taken"


@dataclass(frozen=True, slots=True)
class Account:
    """A driver with what the driver's app is not told."""

    driver: Driver
    password_hash: str
    demo: bool
    disabled_at: datetime | None


def driver_of(row: DriverRow) -> Driver:
    return Driver(row.id, row.username, row.account_handle, row.pays)


def account_of(session: Session, username: str, *, locked: bool = False) -> Account | None:
    """The driver with this username; `locked` until the transaction ends, and as it is now."""
    query = select(DriverRow).where(DriverRow.username == username)
    if locked:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    return None if row is None else _account(row)


def _account(row: DriverRow) -> Account:
    return Account(driver_of(row), row.password_hash, row.demo, row.disabled_at)


def accounts(session: Session) -> list[Account]:
    return [_account(row) for row in session.execute(select(DriverRow).order_by(DriverRow.username)).scalars()]


def add_driver(session: Session, row: DriverRow, cards: Sequence[Card]) -> Driver:
    session.add(row)
    session.flush()
    for card in cards:
        add_card(session, row.id, card)
    return driver_of(row)


def set_password(session: Session, driver_id: int, password_hash: str) -> None:
    _change(session, driver_id, password_hash=password_hash)


def set_disabled(session: Session, driver_id: int, disabled_at: datetime | None) -> None:
    _change(session, driver_id, disabled_at=disabled_at)


def _change(session: Session, driver_id: int, **values: Any) -> None:
    session.execute(update(DriverRow).where(DriverRow.id == driver_id).values(values))


def cards_of(session: Session, driver_id: int) -> tuple[Card, ...]:
    rows = session.execute(select(CardRow).where(CardRow.driver_id == driver_id).order_by(CardRow.serial_number))
    return tuple(Card(row.serial_number, row.nickname, row.active) for row in rows.scalars())


def add_card(session: Session, driver_id: int, card: Card) -> None:
    """Raises CardTaken."""
    if session.get(CardRow, card.serial_number) is not None:
        raise CardTaken
    row = {"serial_number": card.serial_number, "nickname": card.nickname, "active": card.active}
    session.add(CardRow(driver_id=driver_id, **row))
    session.flush()


def set_card_active(session: Session, driver_id: int, serial_number: str, *, active: bool) -> bool:
    """Whether the driver has such a card."""
    own = (CardRow.driver_id == driver_id, CardRow.serial_number == serial_number)
    return bool(session.execute(update(CardRow).where(*own).values(active=active)).rowcount)  # type: ignore[attr-defined]


def add_token(session: Session, *, token_hash: str, driver_id: int, client_id: int, expires_at: datetime) -> None:
    session.add(TokenRow(token_hash=token_hash, driver_id=driver_id, client_id=client_id, expires_at=expires_at))


def revoke_token(session: Session, token_hash: str, now: datetime) -> None:
    session.execute(update(TokenRow).where(TokenRow.token_hash == token_hash).values(revoked_at=now))


def revoke_tokens(session: Session, driver_id: int, now: datetime, *, but: str | None = None) -> int:
    """Revoke the driver's live tokens, all `but` the one with this digest; returns how many."""
    live = (TokenRow.driver_id == driver_id, TokenRow.revoked_at.is_(None), TokenRow.expires_at > now)
    others = update(TokenRow).where(*live, TokenRow.token_hash != (but or ""))
    return int(session.execute(others.values(revoked_at=now)).rowcount)  # type: ignore[attr-defined]


def live_tokens(session: Session, now: datetime) -> dict[int, int]:
    """How many live tokens each driver has."""
    live = select(TokenRow.driver_id, func.count()).where(TokenRow.revoked_at.is_(None), TokenRow.expires_at > now)
    return dict(session.execute(live.group_by(TokenRow.driver_id)).all())


def forget_tokens(session: Session, before: datetime) -> int:
    """Drop the tokens that ended before; returns how many."""
    return int(session.execute(delete(TokenRow).where(TokenRow.expires_at < before)).rowcount)  # type: ignore[attr-defined]
