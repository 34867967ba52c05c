"""ReservationHistory: what became of a driver's reservation, move by move."""

from datetime import datetime

from accounts.domain.caller import Driver
from kernel.clock import Clock
from kernel.database import Database
from reservations import history_store, store
from reservations.domain.history import Cause, Move
from reservations.domain.reservation import Reservation


class ReservationHistory:
    """The moves that are written down, and the one that time has made and nobody wrote down yet."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, driver: Driver, handle: str) -> tuple[Move, ...]:
        """Every move, oldest first. Raises HandleUnknown, for another driver's reservation too."""
        with self._database.reading() as session:
            now = self._clock.in_transaction(session)
            kept = store.reservation(session, handle, driver.driver_id)
            return (*history_store.moves(session, handle), *_passed(kept, now))


def _passed(kept: Reservation, now: datetime) -> tuple[Move, ...]:
    passed = kept.at(now)
    if passed.state is kept.state:
        return ()
    what = passed.state.value.lower()
    move = Move(
        what=what, at=passed.updated_at, cause=Cause.TIME, from_state=kept.state, to_state=passed.state, changed={}
    )
    return (move,)
