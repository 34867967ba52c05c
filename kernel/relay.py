"""The relay: hands the outbox's events to those who subscribed, at least once and each subject's in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from kernel.clock import Clock
from kernel.database import Database
from kernel.outbox import Event, forget_sent, has_unsent, mark_sent, take_unsent

log = structlog.get_logger(__name__)
KEPT = timedelta(days=7)
AT_ONCE = 100
MOST_STUCK = 20  # then something is wrong with a subscriber, and the rest waits for the next turn


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who hears of the topics that begin so; an empty `topic` is all of them.

    `hear` is called within the relay's transaction. What it writes through the same `Database` is committed with the
    mark that the event was sent, so it is there exactly once; of what it does elsewhere it must know the `event_id`
    again. It is quick: who has to wait for somebody writes a row, or reads `events_after` at a pace of its own.
    """

    topic: str
    hear: Callable[[Event], None]


class Relay:
    """The worker's part. Two at once share the subjects; one that dies in the middle leaves its events to the next."""

    def __init__(self, database: Database, clock: Clock, subscriptions: Sequence[Subscription] = ()) -> None:
        self._database = database
        self._clock = clock
        self._subscriptions = tuple(subscriptions)

    def send(self) -> int:
        """Hand on what is there; returns how many events. What a subscriber fails at is tried again next time."""
        with self._database.reading() as session:
            if not has_unsent(session):
                return 0  # without taking the write lock of SQLite
        sent, stuck = list[int](), set[str]()
        while len(stuck) < MOST_STUCK and self._send_some(sent, stuck):
            pass
        return len(sent)

    def forget_old(self) -> int:
        """Drop the events that were sent a week ago; returns how many."""
        with self._database.writing() as session:
            return forget_sent(session, self._clock.now() - KEPT)

    def _send_some(self, sent: list[int], stuck: set[str]) -> bool:
        """One transaction; whether there was anything. A subject that is stuck waits, to keep its order."""
        with self._database.writing() as session:
            events = take_unsent(session, AT_ONCE, leaving=stuck)
            heard: list[int] = []
            for event in events:
                if event.subject not in stuck and self._is_heard(session, event):
                    heard.append(event.event_id)
                else:
                    stuck.add(event.subject)
            if heard:
                mark_sent(session, heard, self._clock.in_transaction(session))
        sent += heard
        return bool(events)

    def _is_heard(self, session: Session, event: Event) -> bool:
        """Whether everybody has heard it; where somebody failed, what any of them wrote is undone."""
        hearers = [one for one in self._subscriptions if event.topic.startswith(one.topic)]
        if not hearers:
            return True
        try:
            with session.begin_nested():
                for one in hearers:
                    one.hear(event)
        except Exception:
            log.exception("event not heard", topic=event.topic, subject=event.subject, event_id=event.event_id)
            return False
        return True
