"""A driver's reservations, page by page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.fields import moment_text
from kernel.paging import InvalidCursor, cursor_after, key_of
from reservations import store
from reservations.domain.handles import is_handle
from reservations.domain.reservation import Question, Reservation


@dataclass(frozen=True, slots=True)
class Page:
    """Some reservations, and the cursor of those after them."""

    reservations: tuple[Reservation, ...]
    next_cursor: str | None


def page_of(session: Session, question: Question, *, now: datetime, limit: int, cursor: str | None) -> Page:
    """The reservations after a cursor, `limit` at most. Raises InvalidCursor."""
    after = None if cursor is None else _key(cursor, question)
    found = store.reservations(session, question, now=now, after=after, limit=limit + 1)
    page = tuple(one.at(now) for one in found[:limit])
    if len(found) <= limit:
        return Page(page, None)
    return Page(page, cursor_after((moment_text(page[-1].start), page[-1].handle), _words(question)))


def _key(cursor: str, question: Question) -> tuple[datetime, str]:
    start, handle = key_of(cursor, _words(question), (str, str))
    try:
        moment = datetime.fromisoformat(start)
    except ValueError as error:
        raise InvalidCursor from error
    if moment.tzinfo is None or not is_handle(handle):
        raise InvalidCursor
    return moment, handle


def _words(question: Question) -> tuple[object, ...]:
    """The question in an order that does not vary from process to process, as that of a set does."""
    return question.driver_id, question.start, question.end, question.card, sorted(question.states)
