"""Routes of openings: when ports can be reserved."""

from typing import Any

from accounts.domain.plans import Family
from accounts.guards import client_may
from finder.index import StationIndex
from finder.viewers import viewer
from kernel.api import NEXT_PAGE, Resource, link_to_next
from kernel.paging import envelope
from kernel.services import service
from kernel.window import Window
from reservations.opening_schemas import OpeningsListSchema, OpeningsQuerySchema
from reservations.openings import Asked, Openings

openings = Resource("openings", __name__, description="When ports can be reserved")


@openings.route("/v1/openings", methods=["GET"])
@client_may(Family.STATION_RESERVATION)
@openings.query(OpeningsQuerySchema)
@openings.response(200, OpeningsListSchema, headers=NEXT_PAGE)
def list_openings(query: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """When ports can be reserved

    Guide 7.3 getStationResOpenings, for many stations at once. Windows lie within the opening hours where those are
    known, between the earliest and the latest time that can be reserved now. A hold that has run out is free. Where a
    tariff limits stays in a part of the day only, that limit counts for what is held, and is not seen here.
    """
    index, who = service(StationIndex), viewer()
    asked = Asked(
        station_ids=tuple(query["station_id"]),
        span=Window(query["start"], query["end"]),
        port_numbers=tuple(sorted(set(query["port"]))),
        min_duration_min=query["min_duration_min"],
        hidden=tuple(station_id for station_id in query["station_id"] if index.hides(station_id, who)),
    )
    found = service(Openings).of(asked, limit=query["limit"], cursor=query["cursor"])
    body = {**envelope(found.stations, found.next_cursor, found.total), "not_found": found.not_found}
    return body, link_to_next(found.next_cursor)
