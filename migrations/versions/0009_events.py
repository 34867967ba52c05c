"""Positions of sent events, in the order of commits: what the live stream replays; and indexes of what is unsent."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UNSENT = sa.text("sent_at IS NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("position", sa.BigInteger(), nullable=True))
    op.execute("UPDATE outbox SET position = id WHERE sent_at IS NOT NULL")
    op.create_index("ix_outbox_unsent", "outbox", ["id"], postgresql_where=_UNSENT, sqlite_where=_UNSENT)
    op.create_index(
        "ix_outbox_unsent_subject", "outbox", ["subject", "id"], postgresql_where=_UNSENT, sqlite_where=_UNSENT
    )
    op.create_index("ix_outbox_position", "outbox", ["position"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_outbox_position", table_name="outbox")
    op.drop_index("ix_outbox_unsent_subject", table_name="outbox", postgresql_where=_UNSENT, sqlite_where=_UNSENT)
    op.drop_index("ix_outbox_unsent", table_name="outbox", postgresql_where=_UNSENT, sqlite_where=_UNSENT)
    op.drop_column("outbox", "position")
