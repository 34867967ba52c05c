"""Accounts, finder, idempotency keys and the outbox."""

import uuid

import sqlalchemy as sa
from alembic import op

from kernel.database import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drivers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("account_handle", sa.String(length=60), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drivers"),
        sa.UniqueConstraint("account_handle", name="uq_drivers_account_handle"),
        sa.UniqueConstraint("username", name="uq_drivers_username"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("content_type", sa.String(length=80), nullable=True),
        sa.Column("location", sa.String(length=300), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("scope", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "networks",
        sa.Column("network_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("network_id", name="pk_networks"),
    )
    op.create_table(
        "organizations",
        sa.Column("organization_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("plan", sa.String(length=20), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name="pk_organizations"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_table(
        "cards",
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("driver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nickname", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name="fk_cards_driver_id"),
        sa.PrimaryKeyConstraint("serial_number", name="pk_cards"),
    )
    op.create_index("ix_cards_driver_id", "cards", ["driver_id"], unique=False)
    op.create_table(
        "clients",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_id", sa.String(length=60), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.String(length=40), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("publishable", sa.Boolean(), nullable=False),
        sa.Column("allowed_origins", sa.JSON(), nullable=False),
        sa.Column("requests_per_min", sa.Integer(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name="fk_clients_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.UniqueConstraint("key_id", name="uq_clients_key_id"),
    )
    op.create_table(
        "stations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.String(length=60), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=60), nullable=True),
        sa.Column("organization_name", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("manufacturer", sa.String(length=200), nullable=True),
        sa.Column("model", sa.String(length=200), nullable=True),
        sa.Column("serial_number", sa.String(length=100), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("phone", sa.String(length=100), nullable=True),
        sa.Column("line1", sa.String(length=300), nullable=True),
        sa.Column("line2", sa.String(length=300), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=100), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("access", sa.String(length=20), nullable=False),
        sa.Column("opening_hours", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reservable", sa.Boolean(), nullable=False),
        sa.Column("owner_sets_reservable", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("tariff", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("price_text", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("record_digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.CheckConstraint("lat BETWEEN -90 AND 90", name="lat"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180", name="lon"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.network_id"], name="fk_stations_network_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
        sa.UniqueConstraint("station_id", name="uq_stations_station_id"),
    )
    op.create_index("ix_stations_network_id", "stations", ["network_id"], unique=False)
    op.create_index("ix_stations_source", "stations", ["source", "station_id"], unique=False)
    op.create_table(
        "ports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("port_number", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=True),
        sa.Column("mode", sa.String(length=10), nullable=True),
        sa.Column("voltage_v", sa.Float(precision=53), nullable=True),
        sa.Column("current_a", sa.Float(precision=53), nullable=True),
        sa.Column("power_kw", sa.Float(precision=53), nullable=True),
        sa.Column("reservable", sa.Boolean(), nullable=False),
        sa.Column("connectors", sa.JSON(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["station_pk"], ["stations.id"], name="fk_ports_station_pk"),
        sa.PrimaryKeyConstraint("id", name="pk_ports"),
        sa.UniqueConstraint("station_pk", "port_number", name="uq_ports_station_pk"),
    )
    op.create_table(
        "station_changes",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["station_pk"], ["stations.id"], name="fk_station_changes_station_pk"),
        sa.PrimaryKeyConstraint("seq", name="pk_station_changes"),
    )
    op.create_index("ix_station_changes_station_pk", "station_changes", ["station_pk"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("driver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_tokens_client_id"),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name="fk_tokens_driver_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_tokens"),
    )
    op.create_index("ix_tokens_driver_id", "tokens", ["driver_id"], unique=False)
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"], unique=False)
    op.create_table(
        "port_statuses",
        sa.Column("port_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("technical_status", sa.String(length=20), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("reported_at", Instant(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("status_changed_at", Instant(), nullable=False),
        sa.Column("clamped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["port_id"], ["ports.id"], name="fk_port_statuses_port_id"),
        sa.PrimaryKeyConstraint("port_id", name="pk_port_statuses"),
    )
    op.create_index("ix_port_statuses_received_at", "port_statuses", ["received_at"], unique=False)
    op.create_table(
        "status_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("port_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("technical_status", sa.String(length=20), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("reported_at", Instant(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["port_id"], ["ports.id"], name="fk_status_reports_port_id"),
        sa.PrimaryKeyConstraint("id", name="pk_status_reports"),
    )
    op.create_index("ix_status_reports_port", "status_reports", ["port_id", "id"], unique=False)
    op.create_index("ix_status_reports_received_at", "status_reports", ["received_at"], unique=False)
    installation = op.create_table(
        "installation", sa.Column("name", sa.String(length=32), nullable=False, primary_key=True)
    )
    op.bulk_insert(installation, [{"name": uuid.uuid4().hex}])


def downgrade() -> None:
    op.drop_table("installation")
    op.drop_index("ix_status_reports_received_at", table_name="status_reports")
    op.drop_index("ix_status_reports_port", table_name="status_reports")
    op.drop_table("status_reports")
    op.drop_index("ix_port_statuses_received_at", table_name="port_statuses")
    op.drop_table("port_statuses")
    op.drop_index("ix_tokens_expires_at", table_name="tokens")
    op.drop_index("ix_tokens_driver_id", table_name="tokens")
    op.drop_table("tokens")
    op.drop_index("ix_station_changes_station_pk", table_name="station_changes")
    op.drop_table("station_changes")
    op.drop_table("ports")
    op.drop_index("ix_stations_source", table_name="stations")
    op.drop_index("ix_stations_network_id", table_name="stations")
    op.drop_table("stations")
    op.drop_table("clients")
    op.drop_index("ix_cards_driver_id", table_name="cards")
    op.drop_table("cards")
    op.drop_table("outbox")
    op.drop_table("organizations")
    op.drop_table("networks")
    op.drop_index("ix_idempotency_keys_created_at", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("drivers")
