"""SQL of reservations: locks, the overlap check, guarded moves. Session first, values out.

Locks are taken in one order: the driver's row, ports by ascending id, reservations, the client's row. An idempotency
key is claimed before all of them, and no two callers wait for one another's.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    table,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.database import Instant
from kernel.database_faults import sqlstate
from kernel.ready_statement import ReadyStatement
from kernel.transaction import Asker, is_postgresql
from kernel.window import Window
from reservations.domain.handles import is_handle
from reservations.domain.lifecycle import Deed, HandleUnknown, State
from reservations.domain.policy import PortTaken
from reservations.domain.reservation import Question, Reservation
from reservations.passing_store import is_live, state_at
from reservations.records import reservation_of, reservation_values
from reservations.tables import POLICIES, PORT_TAKEN, QUOTES, RESERVATIONS

_EXCLUSION_VIOLATION = "23P01"
_DRIVERS = table("drivers", column("id"), column("demo"))
_PORTS = table("ports", column("id"), column("station_pk"))
_STATIONS = table("stations", column("id"), column("station_id"), column("demo"))
_R = RESERVATIONS.c
_REWRITTEN = (
    *("port_id", "port_number", "start_at", "end_at", "price", "policy", "updated_at"),
    *("cancellation_interval_min", "cancel_until", "hold_expires_at", "extensions"),
)


def _time_under_locks() -> tuple[Select[datetime], Select[datetime]]:
    """The time, read when a port is locked, and when a driver and then a port is.

    What a statement tells beside a lock that it waits for is worked out before it waits: so the lock is in a query of
    its own. A port is joined to a driver who is locked already, whatever order the planner would like better.
    """
    time = func.clock_timestamp(type_=Instant())
    driver = select(_DRIVERS.c.id).where(_DRIVERS.c.id == bindparam("driver_id", type_=BigInteger()))
    first = driver.with_for_update(key_share=True).cte("driver").prefix_with("MATERIALIZED")
    port = select(_PORTS.c.id).where(_PORTS.c.id == bindparam("port_id", type_=BigInteger()))
    after = port.select_from(first.join(_PORTS, true()))
    locked = (one.with_for_update(key_share=True, of=_PORTS).cte("port") for one in (port, after))
    by_port, by_both = (select(time).select_from(one.prefix_with("MATERIALIZED")) for one in locked)
    return by_port, by_both


_PORT_LOCKED, _BOTH_LOCKED = map(ReadyStatement, _time_under_locks())


def lock_port(asker: Asker, port_id: int, driver_id: int | None = None) -> datetime | None:
    """Let one transaction at a time hold a port, and reserve for the driver who is named: that row is taken first.

    Returns the database's time once all is locked. None on SQLite, which has one writing transaction at a time anyway.
    """
    if not is_postgresql(asker):
        return None
    whose = {} if driver_id is None else {"driver_id": driver_id}
    locked = _BOTH_LOCKED if whose else _PORT_LOCKED
    rows = locked.on(asker, {"port_id": port_id} | whose)
    return rows[0][0].astimezone(UTC) if rows else None


def find_overlap(session: Session, port_id: int, window: Window, now: datetime, besides: str | None = None) -> bool:
    """Whether a reservation that is live at the moment, one `besides`, lies in the port's window."""
    overlaps = exists().where(_R.port_id == port_id, _touches(window), is_live(now))
    if besides is not None:
        overlaps = overlaps.where(_R.handle != besides)
    return bool(session.execute(select(overlaps)).scalar_one())


def _touches(window: Window) -> ColumnElement[bool]:
    return and_(_R.start_at < window.end, _R.end_at > window.start)


def add(session: Session, reservation: Reservation) -> None:
    """Write a new reservation. Raises PortTaken where the database's own guard refuses it."""
    with guard_heard():
        session.execute(insert(RESERVATIONS).values(reservation_values(reservation)))


@contextmanager
def guard_heard() -> Iterator[None]:
    """Raises PortTaken where the database's own guard refuses a statement in the block."""
    try:
        yield
    except IntegrityError as error:
        if sqlstate(error) == _EXCLUSION_VIOLATION or str(error.orig) == PORT_TAKEN:
            raise PortTaken from error
        raise


