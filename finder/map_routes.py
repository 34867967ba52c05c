"""Routes of the map: clusters of stations."""

from typing import Any

from flask import Response

from accounts.domain.plans import Family
from accounts.guards import client_may
from finder.clusters import MapClusters
from finder.map_schemas import ClusterQuerySchema, ClustersSchema
from finder.routes import answer, faults_of_the_query, seen
from kernel.api import Resource
from kernel.caching import FOR_SECONDS
from kernel.services import service

maps = Resource("maps", __name__, description="What to draw on a map of any size")


@maps.route("/v1/map/clusters", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@maps.query(ClusterQuerySchema)
@maps.response(200, ClustersSchema)
def find_clusters(asked: dict[str, Any]) -> Response:
    """Count the stations of a part of the map, by cells

    Stations that share a cell of a fixed grid are one cluster, a station that is alone is told by itself. The grid is
    that of map tiles, four by four cells a tile, so panning changes no cluster and a cell of one zoom is four of the
    next; of a cell that the box cuts the part inside counts. The counts add up to what `GET /v1/stations` finds with
    the same box and filters. Counts of many stations may be some seconds old.
    """
    with faults_of_the_query():
        body, with_cache = service(MapClusters).find(seen(asked), asked["zoom"])
    return answer(body, FOR_SECONDS, with_cache=with_cache)
