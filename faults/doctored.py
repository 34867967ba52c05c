"""The product with faults built in, as a server: what the tests of races and kills must notice.

FAULT names them, with commas between: see `_FAULTS`. BRIEF_HOLD_S is how long a `brief` hold lasts. Two have more to
them: `paired` (nobody locks the port, and who sees it free waits for another) and `stuck` (the first hold never ends
once it has locked its port, and leaves the number of its process in the file STUCK).
"""

import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

from flask import Flask, Response
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app import create_app
from faults.guard import drop_guard
from faults.leaning import counted, dependent, hasty, trusting
from faults.replacing import put
from kernel import idempotency
from kernel.database import Database
from kernel.idempotency import Idempotency, IdempotencyRow
from kernel.services import of, provide
from kernel.serving import serve
from kernel.settings import Settings, read_settings
from kernel.transaction import Asker, Transaction
from kernel.turns import WriterTurn
from reservations import desk as desk_module
from reservations import hoarding, hold_store, limits_store, policy_store, store
from reservations.desk import ReservationDesk
from reservations.domain.lifecycle import Deed, State
from reservations.domain.limits import check_holds
from reservations.domain.policy import Policy
from reservations.domain.reservation import Reservation
from reservations.hold_store import Seen
from reservations.records import reservation_of
from reservations.tables import RESERVATIONS

LIES = 0.05
_WITHOUT_GUARD = {"unlocked", "unchecked", "lying", "blind"}  # the guard would hide what these do
Doctoring = Callable[[ReservationDesk], ReservationDesk]


def make_app(settings: Settings, faults: frozenset[str]) -> Flask:
    app = create_app(settings)
    desk = of(app, ReservationDesk)
    for name in sorted(faults - {"naive"}):
        desk = _FAULTS[name](desk)
    provide(app, desk)
    if "naive" in faults:
        app.extensions["portside"][Idempotency] = Naive(desk.database)
    return app


def brief(desk: ReservationDesk) -> ReservationDesk:
    """No fault: holds that last a moment, so that many run out while somebody watches."""
    made: Any = Policy
    policy = made(hold_min=float(os.environ.get("BRIEF_HOLD_S", "0.3")) / 60)
    terms_of = policy_store.terms_of
    put(policy_store, "terms_of", lambda *asked: (terms_of(*asked)[0], policy))
    return desk


def unlocked(desk: ReservationDesk) -> ReservationDesk:
    """Nobody locks the port. SQLite has one writer at a time: there nobody takes that lock before reading."""
    if desk.database.engine.dialect.name == "sqlite":
        desk.database._writer = desk.database.engine.execution_options(writes=False)
        desk.database._turn = WriterTurn("")
    return replace(desk, lock_port=_driver_alone)


def _driver_alone(asker: Asker, _port_id: int, driver_id: int | None = None) -> None:
    if driver_id is not None:
        limits_store.lock_driver(asker, driver_id)


def _never_taken(desk: ReservationDesk) -> ReservationDesk:
    def look(*question: Any, **asked: Any) -> Seen:
        return replace(desk.look(*question, **asked), is_taken=False)

    return replace(desk, look=look, find_overlap=lambda *_: False)


def unchecked(desk: ReservationDesk) -> ReservationDesk:
    """Nobody looks whether the port is taken."""
    return _never_taken(replace(desk, lock_port=_driver_alone))


def lying(desk: ReservationDesk) -> ReservationDesk:
    """One look in twenty finds a taken port free."""

    def look(*question: Any, **asked: Any) -> Seen:
        seen = desk.look(*question, **asked)
        return replace(seen, is_taken=seen.is_taken and random.random() >= LIES)

    return replace(desk, look=look)


def unexpired(desk: ReservationDesk) -> ReservationDesk:
    """Who wants a port does not write down which of its holds have run out."""
    put(desk_module, "lapse_on_port", lambda *_: None)
    return desk


def uncounted(desk: ReservationDesk) -> ReservationDesk:
    """A driver's holds are counted without a lock, and then a while passes, as it may on a busy machine.

    SQLite has one writer at a time: there they are not counted.
    """
    check = check_holds

    def check_and_dawdle(*asked: Any) -> None:
        if desk.database.engine.dialect.name != "sqlite":
            check(*asked)
            time.sleep(0.05)

    put(hoarding, "check_holds", check_and_dawdle)
    put(limits_store, "lock_driver", lambda *_: None)
    return replace(desk, lock_port=lambda asker, port_id, *_: desk.lock_port(asker, port_id))


