"""The relay: everybody hears every event, each subject's in order, whatever fails, waits or comes late."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.clock import FixedClock
from kernel.database import Database
from kernel.logs import configure_logs
from kernel.outbox import Event, OutboxRow, announce, events_after, last_position
from kernel.relay import KEPT, MOST_STUCK, Relay, Subscription
from tests.conftest import NOW

configure_logs()  # a subscriber that fails is logged, in a line and not in a picture
on_postgresql = pytest.mark.parametrize("templates", ["postgresql"], indirect=True)  # SQLite has one writer at a time


def tell(session: Session, subject: str, *, topic: str = "thing.moved", at: datetime = NOW) -> None:
    announce(session, topic=topic, subject=subject, payload={"of": subject}, at=at)


def told(database: Database, *subjects: str, topic: str = "thing.moved") -> None:
    """One event after the other, each in a transaction of its own."""
    for subject in subjects:
        with database.writing() as session:
            tell(session, subject, topic=topic)


def relay(database: Database, *hearers: Callable[[Event], None], topic: str = "") -> Relay:
    return Relay(database, FixedClock(NOW), [Subscription(topic, hear) for hear in hearers])


def read_by_position(database: Database, position: int = 0, topics: Sequence[str] = ("",)) -> list[Event]:
    with database.reading() as session:
        return events_after(session, position, topics, limit=10_000)


def read_by_id(database: Database, last: int) -> list[int]:
    """What a reader does who believes that ids come in order: the control."""
    with database.reading() as session:
        return list(session.execute(select(OutboxRow.id).where(OutboxRow.id > last).order_by(OutboxRow.id)).scalars())


def test_every_event_is_heard_once_and_in_order(database) -> None:
    heard: list[Event] = []
    told(database, "a", "b", "a", "c")
    sender = relay(database, heard.append)

    assert (sender.send(), sender.send()) == (4, 0)
    assert [event.subject for event in heard] == ["a", "b", "a", "c"]
    assert heard[0].payload == {"of": "a"}


def test_a_subscriber_hears_the_topics_that_begin_as_asked(database) -> None:
    heard: list[Event] = []
    told(database, "a", topic="reservation.held")
    told(database, "b", topic="status_changed")

    relay(database, heard.append, topic="reservation.").send()

    assert [event.topic for event in heard] == ["reservation.held"]


def test_what_a_subscriber_writes_is_there_once_with_the_mark(database) -> None:
    """It joins the relay's transaction: here it makes an event of each event."""
    told(database, "a")
    sender = relay(database, lambda event: told(database, "made of a", topic="made"), topic="thing.")

    sender.send()
    sender.send()

    assert [event.topic for event in read_by_position(database)] == ["thing.moved", "made"]


def test_a_subscriber_that_fails_holds_up_its_subject_alone_and_hears_it_again(database) -> None:
    heard: list[str] = []
    broken = {"b"}

    def hear(event: Event) -> None:
        told(database, f"written for {event.subject}", topic="made")
        if event.subject in broken:
            raise RuntimeError("not now")
        heard.append(event.subject)

    told(database, "a", "b", "b", "c")
    sender = relay(database, hear, topic="thing.")

    sender.send()
    assert heard == ["a", "c"]
    broken.clear()
    sender.send()

    assert heard == ["a", "c", "b", "b"]
    assert sum(event.subject == "written for b" for event in read_by_position(database)) == 2


def test_what_fails_is_tried_once_in_a_turn(database) -> None:
    tried: list[str] = []

    def hear(event: Event) -> None:
        tried.append(event.subject)
        raise RuntimeError("never")

    subjects = [f"subject {number}" for number in range(MOST_STUCK + 1)]
    told(database, *subjects)

    assert relay(database, hear).send() == 0
    assert tried == subjects


def test_positions_have_no_gaps_and_begin_where_they_ended(database) -> None:
    clock = FixedClock(NOW)
    sender = Relay(database, clock)
    told(database, "a", "b")
    sender.send()
    clock.moment += KEPT * 2
    assert sender.forget_old() == 1

    told(database, "c")
    sender.send()

    assert [event.position for event in read_by_position(database)] == [2, 3]
    with database.reading() as session:
        assert last_position(session) == 3


def test_what_was_not_sent_is_never_forgotten(database, clock) -> None:
    told(database, "a")
    clock.moment += KEPT * 2

    assert Relay(database, clock).forget_old() == 0
    assert Relay(database, clock).send() == 1


def test_a_reader_asks_for_the_topics_it_wants(database) -> None:
    told(database, "a", topic="status_changed")
    told(database, "b", topic="statusXchanged")
    told(database, "c", topic="maintenance_started")
    relay(database).send()

    found = read_by_position(database, 0, ("status_", "maintenance_"))

    assert [event.subject for event in found] == ["a", "c"]


@on_postgresql
def test_an_event_whose_transaction_ends_late_is_not_skipped(database) -> None:
    """The control reads by id, as if ids came in order, and never sees the event that was written first."""
    sender, seen_by_id, seen_by_position = relay(database), 0, 0
    with Session(database.engine) as late, late.begin():
        tell(late, "late")
        late.flush()
        told(database, "quick")
        sender.send()
        seen_by_id = read_by_id(database, 0)[-1]
        seen_by_position = read_by_position(database)[-1].position
    sender.send()

    assert read_by_id(database, seen_by_id) == [], "THE CONTROL FAILED: reading by id skipped nothing"
    assert [event.subject for event in read_by_position(database, seen_by_position)] == ["late"]


@on_postgresql
def test_a_second_relay_takes_no_subject_that_the_first_is_busy_with(database) -> None:
    second: list[str] = []
    told(database, "a")

    def hear(_: Event) -> None:
        """In the middle of the first relay's turn there is more of the same subject, and another relay."""
        if not second:
            thread = Thread(target=lambda: told(database, "a", "b") or relay(database, note).send())
            thread.start()
            thread.join()

    def note(event: Event) -> None:
        second.append(event.subject)

    relay(database, hear).send()

    assert second == ["b"]


def test_two_relays_at_once_send_all_in_order_and_a_reader_misses_nothing(database) -> None:
    subjects, each, writers = 5, 12, 3
    heard: list[tuple[str, int]] = []
    read: list[int] = []
    start, is_written, is_sent = Barrier(writers + 3), False, False

    def write(writer: int) -> None:
        start.wait()
        for number in range(each * subjects):
            told(database, f"{writer}/{number % subjects}")

    def send() -> None:
        sender = relay(database, lambda event: heard.append((event.subject, event.event_id)))
        start.wait()
        while sender.send() or not is_written:
            pass

    def follow() -> None:
        start.wait()
        while not is_sent or read_by_position(database, max(read, default=0)):
            read.extend(event.position or 0 for event in read_by_position(database, max(read, default=0)))

    authors = [Thread(target=write, args=(writer,)) for writer in range(writers)]
    senders = [Thread(target=send), Thread(target=send)]
    follower = Thread(target=follow)
    for thread in (*authors, *senders, follower):
        thread.start()
    for thread in authors:
        thread.join()
    is_written = True
    for thread in senders:
        thread.join()
    is_sent = True
    follower.join()

    total = subjects * each * writers
    assert len(heard) == len(set(heard)) == total
    by_subject = defaultdict(list)
    for subject, event_id in heard:
        by_subject[subject].append(event_id)
    assert all(ids == sorted(ids) for ids in by_subject.values())
    assert read == list(range(1, total + 1))
