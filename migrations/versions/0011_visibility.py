"""Who finds a station; stations that are not for everyone are hidden from now on, but for those of a public list."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A copy of the table, as SQLite's batches make it, would fail on stations that ports refer to.
    op.add_column("stations", sa.Column("visibility", sa.String(20), nullable=False, server_default="EVERYONE"))
    op.add_column(
        "stations", sa.Column("owner_sets_visibility", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "UPDATE stations SET visibility = 'OWNER' "
        "WHERE access = 'PRIVATE' OR (access = 'RESTRICTED' AND source <> 'afdc')"
    )


def downgrade() -> None:
    op.drop_column("stations", "owner_sets_visibility")
    op.drop_column("stations", "visibility")
