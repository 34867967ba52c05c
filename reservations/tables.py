"""Tables of reservations and quotes, and the database's own guard against two live reservations in one port."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, Instant
from reservations.domain.lifecycle import COMING, OCCUPYING, UNCONFIRMED, State
from reservations.domain.limits import BOUNDS
from reservations.domain.policy import LONGEST

_Id = BigInteger().with_variant(Integer, "sqlite")


def _words(states: Iterable[State]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


_OCCUPIES = f"state IN ({_words(OCCUPYING)})"
_LONGEST_US = LONGEST // LONGEST.resolution


class ReservationRow(Base):
    """One reservation. A HELD row whose `hold_expires_at` has passed is lapsed, written down or not."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("end_at > start_at", name="ends_after_start"),
        CheckConstraint(f"state IN ({_words(State)})", name="state"),
        CheckConstraint(f"(state IN ({_words(UNCONFIRMED)})) = (confirmed_at IS NULL)", name="confirmed"),
        Index("ix_reservations_driver", "driver_id", "start_at", "handle"),
        Index(
            "ix_reservations_occupying",
            "port_id",
            "end_at",
            postgresql_where=text(_OCCUPIES),
            sqlite_where=text(_OCCUPIES),
        ),
        Index(
            "ix_reservations_holds",
            "hold_expires_at",
            postgresql_where=text("state = 'HELD'"),
            sqlite_where=text("state = 'HELD'"),
        ),
        Index(
            "ix_reservations_client",
            "client_id",
            "hold_expires_at",
            postgresql_where=text("state = 'HELD'"),
            sqlite_where=text("state = 'HELD'"),
        ),
        *(
            Index(name, of, postgresql_where=text(which), sqlite_where=text(which))
            for name, of, which in (
                ("ix_reservations_coming", "start_at", f"state IN ({_words(COMING)})"),
                ("ix_reservations_active", "end_at", f"state = '{State.ACTIVE}'"),
                ("ix_reservations_trouble", "trouble_since", f"trouble_since IS NOT NULL AND {_OCCUPIES}"),
            )
        ),
    )

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    handle: Mapped[str] = mapped_column(String(40), unique=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("drivers.id"))
    port_id: Mapped[int] = mapped_column(ForeignKey("ports.id"))
    station_id: Mapped[str] = mapped_column(String(60))
    port_number: Mapped[int] = mapped_column(SmallInteger)
    card: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    price: Mapped[dict[str, Any]] = mapped_column(JSON)
    cancellation_interval_min: Mapped[int] = mapped_column(Integer)
    cancel_until: Mapped[datetime] = mapped_column(Instant)
    hold_expires_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    policy: Mapped[dict[str, int]] = mapped_column(JSON, server_default=text("'{}'"))
    client_id: Mapped[int | None] = mapped_column(_Id)
    extensions: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    trouble_reason: Mapped[str | None] = mapped_column(String(40))
    trouble_since: Mapped[datetime | None] = mapped_column(Instant)


class QuoteRow(Base):
    """One quote, with the tariff as it was."""

    __tablename__ = "quotes"
    __table_args__ = (CheckConstraint("end_at > start_at", name="ends_after_start"),)

    quote_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("drivers.id"), index=True)
    port_id: Mapped[int] = mapped_column(ForeignKey("ports.id"))
    station_id: Mapped[str] = mapped_column(String(60))
    port_number: Mapped[int] = mapped_column(SmallInteger)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    tariff: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    price: Mapped[dict[str, Any]] = mapped_column(JSON)
    hold_min: Mapped[int] = mapped_column(Integer)
    cancellation_interval_min: Mapped[int] = mapped_column(Integer)
    cancel_until: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    policy: Mapped[dict[str, int]] = mapped_column(JSON, server_default=text("'{}'"))


POLICIES = Table(
    "reservation_policies",
    Base.metadata,
    Column("station_id", String(60), primary_key=True),
    *(Column(name, Integer, nullable=True) for name in BOUNDS),
    *(CheckConstraint(f"{name} BETWEEN {least} AND {most}", name=name) for name, (least, most) in BOUNDS.items()),
)
"""What a station says of its policy itself; null is as everywhere."""


NO_OVERLAP = "reservations_no_overlap"  # the exclusion constraint; on SQLite the beginning of the triggers' names
PORT_TAKEN = "port_taken"  # what the SQLite triggers say

_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"ALTER TABLE reservations ADD CONSTRAINT {NO_OVERLAP}"
    " EXCLUDE USING gist (port_id WITH =, tstzrange(start_at, end_at, '[)') WITH &&)"
    f" WHERE ({_OCCUPIES})",
    "ALTER TABLE reservations ADD CONSTRAINT ck_reservations_finite CHECK (isfinite(start_at) AND isfinite(end_at))",
    "ALTER TABLE reservations ADD CONSTRAINT ck_reservations_longest"
    f" CHECK (end_at <= start_at + interval '{_LONGEST_US} microseconds')",
    "ALTER TABLE reservations ADD CONSTRAINT ck_reservations_whole_seconds"
    " CHECK (date_trunc('second', start_at) = start_at AND date_trunc('second', end_at) = end_at)",
)


def _trigger(name: str, timing: str, own_row: str) -> str:
    """A trigger instead of an exclusion constraint. SQLite keeps any type in any column, so the type is checked too."""
    return f"""
CREATE TRIGGER {NO_OVERLAP}_{name} BEFORE {timing} ON reservations
BEGIN
    SELECT RAISE(ABORT, 'window_not_valid')
    WHERE typeof(NEW.start_at) <> 'integer' OR typeof(NEW.end_at) <> 'integer'
        OR NEW.end_at - NEW.start_at > {_LONGEST_US}
        OR NEW.start_at % 1000000 <> 0 OR NEW.end_at % 1000000 <> 0;
    SELECT RAISE(ABORT, '{PORT_TAKEN}')
    WHERE NEW.{_OCCUPIES} AND EXISTS (
        SELECT 1 FROM reservations
        WHERE port_id = NEW.port_id AND {_OCCUPIES}
            AND start_at < NEW.end_at AND end_at > NEW.start_at{own_row}
    );
END"""  # noqa: S608 - made of our own words only


_SQLITE = (
    _trigger("on_insert", "INSERT", ""),
    _trigger("on_update", "UPDATE OF id, port_id, state, start_at, end_at", " AND id <> OLD.id"),
)

# The statements, by dialect, that make the guard once the table is there: for create_all below and for the migration.
NO_OVERLAP_GUARD: Mapping[str, tuple[str, ...]] = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}


def _attach_guard(table: Table) -> None:
    for dialect, statements in NO_OVERLAP_GUARD.items():
        for statement in statements:
            made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call] # a lone % would be filled in
            event.listen(table, "after_create", made.execute_if(dialect=dialect))


RESERVATIONS: Table = Base.metadata.tables[ReservationRow.__tablename__]
QUOTES: Table = Base.metadata.tables[QuoteRow.__tablename__]
_attach_guard(RESERVATIONS)
