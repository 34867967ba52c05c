"""Expiry: what runs out by time is written down. Nothing waits for it, and doing it twice does nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kernel.clock import Clock
from kernel.database import Database
from reservations import passing_store, quote_store
from reservations.domain.history import Cause
from reservations.domain.lifecycle import State
from reservations.domain.passing import PASSES_TO
from reservations.domain.reservation import Reservation
from reservations.events import tell

AT_ONCE = 200
_QUOTES_KEPT = timedelta(days=1)


class Expiry:
    """The worker's sweep. Reads and holds decide by the time alone, so a sweeper that sleeps changes no answer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def sweep(self) -> int:
        """Lapse the holds that have run out, end what is over, and note who did not come; returns how many."""
        return sum(self._sweep(state) for state in PASSES_TO)

    def _sweep(self, state: State) -> int:
        swept = 0
        while some := self._sweep_some(state):
            swept += some
        return swept

    def _sweep_some(self, state: State) -> int:
        with self._database.writing() as session:
            now = self._clock.in_transaction(session)
            passed = passing_store.pass_some(session, state, now, AT_ONCE)
            _tell_all(session, passed)
            return len(passed)

    def forget_quotes(self) -> int:
        """Drop the quotes that ran out a day ago; returns how many."""
        with self._database.writing() as session:
            return quote_store.forget_quotes(session, self._clock.in_transaction(session) - _QUOTES_KEPT)


def lapse_on_port(session: Session, port_id: int, now: datetime) -> None:
    """Write down what time has ended on the port, so that the database's guard lets the next one in."""
    _tell_all(session, passing_store.pass_on_port(session, port_id, now))
    session.flush()  # told before the next one's hold, which is sent past the session


def _tell_all(session: Session, passed: Sequence[Reservation]) -> None:
    for reservation in passed:
        tell(session, reservation, reservation.updated_at, cause=Cause.TIME)
