"""What a station allows its reservers, and what was promised with a quote and a reservation."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BOUNDS = {
    "hold_min": (1, 60),
    "quote_min": (1, 60),
    "earliest_start_min": (0, 10080),
    "furthest_days": (1, 365),
    "shortest_min": (1, 1440),
    "longest_min": (1, 1440),
    "step_min": (1, 1440),
    "cancellation_interval_min": (0, 10080),
    "no_show_grace_min": (0, 1440),
    "early_start_min": (0, 1440),
    "late_stop_min": (0, 1440),
    "holds_per_driver": (1, 100),
    "holds_per_card": (1, 100),
    "holds_per_client": (1, 100000),
    "reservations_per_driver": (1, 1000),
    "extensions": (0, 20),
    "extensions_min": (0, 120),
    "in_service_within_min": (0, 10080),
}
_PROMISED = """{"hold_min":5,"quote_min":10,"earliest_start_min":0,"furthest_days":30,"shortest_min":15,"longest_min":1440,"step_min":1,"no_show_grace_min":15,"early_start_min":15,"late_stop_min":15,"holds_per_driver":3,"holds_per_card":3,"holds_per_client":1000,"reservations_per_driver":20,"extensions":2,"extensions_min":10,"in_service_within_min":60,"cancellation_interval_min":"""


def upgrade() -> None:
    op.create_table(
        "reservation_policies",
        sa.Column("station_id", sa.String(length=60), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _BOUNDS),
        *(
            sa.CheckConstraint(f"{name} BETWEEN {least} AND {most}", name=name)
            for name, (least, most) in _BOUNDS.items()
        ),
        sa.PrimaryKeyConstraint("station_id", name="pk_reservation_policies"),
    )
    for table in ("quotes", "reservations"):
        op.add_column(table, sa.Column("policy", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        _promise_what_was_promised(table)
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("reservations", sa.Column("client_id", number, nullable=True))
    op.add_column(
        "reservations", sa.Column("extensions", sa.SmallInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.create_index(
        "ix_reservations_client",
        "reservations",
        ["client_id", "hold_expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'HELD'"),
        sqlite_where=sa.text("state = 'HELD'"),
    )


def _promise_what_was_promised(table: str) -> None:
    """Until now every station had the same policy, and only the cancellation interval was kept."""
    kind = "JSON" if op.get_bind().dialect.name == "postgresql" else "TEXT"
    kept = f"CAST(:promised || CAST(cancellation_interval_min AS VARCHAR(10)) || '}}' AS {kind})"
    op.get_bind().execute(sa.text(f"UPDATE {table} SET policy = {kept}"), {"promised": _PROMISED})  # noqa: S608


def downgrade() -> None:
    op.drop_index(
        "ix_reservations_client",
        table_name="reservations",
        postgresql_where=sa.text("state = 'HELD'"),
        sqlite_where=sa.text("state = 'HELD'"),
    )
    op.drop_column("reservations", "extensions")
    op.drop_column("reservations", "client_id")
    op.drop_column("reservations", "policy")
    op.drop_column("quotes", "policy")
    op.drop_table("reservation_policies")
