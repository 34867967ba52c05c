"""Events of reservations: left in the outbox in the transaction that moves the reservation."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.fields import moment_text
from kernel.outbox import announce
from reservations.domain.reservation import Reservation


def tell(session: Session, reservation: Reservation, at: datetime) -> None:
    """Announce what a reservation has become: topic `reservation.held`, `reservation.lapsed` and so on."""
    payload = {
        "handle": reservation.handle,
        "state": reservation.state.value,
        "driver_id": reservation.driver_id,
        "station_id": reservation.station_id,
        "port_number": reservation.port_number,
        "start": moment_text(reservation.start),
        "end": moment_text(reservation.end),
        "hold_expires_at": moment_text(reservation.hold_expires_at),
    }
    topic = f"reservation.{reservation.state.value.lower()}"
    announce(session, topic=topic, subject=reservation.handle, payload=payload, at=at)
