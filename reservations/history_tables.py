"""The table of moves: the history of every reservation, written in the transaction of the move."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, Instant
from reservations.domain.history import Cause
from reservations.domain.lifecycle import State
from reservations.tables import RESERVATIONS


def _words(kind: type[Cause] | type[State]) -> str:
    return ", ".join(f"'{one}'" for one in sorted(kind))


class MoveRow(Base):
    """One move of a reservation; `id` gives the order, and the moves go where the reservation goes."""

    __tablename__ = "reservation_history"
    __table_args__ = (
        CheckConstraint(f"cause IN ({_words(Cause)})", name="cause"),
        CheckConstraint(f"to_state IN ({_words(State)})", name="to_state"),
        Index("ix_reservation_history_handle", "handle", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    handle: Mapped[str] = mapped_column(ForeignKey(RESERVATIONS.c.handle, ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(30))
    moved_at: Mapped[datetime] = mapped_column(Instant)
    cause: Mapped[str] = mapped_column(String(10))
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    changed: Mapped[dict[str, Any]] = mapped_column(JSON)


HISTORY: Table = Base.metadata.tables[MoveRow.__tablename__]