def blind(desk: ReservationDesk) -> ReservationDesk:
    """A move looks neither at the state nor at the deadline."""
    put(store, "move", lambda *deed: _moved(*deed, by_state=False))
    return desk


def late(desk: ReservationDesk) -> ReservationDesk:
    """A move looks at the state and not at the deadline."""
    put(store, "move", lambda *deed: _moved(*deed, by_state=True))
    return desk


def forgetful(desk: ReservationDesk) -> ReservationDesk:
    """One hold in twenty is answered and told about, and not kept."""

    write = hold_store.write

    def forget(transaction: Transaction, held: Reservation, now: datetime) -> None:
        write(transaction, held, now)
        if random.random() < LIES:
            transaction.connection.execute(delete(RESERVATIONS).where(RESERVATIONS.c.handle == held.handle))

    put(hold_store, "write", forget)
    return desk


def _moved(
    session: Session, handle: str, driver_id: int, deed: Deed, now: datetime, *, by_state: bool
) -> Reservation | None:
    mine = RESERVATIONS.c.handle == handle, RESERVATIONS.c.driver_id == driver_id
    allowed = (RESERVATIONS.c.state == deed.source.value,) if by_state else ()
    values: dict[str, Any] = {"state": deed.target.value, "updated_at": now}
    values["confirmed_at"] = None if deed.target is State.RELEASED else now
    moved = update(RESERVATIONS).where(*mine, *allowed).values(values).returning(RESERVATIONS)
    row = session.execute(moved).one_or_none()
    return None if row is None else reservation_of(row)


def paired(desk: ReservationDesk) -> ReservationDesk:
    """Nobody locks, and two who see a free port go on together. SQLite has one writer: there the check is the lock."""
    unlocked_desk = replace(desk, lock_port=_driver_alone)
    if desk.database.engine.dialect.name == "postgresql":
        return replace(unlocked_desk, look=_in_pairs(desk))
    return _never_taken(unlocked_desk)


def _in_pairs(desk: ReservationDesk) -> Callable[..., Seen]:
    pair = Barrier(2)

    def look(*question: Any, **asked: Any) -> Seen:
        seen = desk.look(*question, **asked)
        if not seen.is_taken:
            with suppress(BrokenBarrierError):
                pair.wait(timeout=2)
        return seen

    return look


def stuck(desk: ReservationDesk) -> ReservationDesk:
    def lock_port(asker: Asker, port_id: int, *driver_id: int) -> datetime | None:
        told = desk.lock_port(asker, port_id, *driver_id)
        place = Path(os.environ["STUCK"])
        try:
            with place.open("x") as file:
                file.write(str(os.getpid()))
        except FileExistsError:
            return told
        while True:
            time.sleep(1)

    return replace(desk, lock_port=lock_port)


class Naive(Idempotency):
    """Looks for the key, does the work, then keeps the answer: as one writes it first."""

    def once(self, key: str, work: Callable[[], Response]) -> Response:
        scope, database = idempotency._scope(key), self._database
        with database.reading() as session:
            kept = session.execute(select(IdempotencyRow).where(IdempotencyRow.scope == scope)).scalar_one_or_none()
        if kept is not None:
            return Response(kept.body, kept.status, {"Idempotency-Replayed": "true"}, content_type=kept.content_type)
        response = idempotency._answer_of(work)
        row = {"scope": scope, "fingerprint": "", "created_at": self._clock.now(), "status": response.status_code}
        with suppress(Exception), database.writing() as session:
            answer = {"content_type": response.content_type, "body": response.get_data()}
            session.execute(insert(IdempotencyRow).values(row | answer))
        return response


_FAULTS: Mapping[str, Doctoring] = {
    made.__name__: made
    for made in (
        *(brief, unlocked, unchecked, lying, unexpired, uncounted, blind, late, forgetful, paired, stuck),
        *(trusting, dependent, counted, hasty),
    )
}


def main() -> None:
    settings, faults = read_settings(os.environ), frozenset(os.environ["FAULT"].split(","))
    serve(
        settings,
        make_app=lambda: make_app(settings, faults),
        prepare=lambda: _prepare(settings, faults),
        announce=lambda: None,
        worker_command=[sys.executable, "-c", "import time; time.sleep(3600)"],
    )


def _prepare(settings: Settings, faults: frozenset[str]) -> None:
    if faults & _WITHOUT_GUARD:
        database = Database(settings.database_url)
        drop_guard(database)
        database.close()


if __name__ == "__main__":
    main()
