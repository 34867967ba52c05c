"""Attendance: what ports report makes reservations active, completed or troubled, in the report's own transaction."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from finder.domain.hearing import Heard
from finder.domain.status import Status
from kernel.clock import Clock
from kernel.database import Database
from reservations import attendance_store as store
from reservations.domain.attendance import Seen, Sign, signs
from reservations.domain.history import Cause
from reservations.domain.lifecycle import State
from reservations.domain.reservation import Reservation
from reservations.domain.trouble import Reason, Trouble
from reservations.events import changed_trouble, tell
from reservations.taken import TakenPorts

_SPEAKING = frozenset({Status.IN_USE, Status.AVAILABLE})
_BECOMES = {Sign.BEGINS: State.ACTIVE, Sign.ENDS: State.COMPLETED}


class Attendance:
    """Listens to the intake of reports (`finder.intake.PortListener`).

    What a report says is decided with it: were it read from the log later, a driver who came in time would be a
    no-show to everybody until then. It costs the intake one query for the ports that changed.
    """

    def __init__(self, database: Database, clock: Clock, taken: TakenPorts) -> None:
        self._database = database
        self._clock = clock
        self._taken = taken

    def heard(self, session: Session, changes: Sequence[Heard]) -> None:
        """Move the reservations of which these changes of ports say something; doing it twice does nothing."""
        speaking = [one for one in changes if one.status in _SPEAKING]
        if not speaking:
            return
        awaited = store.awaited(session, sorted({one.port_id for one in speaking}), self._clock.in_transaction(session))
        if not awaited:
            return
        now = self._clock.in_transaction(session)
        for port_id, of_port in groupby(speaking, key=lambda one: one.port_id):
            here = [one for one in awaited if one.port_id == port_id]
            for change in of_port:
                here = self._moved(session, here, _seen(change), now)

    def _moved(self, session: Session, here: list[Reservation], seen: Seen, now: datetime) -> list[Reservation]:
        """The port's reservations as they became."""
        moved = {one.handle: one.at(now) for one in here}
        for one, sign in list(signs(list(moved.values()), seen)):
            done = self._done(session, one, sign, seen, now)
            if done is not None:
                moved[one.handle] = done
                self._database.when_committed(self._taken.forget)
        return list(moved.values())

    def _done(self, session: Session, one: Reservation, sign: Sign, seen: Seen, now: datetime) -> Reservation | None:
        if sign in _BECOMES:
            done, what = store.become(session, one, _BECOMES[sign], now), None
        elif sign is Sign.TAKEN_BY_OTHER:
            trouble = Trouble(reason=Reason.OTHER_CARD, since=seen.at)
            done, what = store.trouble(session, one, trouble, now), "flagged"
        else:
            done, what = store.trouble(session, one, None, now), "cleared"
        if done is not None:
            tell(session, done, now, what=what, cause=Cause.REPORT, changed=changed_trouble(one, done))
        return done


def _seen(change: Heard) -> Seen:
    return Seen(
        in_use=change.status is Status.IN_USE,
        was_in_use=change.before is Status.IN_USE,
        at=change.reported_at,
        card=change.card,
        late=change.late,
    )
