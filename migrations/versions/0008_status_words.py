"""Status reports: a deterministic winner, spells of 90 days, thresholds per network, and what was told of each port."""

import sqlalchemy as sa
from alembic import op

from kernel.database import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LOUD = sa.text("told_status <> 'UNREACHABLE'")
# An old row starts with these; new rows always bring their own.
_OF_STATUSES = (
    ("weight", sa.BigInteger(), "0"),
    ("reports", sa.BigInteger(), "1"),
    ("told_status", sa.String(length=20), "UNKNOWN"),
    ("told_freshness", sa.String(length=10), "STALE"),
)
_SPELLS_OF_OLD_ROWS = """
INSERT INTO status_spells (port_id, began_at, sequence, weight, technical_status, status_changed_at, reports_before)
SELECT port_id, reported_at, sequence, 0, technical_status, status_changed_at, 0 FROM port_statuses
"""


def upgrade() -> None:
    with op.batch_alter_table("networks") as networks:
        networks.add_column(sa.Column("stale_after_s", sa.Integer(), nullable=True))
        networks.add_column(sa.Column("unreachable_after_s", sa.Integer(), nullable=True))
    with op.batch_alter_table("port_statuses") as statuses:
        for name, kind, start in _OF_STATUSES:
            statuses.add_column(sa.Column(name, kind, nullable=False, server_default=start))
    with op.batch_alter_table("port_statuses") as statuses:
        for name, _, _ in _OF_STATUSES:
            statuses.alter_column(name, server_default=None)
    op.create_index(
        "ix_port_statuses_loud", "port_statuses", ["reported_at"], sqlite_where=_LOUD, postgresql_where=_LOUD
    )
    with op.batch_alter_table("status_reports") as reports:
        reports.add_column(sa.Column("clamped", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("status_reports") as reports:
        reports.alter_column("clamped", server_default=None)
        reports.drop_constraint("fk_status_reports_port_id", type_="foreignkey")
    op.drop_index("ix_status_reports_received_at", table_name="status_reports")
    op.create_index("ix_status_reports_received_at", "status_reports", ["received_at"], postgresql_using="brin")
    op.drop_index("ix_port_statuses_received_at", table_name="port_statuses")
    op.create_table(
        "status_spells",
        sa.Column("port_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("technical_status", sa.String(length=20), nullable=False),
        sa.Column("status_changed_at", Instant(), nullable=False),
        sa.Column("heard_before", Instant(), nullable=True),
        sa.Column("reports_before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("port_id", "began_at", "sequence", "weight", name="pk_status_spells"),
    )
    op.execute(_SPELLS_OF_OLD_ROWS)


def downgrade() -> None:
    op.drop_table("status_spells")
    op.create_index("ix_port_statuses_received_at", "port_statuses", ["received_at"], unique=False)
    op.drop_index("ix_status_reports_received_at", table_name="status_reports")
    op.create_index("ix_status_reports_received_at", "status_reports", ["received_at"], unique=False)
    with op.batch_alter_table("status_reports") as reports:
        reports.drop_column("clamped")
        reports.create_foreign_key("fk_status_reports_port_id", "ports", ["port_id"], ["id"])
    op.drop_index("ix_port_statuses_loud", table_name="port_statuses")
    with op.batch_alter_table("port_statuses") as statuses:
        for name, _, _ in _OF_STATUSES:
            statuses.drop_column(name)
    with op.batch_alter_table("networks") as networks:
        networks.drop_column("stale_after_s")
        networks.drop_column("unreachable_after_s")
