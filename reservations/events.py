"""Events of reservations: every move is told in the outbox and written into the history, in its own transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.fields import moment_text
from kernel.outbox import announce
from reservations import history_store
from reservations.domain.history import Cause, Changes, topic_of
from reservations.domain.reservation import Reservation
from reservations.domain.trouble import Trouble

_NOTHING: Changes = {}


def tell(
    session: Session,
    reservation: Reservation,
    at: datetime,
    *,
    what: str | None = None,
    cause: Cause = Cause.DRIVER,
    changed: Changes = _NOTHING,
) -> None:
    """Tell of a move and write it down: one event, one entry of the history.

    `what` was done is the topic's last word: `reservation.held`, `reservation.relocated`; without it the name of the
    state that was reached. `changed` says what else is different: name → {"from": …, "to": …}.
    """
    done = what or reservation.state.value.lower()
    history_store.add_move(
        session, reservation.handle, what=done, to_state=reservation.state, at=at, cause=cause, changed=changed
    )
    payload = payload_of(reservation, cause, changed)
    announce(session, topic=topic_of(done), subject=reservation.handle, payload=payload, at=at)


def payload_of(reservation: Reservation, cause: Cause, changed: Changes = _NOTHING) -> dict[str, object]:
    """What an event says of a reservation."""
    return {
        "cause": cause.value,
        "changed": dict(changed),
        "handle": reservation.handle,
        "state": reservation.state.value,
        "driver_id": reservation.driver_id,
        "station_id": reservation.station_id,
        "port_number": reservation.port_number,
        "start": moment_text(reservation.start),
        "end": moment_text(reservation.end),
        "hold_expires_at": moment_text(reservation.hold_expires_at),
    }


def changed_trouble(before: Reservation, after: Reservation) -> Changes:
    """What is different in the trouble that is told."""
    if before.trouble == after.trouble:
        return _NOTHING
    return {"trouble": {"from": _trouble(before.trouble), "to": _trouble(after.trouble)}}


def _trouble(trouble: Trouble | None) -> dict[str, str] | None:
    return None if trouble is None else {"reason": trouble.reason.value, "since": moment_text(trouble.since)}
