"""Events of reservations: left in the outbox in the transaction that moves the reservation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.fields import moment_text
from kernel.outbox import announce
from reservations.domain.reservation import Reservation

_NOTHING: Mapping[str, Mapping[str, Any]] = {}


def tell(
    session: Session,
    reservation: Reservation,
    at: datetime,
    *,
    what: str | None = None,
    changed: Mapping[str, Mapping[str, Any]] = _NOTHING,
) -> None:
    """Announce what was done to a reservation: topic `reservation.held`, `reservation.modified` and so on.

    Without `what` it is the name of the state that was reached. `changed` says what is different: name → from, to.
    """
    payload = {
        "handle": reservation.handle,
        "state": reservation.state.value,
        "driver_id": reservation.driver_id,
        "station_id": reservation.station_id,
        "port_number": reservation.port_number,
        "start": moment_text(reservation.start),
        "end": moment_text(reservation.end),
        "hold_expires_at": moment_text(reservation.hold_expires_at),
        "changed": {name: dict(both) for name, both in changed.items()},
    }
    topic = f"reservation.{what or reservation.state.value.lower()}"
    announce(session, topic=topic, subject=reservation.handle, payload=payload, at=at)
