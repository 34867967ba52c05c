"""The outbox: events written in the transaction of what they tell about, and handed on by the relay afterwards."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, Row, String, delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from kernel.bulk import Rows
from kernel.database import Base, Instant
from kernel.transaction import is_postgresql

_ONE_NUMBERER = 8_150_816  # advisory lock: positions are given in the order of commits
_UNSENT = text("sent_at IS NULL")


class OutboxRow(Base):
    """One event; `subject` is what it is about, and events of one subject keep their order.

    Ids are given before the commit, so that a lower one may appear after a higher one. `position` is given by the
    relay, in the order of its commits: who has read up to a position has missed nothing before it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unsent", "id", postgresql_where=_UNSENT, sqlite_where=_UNSENT),
        Index("ix_outbox_unsent_subject", "subject", "id", postgresql_where=_UNSENT, sqlite_where=_UNSENT),
        Index("ix_outbox_position", "position", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    position: Mapped[int | None] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened. `event_id` is the same however often it is told; `position` is None until it has been sent."""

    event_id: int
    topic: str
    subject: str
    payload: dict[str, Any]
    created_at: datetime
    position: int | None


_EVENT = (
    OutboxRow.id.label("event_id"),
    OutboxRow.topic,
    OutboxRow.subject,
    OutboxRow.payload,
    OutboxRow.created_at,
    OutboxRow.position,
)


def announce(session: Session, *, topic: str, subject: str, payload: dict[str, Any], at: datetime) -> None:
    """Leave an event in the outbox; it exists if and only if the transaction is committed.

    Who announces holds a lock on the subject until the commit: that is what gives its events their order.
    """
    session.add(OutboxRow(topic=topic, subject=subject, payload=payload, created_at=at))


def events(*, topic: str, about: Iterable[tuple[str, dict[str, Any]]], at: datetime) -> Rows:
    """Many events of one topic, (subject, payload) of each, to be inserted with what they tell about."""
    told = list(about)
    columns: dict[str, list[Any]] = {
        "topic": [topic] * len(told),
        "subject": [subject for subject, _ in told],
        "payload": [payload for _, payload in told],
        "created_at": [at] * len(told),
    }
    return Rows(OutboxRow, columns)


def has_unsent(session: Session) -> bool:
    """Whether the relay has anything to do."""
    return bool(session.execute(select(exists().where(OutboxRow.sent_at.is_(None)))).scalar_one())


def take_unsent(session: Session, limit: int, *, leaving: Collection[str] = ()) -> list[Event]:
    """Unsent events in their order, `limit` at most, of subjects of which no other relay takes any.

    The first unsent event of a subject is its lock: only who has locked it takes those behind it.
    """
    earlier = aliased(OutboxRow)
    is_behind = exists().where(
        earlier.subject == OutboxRow.subject, earlier.sent_at.is_(None), earlier.id < OutboxRow.id
    )
    firsts = select(OutboxRow.subject).where(OutboxRow.sent_at.is_(None), ~is_behind, OutboxRow.subject.not_in(leaving))
    locked = firsts.order_by(OutboxRow.id).limit(limit).with_for_update(skip_locked=True)
    subjects = session.execute(locked).scalars().all()
    if not subjects:
        return []
    theirs = select(*_EVENT).where(OutboxRow.sent_at.is_(None), OutboxRow.subject.in_(subjects))
    return [_event(row) for row in session.execute(theirs.order_by(OutboxRow.id).limit(limit))]


def mark_sent(session: Session, event_ids: Sequence[int], now: datetime) -> None:
    """Give the events their positions, after all that are there. One transaction at a time, until its commit."""
    if is_postgresql(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_NUMBERER})
    last = session.execute(select(func.max(OutboxRow.position))).scalar_one() or 0
    sent = [
        {"id": event_id, "sent_at": now, "position": position} for position, event_id in enumerate(event_ids, last + 1)
    ]
    session.execute(update(OutboxRow), sent)


def events_after(session: Session, position: int, topics: Sequence[str], limit: int) -> list[Event]:
    """What was sent after a position, of the topics that begin so, in order; for who reads at a pace of its own."""
    asked = or_(*(OutboxRow.topic.startswith(topic, autoescape=True) for topic in topics))
    found = select(*_EVENT).where(OutboxRow.position > position, asked)
    return [_event(row) for row in session.execute(found.order_by(OutboxRow.position).limit(limit))]


def last_position(session: Session) -> int:
    """Where who wants to hear only of what comes begins to read."""
    return session.execute(select(func.max(OutboxRow.position))).scalar_one() or 0


def first_position(session: Session) -> int:
    """The first event that has not been forgotten; 0 where there is none."""
    return session.execute(select(func.min(OutboxRow.position))).scalar_one() or 0


def forget_sent(session: Session, before: datetime) -> int:
    """Drop what was sent before a moment; the last one stays, since positions go on from there."""
    last = select(func.max(OutboxRow.position)).scalar_subquery()
    old = delete(OutboxRow).where(OutboxRow.sent_at < before, OutboxRow.position < last)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def _event(row: Row[Any]) -> Event:
    return Event(**row._mapping)
