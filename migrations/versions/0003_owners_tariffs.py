"""Tariffs that the owner sets stay through imports."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("owner_sets_tariff", sa.Boolean(), nullable=False, server_default=sa.false())
    with op.batch_alter_table("stations") as stations:
        stations.add_column(column)
    with op.batch_alter_table("stations") as stations:
        stations.alter_column("owner_sets_tariff", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("stations") as stations:
        stations.drop_column("owner_sets_tariff")
