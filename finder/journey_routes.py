"""Routes of journeys: the stations along a route."""

from typing import Any

from flask import Response

from accounts.domain.plans import Family
from accounts.guards import client_may
from finder.along_route import AlongRoute
from finder.answers import Shape
from finder.journey_schemas import MOST_BYTES, AlongRouteListSchema, AlongRouteSchema
from finder.routes import answer, language
from finder.viewers import viewer
from kernel.api import Resource
from kernel.caching import FOR_SECONDS
from kernel.idempotency import idempotent
from kernel.services import service

journeys = Resource("journeys", __name__, description="Find stations along a route")

_TO_THE_COAST = {
    "route": {
        "type": "LineString",
        "coordinates": [[-121.9577, 37.2615], [-121.9803, 37.2214], [-121.9868, 37.1284], [-122.0255, 36.9772]],
    },
    "corridor_m": 5000,
    "connector": ["J1772"],
    "speed_kmh": 80,
}


@journeys.route("/v1/stations/along-route", methods=["POST"])
@client_may(Family.STATION_INFORMATION)
@idempotent
@journeys.body(AlongRouteSchema, example=_TO_THE_COAST, most_bytes=MOST_BYTES)
@journeys.response(200, AlongRouteListSchema)
def find_along_route(asked: dict[str, Any]) -> Response:
    """Find stations along a route

    In travel order, with the filters of the search. The next page is the same body with `cursor`. Distances are great
    circles. Where the route passes a station more than once, it is listed once: at the nearest pass, and of passes
    that are about as near (within 50 m: there and back on one road) at the first. Arrivals leave out detours, stops
    and charging. `free_min` counts as `free_from` and `free_until` do.
    """
    shape = Shape(asked["include"], language())
    journey = asked["journey"].seen_by(viewer())
    page = service(AlongRoute).find(journey, shape, limit=asked["limit"], cursor=asked["cursor"])
    return answer(page.body, FOR_SECONDS, with_cache=page.with_cache)
