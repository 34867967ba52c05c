"""Reservations and quotes, with the guard against two live reservations in one port."""

import sqlalchemy as sa
from alembic import op

from kernel.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As the guard was when this migration was written; `reservations.tables` has it as it is now.
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "ALTER TABLE reservations ADD CONSTRAINT reservations_no_overlap EXCLUDE USING gist (port_id WITH =, tstzrange(start_at, end_at, '[)') WITH &&) WHERE (state IN ('ACTIVE', 'CONFIRMED', 'HELD'))",
    "ALTER TABLE reservations ADD CONSTRAINT ck_reservations_finite CHECK (isfinite(start_at) AND isfinite(end_at))",
    "ALTER TABLE reservations ADD CONSTRAINT ck_reservations_longest CHECK (end_at <= start_at + interval '86400000000 microseconds')",
    "ALTER TABLE reservations ADD CONSTRAINT ck_reservations_whole_seconds CHECK (date_trunc('second', start_at) = start_at AND date_trunc('second', end_at) = end_at)",
)
_SQLITE = (
    """
CREATE TRIGGER reservations_no_overlap_on_insert BEFORE INSERT ON reservations
BEGIN
    SELECT RAISE(ABORT, 'window_not_valid')
    WHERE typeof(NEW.start_at) <> 'integer' OR typeof(NEW.end_at) <> 'integer'
        OR NEW.end_at - NEW.start_at > 86400000000
        OR NEW.start_at % 1000000 <> 0 OR NEW.end_at % 1000000 <> 0;
    SELECT RAISE(ABORT, 'port_taken')
    WHERE NEW.state IN ('ACTIVE', 'CONFIRMED', 'HELD') AND EXISTS (
        SELECT 1 FROM reservations
        WHERE port_id = NEW.port_id AND state IN ('ACTIVE', 'CONFIRMED', 'HELD')
            AND start_at < NEW.end_at AND end_at > NEW.start_at
    );
END
""",
    """
CREATE TRIGGER reservations_no_overlap_on_update BEFORE UPDATE OF id, port_id, state, start_at, end_at ON reservations
BEGIN
    SELECT RAISE(ABORT, 'window_not_valid')
    WHERE typeof(NEW.start_at) <> 'integer' OR typeof(NEW.end_at) <> 'integer'
        OR NEW.end_at - NEW.start_at > 86400000000
        OR NEW.start_at % 1000000 <> 0 OR NEW.end_at % 1000000 <> 0;
    SELECT RAISE(ABORT, 'port_taken')
    WHERE NEW.state IN ('ACTIVE', 'CONFIRMED', 'HELD') AND EXISTS (
        SELECT 1 FROM reservations
        WHERE port_id = NEW.port_id AND state IN ('ACTIVE', 'CONFIRMED', 'HELD')
            AND start_at < NEW.end_at AND end_at > NEW.start_at AND id <> OLD.id
    );
END
""",
)


def upgrade() -> None:
    op.create_table(
        "quotes",
        sa.Column("quote_id", sa.String(length=40), nullable=False),
        sa.Column("driver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("port_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.String(length=60), nullable=False),
        sa.Column("port_number", sa.SmallInteger(), nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("tariff", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("price", sa.JSON(), nullable=False),
        sa.Column("hold_min", sa.Integer(), nullable=False),
        sa.Column("cancellation_interval_min", sa.Integer(), nullable=False),
        sa.Column("cancel_until", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.CheckConstraint("end_at > start_at", name="ends_after_start"),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name="fk_quotes_driver_id"),
        sa.ForeignKeyConstraint(["port_id"], ["ports.id"], name="fk_quotes_port_id"),
        sa.PrimaryKeyConstraint("quote_id", name="pk_quotes"),
    )
    op.create_index("ix_quotes_driver_id", "quotes", ["driver_id"], unique=False)
    op.create_index("ix_quotes_expires_at", "quotes", ["expires_at"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("driver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("port_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.String(length=60), nullable=False),
        sa.Column("port_number", sa.SmallInteger(), nullable=False),
        sa.Column("card", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("price", sa.JSON(), nullable=False),
        sa.Column("cancellation_interval_min", sa.Integer(), nullable=False),
        sa.Column("cancel_until", Instant(), nullable=False),
        sa.Column("hold_expires_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint("(state IN ('HELD', 'LAPSED', 'RELEASED')) = (confirmed_at IS NULL)", name="confirmed"),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'CANCELLED', 'COMPLETED', 'CONFIRMED', 'HELD', 'LAPSED', 'NO_SHOW', 'RELEASED')",
            name="state",
        ),
        sa.CheckConstraint("end_at > start_at", name="ends_after_start"),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name="fk_reservations_driver_id"),
        sa.ForeignKeyConstraint(["port_id"], ["ports.id"], name="fk_reservations_port_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
        sa.UniqueConstraint("handle", name="uq_reservations_handle"),
    )
    op.create_index("ix_reservations_driver", "reservations", ["driver_id", "start_at", "handle"], unique=False)
    op.create_index(
        "ix_reservations_holds",
        "reservations",
        ["hold_expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'HELD'"),
        sqlite_where=sa.text("state = 'HELD'"),
    )
    op.create_index(
        "ix_reservations_occupying",
        "reservations",
        ["port_id", "end_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ACTIVE', 'CONFIRMED', 'HELD')"),
        sqlite_where=sa.text("state IN ('ACTIVE', 'CONFIRMED', 'HELD')"),
    )
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(
        "ix_reservations_occupying",
        table_name="reservations",
        postgresql_where=sa.text("state IN ('ACTIVE', 'CONFIRMED', 'HELD')"),
        sqlite_where=sa.text("state IN ('ACTIVE', 'CONFIRMED', 'HELD')"),
    )
    op.drop_index(
        "ix_reservations_holds",
        table_name="reservations",
        postgresql_where=sa.text("state = 'HELD'"),
        sqlite_where=sa.text("state = 'HELD'"),
    )
    op.drop_index("ix_reservations_driver", table_name="reservations")
    op.drop_table("reservations")
    op.drop_index("ix_quotes_expires_at", table_name="quotes")
    op.drop_index("ix_quotes_driver_id", table_name="quotes")
    op.drop_table("quotes")
