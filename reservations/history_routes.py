"""The route of a reservation's history."""

from typing import Any

from accounts.guards import calling_driver, driver_only
from kernel.api import Resource
from kernel.paging import envelope
from kernel.services import service
from reservations.history import ReservationHistory
from reservations.history_schemas import HistorySchema

history = Resource("reservation-history", __name__, description="What became of a reservation, move by move")


@history.route("/v1/reservations/<handle>/history", methods=["GET"])
@driver_only
@history.response(200, HistorySchema)
def get_reservation_history(handle: str) -> dict[str, Any]:
    """Every move of a reservation

    With its time and its cause, oldest first: what the driver did, what time did, what the port reported, and what was
    done about a port that is out of order.
    """
    moves = service(ReservationHistory).of(calling_driver(), handle)
    return envelope(moves, None, len(moves))
