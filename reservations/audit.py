"""Audit: whether every reservation, its history and its events tell the same story."""

from kernel.database import Database
from reservations import history_store
from reservations.domain.history import disagreements


def audit(database: Database) -> tuple[str, ...]:
    """What does not agree, one line each; empty where each move has one entry and one event, in the same order.

    To be asked while nothing moves, and of an outbox from which nothing was taken out.
    """
    with database.reading() as session:
        return tuple(line for book in history_store.books(session) for line in disagreements(book))
