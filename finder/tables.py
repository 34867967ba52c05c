"""Tables of networks, stations, ports, their statuses, reports as received and spells, and the change log."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, Instant

_Id = BigInteger().with_variant(Integer, "sqlite")
HIDDEN = "hidden"  # a kind of change: for everybody who is told of changes the station is removed
_LOUD = text("told_status <> 'UNREACHABLE'")


class NetworkRow(Base):
    """A charging network (guide 5.1). Thresholds of freshness where the network has its own."""

    __tablename__ = "networks"

    network_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500), default="")
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    stale_after_s: Mapped[int | None] = mapped_column(Integer)
    unreachable_after_s: Mapped[int | None] = mapped_column(Integer)


class StationRow(Base):
    """A station. `record_digest` tells an import whether anything changed; `source` names the import.

    `owner_sets_reservable` and the like say that the owner, not the source, decides that. `changed_seq` is
    the station's latest entry of the change log, and stays when the log is cut.
    """

    __tablename__ = "stations"
    __table_args__ = (
        CheckConstraint("lat BETWEEN -90 AND 90", name="lat"),
        CheckConstraint("lon BETWEEN -180 AND 180", name="lon"),
        Index("ix_stations_source", "source", "station_id"),
    )

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    station_id: Mapped[str] = mapped_column(String(60), unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.network_id"), index=True)
    organization_id: Mapped[str | None] = mapped_column(String(60))
    organization_name: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(300))
    manufacturer: Mapped[str | None] = mapped_column(String(200))
    model: Mapped[str | None] = mapped_column(String(200))
    serial_number: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(100))
    line1: Mapped[str | None] = mapped_column(String(300))
    line2: Mapped[str | None] = mapped_column(String(300))
    city: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str | None] = mapped_column(String(100))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    lat: Mapped[float] = mapped_column(Float(53))
    lon: Mapped[float] = mapped_column(Float(53))
    time_zone: Mapped[str] = mapped_column(String(60))
    access: Mapped[str] = mapped_column(String(20))
    visibility: Mapped[str] = mapped_column(String(20), default="EVERYONE", server_default="EVERYONE")
    opening_hours: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reservable: Mapped[bool] = mapped_column(Boolean)
    owner_sets_reservable: Mapped[bool] = mapped_column(Boolean, default=False)
    owner_sets_tariff: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    owner_sets_visibility: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    currency: Mapped[str | None] = mapped_column(String(3))
    tariff: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    price_text: Mapped[str | None] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    source: Mapped[str] = mapped_column(String(60))
    record_digest: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0", index=True)


class PortRow(Base):
    """A port: what is reported on, held and locked. A port that its owner takes away is kept, with `removed` set."""

    __tablename__ = "ports"
    __table_args__ = (UniqueConstraint("station_pk", "port_number"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    station_pk: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    port_number: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[str | None] = mapped_column(String(10))
    mode: Mapped[str | None] = mapped_column(String(10))
    voltage_v: Mapped[float | None] = mapped_column(Float(53))
    current_a: Mapped[float | None] = mapped_column(Float(53))
    power_kw: Mapped[float | None] = mapped_column(Float(53))
    reservable: Mapped[bool] = mapped_column(Boolean)
    connectors: Mapped[list[str]] = mapped_column(JSON)
    removed: Mapped[bool] = mapped_column(Boolean, default=False)


class StationChangeRow(Base):
    """One entry of the change log: a station was added, changed, removed, or hidden. Indexes follow it by `seq`."""

    __tablename__ = "station_changes"

    seq: Mapped[int] = mapped_column(_Id, primary_key=True)
    station_pk: Mapped[int] = mapped_column(ForeignKey("stations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class PortStatusRow(Base):
    """The latest report of a port, the newest by (`reported_at`, `sequence`, `weight`), and what was told of it last.

    `reports` counts the port's reports and grows with every change of the row.
    """

    __tablename__ = "port_statuses"
    __table_args__ = (Index("ix_port_statuses_loud", "reported_at", sqlite_where=_LOUD, postgresql_where=_LOUD),)

    port_id: Mapped[int] = mapped_column(ForeignKey("ports.id"), primary_key=True, autoincrement=False)
    technical_status: Mapped[str] = mapped_column(String(20))
    raw_status: Mapped[str | None] = mapped_column(String(60))
    error_code: Mapped[str | None] = mapped_column(String(60))
    reported_at: Mapped[datetime] = mapped_column(Instant)
    sequence: Mapped[int] = mapped_column(BigInteger)
    weight: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(Instant)
    status_changed_at: Mapped[datetime] = mapped_column(Instant)
    clamped: Mapped[bool] = mapped_column(Boolean, default=False)
    reports: Mapped[int] = mapped_column(BigInteger)
    told_status: Mapped[str] = mapped_column(String(20))
    told_freshness: Mapped[str] = mapped_column(String(10))


class StatusReportRow(Base):
    """Every report as it was received: `reported_at` is what the charger said, also where it was not believed.

    Ports stay when they are removed; a foreign key here would be a look-up for every report.
    """

    __tablename__ = "status_reports"
    __table_args__ = (
        Index("ix_status_reports_port", "port_id", "id"),
        Index("ix_status_reports_received_at", "received_at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    port_id: Mapped[int] = mapped_column(_Id)
    technical_status: Mapped[str] = mapped_column(String(20))
    raw_status: Mapped[str | None] = mapped_column(String(60))
    error_code: Mapped[str | None] = mapped_column(String(60))
    reported_at: Mapped[datetime] = mapped_column(Instant)
    sequence: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(Instant)
    clamped: Mapped[bool] = mapped_column(Boolean, default=False)


class StatusSpellRow(Base):
    """One spell of a port's history: a status kept without a long silence, until the next one begins."""

    __tablename__ = "status_spells"

    port_id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=False)
    began_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    weight: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    technical_status: Mapped[str] = mapped_column(String(20))
    status_changed_at: Mapped[datetime] = mapped_column(Instant)
    heard_before: Mapped[datetime | None] = mapped_column(Instant)
    reports_before: Mapped[int] = mapped_column(BigInteger)
