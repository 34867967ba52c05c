"""What was missing when an answer was made, told in a header."""

from flask import Flask, Response

from kernel.outage import Outage

HEADER = "Portside-Degraded"
DEGRADED_DOC = {
    "description": "What was missing when this was made, with commas between: status-cache (statuses come from the "
    "database), database (all is as this server knew it last, and nothing new can have been taken since)",
    "schema": {"type": "string"},
}


def mark_degraded(app: Flask, outage: Outage) -> None:
    """Add `database` to the header of every answer that was made from memory while the database was away."""

    @app.after_request
    def mark(response: Response) -> Response:
        if outage.is_away and response.status_code < 400:
            missing = filter(None, (response.headers.get(HEADER), "database"))
            response.headers[HEADER] = ", ".join(missing)
        return response