def lock_reservation(session: Session, handle: str, driver_id: int) -> Reservation:
    """The reservation, once nobody else is changing it, so that the time read next decides. Raises HandleUnknown."""
    query = select(RESERVATIONS).where(_owned(handle, driver_id)).with_for_update(key_share=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise HandleUnknown
    return reservation_of(row)


def _owned(handle: str, driver_id: int) -> ColumnElement[bool]:
    if not is_handle(handle):
        raise HandleUnknown
    return and_(_R.handle == handle, _R.driver_id == driver_id)


def move(session: Session, handle: str, driver_id: int, deed: Deed, now: datetime) -> Reservation | None:
    """One guarded UPDATE: the reservation as it became, or None where owner, state or deadline forbade it."""
    is_hold = deed.source is State.HELD
    deadline = _R.hold_expires_at if is_hold else _R.cancel_until
    values: dict[str, Any] = {"state": deed.target.value, "updated_at": now}
    if deed.target is State.CONFIRMED:
        values["confirmed_at"] = now
    moved = update(RESERVATIONS).where(_owned(handle, driver_id), _R.state == deed.source.value, deadline > now)
    row = session.execute(moved.values(values).returning(RESERVATIONS)).one_or_none()
    return None if row is None else reservation_of(row)


def rewrite(session: Session, before: Reservation, after: Reservation, now: datetime) -> Reservation | None:
    """One guarded UPDATE of window, port, price and terms; None where another move or the deadline forbade it.

    Raises PortTaken where the database's own guard refuses it: the old window is then kept.
    """
    deadline = _R.hold_expires_at if before.state is State.HELD else _R.cancel_until
    changed = update(RESERVATIONS).where(_owned(before.handle, before.driver_id), *_is_still(before), deadline > now)
    kept = {name: value for name, value in reservation_values(after).items() if name in _REWRITTEN}
    with guard_heard():
        row = session.execute(changed.values(kept).returning(RESERVATIONS)).one_or_none()
    return None if row is None else reservation_of(row)


def _is_still(seen: Reservation) -> Iterator[ColumnElement[bool]]:
    yield _R.state == seen.state.value
    yield _R.port_id == seen.port_id
    yield _R.updated_at == seen.updated_at


def reservation(session: Session, handle: str, driver_id: int) -> Reservation:
    """The driver's reservation as it is written down. Raises HandleUnknown, for another driver's too."""
    row = session.execute(select(RESERVATIONS).where(_owned(handle, driver_id))).one_or_none()
    if row is None:
        raise HandleUnknown
    return reservation_of(row)


def reservations(
    session: Session, question: Question, *, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[Reservation]:
    """A driver's reservations in order of start and handle, those after a key, `limit` at most."""
    query = select(RESERVATIONS).where(*_asked(question, now)).order_by(_R.start_at, _R.handle).limit(limit)
    if after is not None:
        start, handle = after
        query = query.where(or_(_R.start_at > start, and_(_R.start_at == start, _R.handle > handle)))
    return [reservation_of(row) for row in session.execute(query)]


def _asked(question: Question, now: datetime) -> Iterator[ColumnElement[bool]]:
    yield _R.driver_id == question.driver_id
    if question.start is not None:
        yield _R.end_at > question.start
    if question.end is not None:
        yield _R.start_at < question.end
    if question.card is not None:
        yield _R.card == question.card
    if question.states:
        yield state_at(now).in_([state.value for state in question.states])


def live_windows(
    session: Session, port_ids: Collection[int], span: Window, now: datetime, *, besides: str | None = None
) -> dict[int, list[Window]]:
    """For each port its live windows that touch the span; that of the reservation with the handle `besides` is not."""
    query = select(_R.port_id, _R.start_at, _R.end_at).where(_R.port_id.in_(port_ids), _touches(span), is_live(now))
    if besides is not None:
        query = query.where(_R.handle != besides)
    taken: dict[int, list[Window]] = {port_id: [] for port_id in port_ids}
    for port_id, start, end in session.execute(query):
        taken[port_id].append(Window(start, end))
    return taken


def taken_in(session: Session, span: Window, now: datetime) -> dict[int, list[Window]]:
    """For each port that is taken some time in the span its live windows that touch it."""
    taken: dict[int, list[Window]] = {}
    query = select(_R.port_id, _R.start_at, _R.end_at).where(_touches(span), is_live(now))
    for port_id, start, end in session.execute(query):
        taken.setdefault(port_id, []).append(Window(start, end))
    return taken


def taken_ports(session: Session, moment: datetime) -> frozenset[int]:
    """The ports that are inside a live window at the moment."""
    query = select(_R.port_id).where(_R.start_at <= moment, _R.end_at > moment, is_live(moment))
    return frozenset(session.execute(query).scalars())


def remove_demo(session: Session) -> None:
    """Take out what the demo network's drivers hold, what is held at its stations, and their policies."""
    drivers = select(_DRIVERS.c.id).where(_DRIVERS.c.demo)
    stations = select(_STATIONS.c.id).where(_STATIONS.c.demo)
    ports = select(_PORTS.c.id).where(_PORTS.c.station_pk.in_(stations))
    for kept in (RESERVATIONS, QUOTES):
        session.execute(delete(kept).where(or_(kept.c.driver_id.in_(drivers), kept.c.port_id.in_(ports))))
    demo = select(_STATIONS.c.station_id).where(_STATIONS.c.demo)
    session.execute(delete(POLICIES).where(POLICIES.c.station_id.in_(demo)))
