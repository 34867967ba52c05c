"""What is written down of reservations, read past all use cases."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from kernel.database import Database
from reservations.tables import RESERVATIONS

_ROWS = select(
    *(column for column in RESERVATIONS.c if column.name not in ("id", "station_id", "policy", "client_id")),
).order_by(RESERVATIONS.c.id)
_TOLD = text(
    "SELECT id, handle AS subject, what, NULL AS topic FROM reservation_history"
    " UNION ALL SELECT id, subject, NULL, topic FROM outbox WHERE topic LIKE 'reservation.%' ORDER BY id"
)


@dataclass(frozen=True)
class Written:
    """What is in the database: rows by handle, and of each handle its moves and the topics of its events, in order."""

    rows: dict[str, Any] = field(default_factory=dict)
    moves: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    events: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def written(database: Database) -> Written:
    found = Written()
    with database.reading() as session:
        found.rows.update((row.handle, row) for row in session.execute(_ROWS))
        for _, handle, what, topic in session.execute(_TOLD):
            (found.events if what is None else found.moves)[handle].append(what or topic)
    return found
