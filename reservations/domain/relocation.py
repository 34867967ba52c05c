"""Relocation: when a reservation whose port is out of order is given another one."""

from datetime import datetime, timedelta

from reservations.domain.lifecycle import COMING
from reservations.domain.reservation import Reservation
from reservations.domain.trouble import Trouble

SOON = timedelta(hours=1)
AHEAD = timedelta(hours=24)
LASTING = timedelta(minutes=15)


def is_due(reservation: Reservation, trouble: Trouble, now: datetime) -> bool:
    """Whether a port must be found now for a reservation, as it is now, whose port is out of order.

    At once where it starts within the hour; where it starts within a day once the trouble has lasted a quarter of an
    hour, so that a charger that only starts anew moves nobody; never where the driver is at the port.
    """
    if reservation.state not in COMING:
        return False
    starts_in = reservation.start - now
    return starts_in <= SOON or (starts_in <= AHEAD and now - trouble.since >= LASTING)
