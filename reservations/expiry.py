"""Expiry: what runs out by time is written down. Nothing waits for it, and doing it twice does nothing."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kernel.clock import Clock
from kernel.database import Database
from reservations import quote_store, store
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
        """Lapse every hold that has run out, each with one event; returns how many."""
        swept = 0
        while some := self._sweep_some():
            swept += some
        return swept

    def _sweep_some(self) -> int:
        with self._database.writing() as session:
            lapsed = store.lapse_some(session, self._clock.in_transaction(session), AT_ONCE)
            _tell_all(session, lapsed)
            return len(lapsed)

    def forget_quotes(self) -> int:
        """Drop the quotes that ran out a day ago; returns how many."""
        with self._database.writing() as session:
            return quote_store.forget_quotes(session, self._clock.in_transaction(session) - _QUOTES_KEPT)


def lapse_on_port(session: Session, port_id: int, now: datetime) -> None:
    """Lapse the port's holds that have run out, so that the database's guard lets the next one in."""
    _tell_all(session, store.lapse_on_port(session, port_id, now))


def _tell_all(session: Session, lapsed: list[Reservation]) -> None:
    for reservation in lapsed:
        tell(session, reservation, reservation.hold_expires_at)
