"""Stations know their latest entry of the change log, so that the log need not be kept for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LATEST = """
UPDATE stations SET changed_seq = COALESCE(
  (SELECT MAX(seq) FROM station_changes WHERE station_changes.station_pk = stations.id), 0
)
"""


def upgrade() -> None:
    op.add_column("stations", sa.Column("changed_seq", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(_LATEST)
    op.create_index("ix_stations_changed_seq", "stations", ["changed_seq"])


def downgrade() -> None:
    op.drop_index("ix_stations_changed_seq", table_name="stations")
    op.drop_column("stations", "changed_seq")
