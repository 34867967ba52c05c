"""Failed sign-ins and what drivers may do with their accounts."""

import sqlalchemy as sa
from alembic import op

from kernel.database import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch: copying a table that others refer to fails on SQLite as soon as there are rows.
    op.add_column("drivers", sa.Column("pays", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("drivers", sa.Column("disabled_at", Instant(), nullable=True))
    op.execute("ALTER TABLE clients RENAME COLUMN revoked_at TO disabled_at")
    op.create_table(
        "sign_in_tallies",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("streak", sa.SmallInteger(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sign_in_tallies"),
    )
    op.create_index("ix_sign_in_tallies_ends_at", "sign_in_tallies", ["ends_at"], unique=False)
    op.create_table(
        "sign_in_places",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("driver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name="fk_sign_in_places_driver_id"),
        sa.PrimaryKeyConstraint("name", name="pk_sign_in_places"),
    )
    op.create_index("ix_sign_in_places_driver_id", "sign_in_places", ["driver_id"], unique=False)
    op.create_index("ix_sign_in_places_last_at", "sign_in_places", ["last_at"], unique=False)


def downgrade() -> None:
    op.drop_table("sign_in_places")
    op.drop_table("sign_in_tallies")
    op.execute("ALTER TABLE clients RENAME COLUMN disabled_at TO revoked_at")
    op.drop_column("drivers", "disabled_at")
    op.drop_column("drivers", "pays")
