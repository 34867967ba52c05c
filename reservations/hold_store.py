"""SQL of a hold once its port is locked: one look at all that decides, and one statement that writes it down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Table,
    bindparam,
    exists,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from kernel.database import Base, Instant
from kernel.json_text import json_text
from kernel.outbox import OutboxRow
from kernel.ready_statement import ReadyStatement
from kernel.transaction import Transaction, is_postgresql
from kernel.window import Window
from reservations import store
from reservations.domain.history import Cause, topic_of
from reservations.domain.policy import LONGEST
from reservations.domain.reservation import Reservation
from reservations.events import payload_of, tell
from reservations.history_tables import HISTORY
from reservations.passing_store import have_passed, is_ahead, is_held, is_live
from reservations.records import reservation_values
from reservations.tables import RESERVATIONS

_R = RESERVATIONS.c
_OUTBOX: Table = Base.metadata.tables[OutboxRow.__tablename__]
_HELD = "held"


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is at a moment: on the port, of the driver, and of all drivers of the app, as `_looking` asks.

    `is_over`: time has ended something on the port that nobody wrote down. `is_taken`: something live is in the
    window. `ahead` are confirmed reservations; `holds`, `card_holds` and `client_holds` are live holds.
    """

    is_over: bool
    is_taken: bool
    ahead: int
    holds: int
    card_holds: int
    client_holds: int


def _looking() -> Any:
    now: ColumnElement[datetime] = bindparam("now", type_=Instant())
    on_port = _R.port_id == bindparam("port_id")
    touches = _R.start_at < bindparam("end", type_=Instant()), _R.end_at > bindparam("start", type_=Instant())
    own = (
        select(
            func.count().filter(is_ahead(now)).label("ahead"),
            func.count().filter(is_held(now)).label("holds"),
            func.count().filter(is_held(now), _R.card == bindparam("card")).label("card_holds"),
        )
        .where(_R.driver_id == bindparam("driver_id"), _R.start_at > bindparam("since", type_=Instant()))
        .subquery("own")
    )
    of_app = select(func.count()).where(_R.client_id == bindparam("client_id", type_=_R.client_id.type), is_held(now))
    return select(
        or_(false(), *have_passed(on_port, now)).label("is_over"),
        exists().where(on_port, *touches, is_live(now)).label("is_taken"),
        *own.c,
        of_app.scalar_subquery().label("client_holds"),
    )


_LOOK = ReadyStatement(_looking())


def look(
    connection: Connection,
    *,
    port_id: int,
    window: Window,
    driver_id: int,
    card: str,
    client_id: int | None,
    now: datetime,
) -> Seen:
    """All that decides about a hold, in one statement. It is true until the commit where the rows are locked.

    What began longer ago than anything may last is over: a driver's past need not be read.
    """
    asked = {"port_id": port_id, "start": window.start, "end": window.end, "now": now, "since": now - LONGEST}
    whose = {"driver_id": driver_id, "card": card, "client_id": client_id}
    (seen,) = _LOOK.on(connection, asked | whose)
    return Seen(*seen)


def write(transaction: Transaction, held: Reservation, now: datetime) -> None:
    """A new hold with its first move and the event that tells of it. Raises PortTaken as `store.add` does."""
    if not is_postgresql(transaction.connection):
        store.add(transaction.session, held)
        tell(transaction.session, held, now)
        return
    kept = reservation_values(held)
    documents = {name: json_text(kept[name]) for name in ("price", "policy")}
    values = {f"held_{name}": value for name, value in (kept | documents).items()}
    with store.guard_heard():
        _WRITE.on(transaction.connection, values | {"payload": json_text(payload_of(held, Cause.DRIVER))})


def _writing() -> Insert:
    """Three rows by one statement, as PostgreSQL can: a round trip in the place of three, while others wait."""
    handle, at = _given("handle"), _given("created_at")
    kept = (column.name for column in _R if column.name != "id")
    move: dict[str, Any] = {"handle": handle, "what": _word(_HELD), "moved_at": at, "to_state": _given("state")}
    move |= {"cause": _word(Cause.DRIVER), "changed": _word("{}")}
    payload = bindparam("payload", type_=_OUTBOX.c.payload.type)
    event = {"topic": _word(topic_of(_HELD)), "subject": handle, "payload": payload, "created_at": at}
    reservation = insert(RESERVATIONS).values({name: _given(name) for name in kept}).cte("reservation")
    history = insert(HISTORY).values(move).cte("history")
    return insert(_OUTBOX).values(event).add_cte(reservation, history).inline()


def _word(own: str) -> ColumnElement[Any]:
    return literal_column(f"'{own}'")


def _given(name: str) -> ColumnElement[Any]:
    return bindparam(f"held_{name}", type_=_R[name].type)


_WRITE = ReadyStatement(_writing())
