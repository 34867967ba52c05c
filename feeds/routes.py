"""The route of the live stream."""

import re
from typing import Any

from flask import Response, g, request

from accounts.domain.plans import Family
from accounts.guards import client_may
from feeds.handover import Wish
from feeds.schemas import LATEST, StreamQuerySchema
from feeds.stream import MEDIA_TYPE, LiveStream, event_stream
from kernel.api import Resource
from kernel.errors import InvalidRequest
from kernel.services import service

streams = Resource("streams", __name__, description="Hear of changes while they happen")

_EXAMPLE = """retry: 3000
id: 41

id: 42
event: status_changed
data: {"station_id":"1:41613","port_number":1,"network_id":1,"lat":37.261513,"lon":-121.957718,"status":"IN_USE",\
"technical_status":"charging","as_of":"2026-02-13T14:08:36Z","freshness":"FRESH","at":"2026-02-13T14:08:37Z"}

:
id: 57

"""
_LAST_EVENT_ID = {
    "in": "header",
    "name": "Last-Event-ID",
    "description": "The last id that was heard; browsers send it by themselves when they come back",
    "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
}


@streams.route("/v1/stream", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@streams.query(StreamQuerySchema)
@streams.response(200, {"type": "string"}, content_type=MEDIA_TYPE, example=_EXAMPLE)
@streams.doc(parameters=[_LAST_EVENT_ID])
def follow_stream(asked: dict[str, Any]) -> Response:
    """Hear of changes while they happen

    Server-Sent Events about some stations, a box or a network: `status_changed` (what a port is told as has become
    something else, by a report or by silence), `station_changed` (read the station anew), `stations_changed` (a
    large import: read anew what you show) and `maintenance_announced`, `_started`, `_ended`, `_cancelled`. Unknown
    events must be tolerated. Every event has an `id`; who comes back with the last one (`Last-Event-ID`) hears all
    of its events that came meanwhile, in order and none twice, as long as they are among the last 10,000 of all.
    Who was away for longer hears `reset`: read anew what you show. A stream begins before anything is told on it,
    so read what you show once it is open. A comment and an `id` come at least every 15 s on a quiet stream; a
    stream ends after an hour at the latest, and a client that takes nothing is cut off: come back with the last id.
    503 with `Retry-After` where there are no more places.
    """
    if request.method == "HEAD":
        return event_stream()
    wish = Wish(who=f"{g.principal}@{request.remote_addr}", interest=asked["interest"], after=_after(asked))
    return service(LiveStream).follow(wish, request.environ.get("gunicorn.socket"))


def _after(asked: dict[str, Any]) -> int | None:
    """The event to go on after; a header that comes back by itself is newer than an address that was made before."""
    given = request.headers.get("Last-Event-ID")
    if given is None:
        last: int | None = asked["last_event_id"]
        return last
    if not re.fullmatch(r"[0-9]{1,19}", given) or int(given) > LATEST:
        raise InvalidRequest(errors=[{"pointer": "Last-Event-ID", "detail": "Not an id that this stream gave."}])
    return int(given)
