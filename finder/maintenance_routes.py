"""Routes of announced maintenance windows."""

from datetime import datetime
from typing import Any

from flask import Response

from accounts.domain.plans import Family
from accounts.guards import calling, client_may, operator_only
from finder.domain.maintenance import Maintenance
from finder.maintenance import MaintenanceWindows, Wish, scope_told
from finder.maintenance_schemas import (
    MaintenanceListSchema,
    MaintenanceQuerySchema,
    MaintenanceSchema,
    NewMaintenanceSchema,
)
from kernel.api import NEXT_PAGE, Resource, link_to_next
from kernel.caching import FOR_SECONDS
from kernel.idempotency import idempotent
from kernel.paging import envelope
from kernel.services import service

maintenance = Resource("maintenance", __name__, description="Announce maintenance, and see what is announced")

_EXAMPLE = {
    "scope": {"network_id": 1},
    "start": "2026-12-01T06:00:00Z",
    "end": "2026-12-01T08:00:00Z",
    "message": "Network upgrade: availability is delayed. You can always charge.",
    "effects": ["status_delayed"],
}
_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "Path of the window"}}


@maintenance.route("/v1/maintenance-windows", methods=["POST"])
@operator_only
@idempotent
@maintenance.body(NewMaintenanceSchema, example=_EXAMPLE)
@maintenance.response(201, MaintenanceSchema, headers=_LOCATION)
def announce_maintenance(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Announce a maintenance window

    From `start` to just before `end`, at most 31 days, at most 366 days ahead. Reservations made before the start are
    kept and enforced, statuses go on being taken in, reading goes on, and no station disappears.
    """
    announced = service(MaintenanceWindows).announce(Wish(**body), by=calling().principal)
    location = f"/v1/maintenance-windows/{announced.maintenance_id}"
    return _told(announced, announced.announced_at), {"Location": location}


@maintenance.route("/v1/maintenance-windows", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@maintenance.query(MaintenanceQuerySchema)
@maintenance.response(200, MaintenanceListSchema, headers=NEXT_PAGE)
def list_maintenance_windows(query: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The announced maintenance windows

    By start. `station_id` and `network` find the windows that concern them, whatever their scope.
    """
    page = service(MaintenanceWindows).windows(query["wanted"], limit=query["limit"], cursor=query["cursor"])
    cursor = page.next_cursor
    marks = {"Cache-Control": FOR_SECONDS, **link_to_next(cursor)}
    return envelope([_told(one, page.now) for one in page.windows], cursor, None), marks


@maintenance.route("/v1/maintenance-windows/<maintenance_id>", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@maintenance.response(200, MaintenanceSchema)
def get_maintenance_window(maintenance_id: str) -> dict[str, Any]:
    """One maintenance window

    One that has ended stays, in the state ENDED; one that was cancelled is gone.
    """
    return _told(*service(MaintenanceWindows).window(maintenance_id))


@maintenance.route("/v1/maintenance-windows/<maintenance_id>", methods=["DELETE"])
@operator_only
@idempotent
@maintenance.response(204)
def cancel_maintenance_window(maintenance_id: str) -> Response:
    """Cancel a maintenance window

    Before it begins or while it lasts; its effects end at once. One that has ended: 409 `maintenance_over`.
    """
    service(MaintenanceWindows).cancel(maintenance_id)
    return Response(status=204)


def _told(one: Maintenance, now: datetime) -> dict[str, Any]:
    return {
        "maintenance_id": one.maintenance_id,
        "scope": scope_told(one.scope),
        "start": one.window.start,
        "end": one.window.end,
        "message": one.message,
        "effects": sorted(one.effects),
        "state": one.state_at(now).value,
        "announced_at": one.announced_at,
    }
