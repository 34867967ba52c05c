"""Tariffs that the owner sets stay through imports."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A copy of the table, as SQLite's batches make it, would fail on stations that ports refer to.
    op.add_column("stations", sa.Column("owner_sets_tariff", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("stations", "owner_sets_tariff")
