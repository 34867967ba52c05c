"""Tables of announced maintenance windows and of the stations that they name."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, Instant

_Id = BigInteger().with_variant(Integer, "sqlite")
_LIVE = text("cancelled_at IS NULL")


class MaintenanceRow(Base):
    """An announced window. Without network, organization and stations it is for the whole installation.

    `started_told_at` and `ended_told_at` say when these events were left in the outbox, so that it is done once.
    """

    __tablename__ = "maintenance_windows"
    __table_args__ = (
        CheckConstraint("end_at > start_at", name="window"),
        CheckConstraint("network_id IS NULL OR organization_id IS NULL", name="scope"),
        Index("ix_maintenance_windows_end", "end_at", postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("ix_maintenance_windows_start", "start_at", "maintenance_id"),
    )

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    maintenance_id: Mapped[str] = mapped_column(String(40), unique=True)
    network_id: Mapped[int | None] = mapped_column(ForeignKey("networks.network_id"))
    organization_id: Mapped[str | None] = mapped_column(String(60))
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    message: Mapped[str] = mapped_column(String(500))
    effects: Mapped[list[str]] = mapped_column(JSON)
    announced_at: Mapped[datetime] = mapped_column(Instant)
    announced_by: Mapped[str] = mapped_column(String(60))
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)
    started_told_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_told_at: Mapped[datetime | None] = mapped_column(Instant)


class MaintenanceStationRow(Base):
    """A station that a window names."""

    __tablename__ = "maintenance_stations"

    window_id: Mapped[int] = mapped_column(ForeignKey("maintenance_windows.id", ondelete="CASCADE"), primary_key=True)
    station_id: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
