"""Tables of organizations, API clients, drivers, their cards and tokens, and of sign-ins that failed."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Integer, SmallInteger, String, true
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, Instant

_Id = BigInteger().with_variant(Integer, "sqlite")


class OrganizationRow(Base):
    """Who owns stations or runs an app, with its service plan (guide 1.1, 1.2.1)."""

    __tablename__ = "organizations"

    organization_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    plan: Mapped[str] = mapped_column(String(20))
    demo: Mapped[bool] = mapped_column(Boolean, default=False)


class ClientRow(Base):
    """An API key. `secret_hash` is the SHA-256 of a random secret; publishable and demo keys have none."""

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    key_id: Mapped[str] = mapped_column(String(60), unique=True)
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.organization_id"))
    operator: Mapped[bool] = mapped_column(Boolean, default=False)
    publishable: Mapped[bool] = mapped_column(Boolean, default=False)
    allowed_origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    requests_per_min: Mapped[int] = mapped_column(Integer)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class DriverRow(Base):
    """Who charges. `username` is kept case-folded; who `pays` has a payment method."""

    __tablename__ = "drivers"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    account_handle: Mapped[str] = mapped_column(String(60), unique=True)
    pays: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class CardRow(Base):
    """A driver's card (guide 7.1)."""

    __tablename__ = "cards"

    serial_number: Mapped[str] = mapped_column(String(40), primary_key=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("drivers.id"), index=True)
    nickname: Mapped[str] = mapped_column(String(100))
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class TokenRow(Base):
    """A driver's access token, kept as its SHA-256."""

    __tablename__ = "tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("drivers.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class TallyRow(Base):
    """Passwords tried in one window. `name` is the SHA-256 of what they are counted for: no username is kept here."""

    __tablename__ = "sign_in_tallies"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int] = mapped_column(SmallInteger)
    streak: Mapped[int] = mapped_column(SmallInteger)
    ends_at: Mapped[datetime] = mapped_column(Instant, index=True)


class PlaceRow(Base):
    """A place that a driver has signed in from: the SHA-256 of account and address."""

    __tablename__ = "sign_in_places"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("drivers.id"), index=True)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
