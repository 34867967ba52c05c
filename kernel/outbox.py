"""The outbox: events written in the transaction of what they tell about, carried out by the worker afterwards."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.bulk import Rows
from kernel.database import Base, Instant


class OutboxRow(Base):
    """One event; `subject` is what it is about, and events of one subject keep their order."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)


def announce(session: Session, *, topic: str, subject: str, payload: dict[str, Any], at: datetime) -> None:
    """Leave an event in the outbox; it exists if and only if the transaction is committed."""
    session.add(OutboxRow(topic=topic, subject=subject, payload=payload, created_at=at))


def events(*, topic: str, about: Iterable[tuple[str, dict[str, Any]]], at: datetime) -> Rows:
    """Many events of one topic, (subject, payload) of each, to be inserted with what they tell about."""
    rows = [{"topic": topic, "subject": subject, "payload": payload, "created_at": at} for subject, payload in about]
    return Rows(OutboxRow, rows)
