"""Paused writes over HTTP: what would change something is refused before any view while maintenance forbids it."""

from flask import Flask, current_app, request

from finder.announcements import Announcements
from finder.domain.station import is_station_id

CHANGE_NOTHING = frozenset({"calculate_price", "find_stations_along_route"})  # asked by POST for their length alone
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def pause_writes(app: Flask, announcements: Announcements) -> None:
    """Refuse, with 503 and `Retry-After`, every change in the maintenance mode, and changes of stations in a pause.

    A station is one in the path here; whoever is told of a station in a body asks `Announcements` itself.
    """

    @app.before_request
    def refuse() -> None:
        if request.method in _READING or request.endpoint is None or not _changes(request.endpoint):
            return
        announcements.check_all_writes()
        station_id = (request.view_args or {}).get("station_id")
        if station_id is not None and is_station_id(station_id):
            announcements.check_writes(station_id)


def _changes(endpoint: str) -> bool:
    return current_app.view_functions[endpoint].__name__ not in CHANGE_NOTHING
