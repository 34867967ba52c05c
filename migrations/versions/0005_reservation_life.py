"""What became of reservations: history, attendance, relocation."""

import sqlalchemy as sa
from alembic import op

from kernel.database import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_reservations_coming", "start_at", "state IN ('CONFIRMED', 'HELD')"),
    ("ix_reservations_active", "end_at", "state = 'ACTIVE'"),
    (
        "ix_reservations_trouble",
        "trouble_since",
        "trouble_since IS NOT NULL AND state IN ('ACTIVE', 'CONFIRMED', 'HELD')",
    ),
)
# What earlier reservations went through: held, then confirmed or not, then what they ended as.
_EARLIER_MOVES = (
    "SELECT handle, 'held', created_at, 'DRIVER', NULL, 'HELD', '{}' FROM reservations ORDER BY id",
    "SELECT handle, 'confirmed', confirmed_at, 'DRIVER', 'HELD', 'CONFIRMED', '{}' FROM reservations"
    " WHERE confirmed_at IS NOT NULL ORDER BY id",
    "SELECT handle, lower(state), updated_at, CASE state WHEN 'LAPSED' THEN 'TIME' ELSE 'DRIVER' END,"
    " CASE WHEN confirmed_at IS NULL THEN 'HELD' ELSE 'CONFIRMED' END, state, '{}' FROM reservations"
    " WHERE state NOT IN ('HELD', 'CONFIRMED') ORDER BY id",
)


def upgrade() -> None:
    op.add_column("reservations", sa.Column("trouble_reason", sa.String(length=40), nullable=True))
    op.add_column("reservations", sa.Column("trouble_since", Instant(), nullable=True))
    for name, column, which in _INDEXES:
        op.create_index(name, "reservations", [column], postgresql_where=sa.text(which), sqlite_where=sa.text(which))
    op.create_table(
        "reservation_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("from_state", sa.String(length=10), nullable=True),
        sa.Column("to_state", sa.String(length=10), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.CheckConstraint("cause IN ('DRIVER', 'OPERATOR', 'REPORT', 'TIME')", name="cause"),
        sa.CheckConstraint(
            "to_state IN ('ACTIVE', 'CANCELLED', 'COMPLETED', 'CONFIRMED', 'HELD', 'LAPSED', 'NO_SHOW', 'RELEASED')",
            name="to_state",
        ),
        sa.ForeignKeyConstraint(
            ["handle"], ["reservations.handle"], name="fk_reservation_history_handle", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reservation_history"),
    )
    op.create_index("ix_reservation_history_handle", "reservation_history", ["handle", "id"])
    columns = "handle, what, moved_at, cause, from_state, to_state, changed"
    for moves in _EARLIER_MOVES:
        op.execute(sa.text(f"INSERT INTO reservation_history ({columns}) {moves}"))


def downgrade() -> None:
    op.drop_table("reservation_history")
    for name, _, _ in _INDEXES:
        op.drop_index(name, "reservations")
    op.drop_column("reservations", "trouble_since")
    op.drop_column("reservations", "trouble_reason")
