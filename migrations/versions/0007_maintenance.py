"""Announced maintenance windows."""

import sqlalchemy as sa
from alembic import op

from kernel.database import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIVE = sa.text("cancelled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "maintenance_windows",
        sa.Column("id", _ID, nullable=False),
        sa.Column("maintenance_id", sa.String(length=40), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.String(length=60), nullable=True),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.Column("announced_at", Instant(), nullable=False),
        sa.Column("announced_by", sa.String(length=60), nullable=False),
        sa.Column("cancelled_at", Instant(), nullable=True),
        sa.Column("started_told_at", Instant(), nullable=True),
        sa.Column("ended_told_at", Instant(), nullable=True),
        sa.CheckConstraint("end_at > start_at", name="window"),
        sa.CheckConstraint("network_id IS NULL OR organization_id IS NULL", name="scope"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.network_id"], name="fk_maintenance_windows_network_id"),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance_windows"),
        sa.UniqueConstraint("maintenance_id", name="uq_maintenance_windows_maintenance_id"),
    )
    op.create_index(
        "ix_maintenance_windows_end", "maintenance_windows", ["end_at"], postgresql_where=_LIVE, sqlite_where=_LIVE
    )
    op.create_index("ix_maintenance_windows_start", "maintenance_windows", ["start_at", "maintenance_id"])
    op.create_table(
        "maintenance_stations",
        sa.Column("window_id", _ID, nullable=False),
        sa.Column("station_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["window_id"], ["maintenance_windows.id"], name="fk_maintenance_stations_window_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("window_id", "station_id", name="pk_maintenance_stations"),
    )
    op.create_index("ix_maintenance_stations_station_id", "maintenance_stations", ["station_id"])


def downgrade() -> None:
    op.drop_table("maintenance_stations")
    op.drop_table("maintenance_windows")
