"""Pages of other sites: a browser lets them read answers to a publishable key of theirs, and to nothing else."""

from flask import Flask, Response, g, request

from accounts.clients import ClientAccess
from kernel.errors import TemporarilyUnavailable
from kernel.services import service

_READABLE = "ETag, Link, Portside-Degraded, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
_SENDABLE = "X-API-Key, Accept-Language, If-None-Match, Last-Event-ID, X-Request-ID"
_KEPT_S = "600"


def register_cross_origin(app: Flask) -> None:
    """Tell browsers which origins may read an answer. Credentials are never allowed: keys travel in a header."""

    @app.after_request
    def tell(response: Response) -> Response:
        if not request.path.startswith("/v1/"):
            return response
        _add_to_vary(response, "Origin")
        origin = request.headers.get("Origin")
        if origin is None or origin == "null":
            return response
        if request.method == "OPTIONS":
            return _preflight(response, origin)
        caller = g.get("caller")
        if caller is not None and caller.publishable and origin in caller.allowed_origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _READABLE
        return response


def _add_to_vary(response: Response, name: str) -> None:
    """Written behind what is there: the library's set of names would be read from the header and written back."""
    told = response.headers.get("Vary")
    response.headers["Vary"] = f"{told}, {name}" if told else name


def _preflight(response: Response, origin: str) -> Response:
    """A browser asks before it sends a header of ours; it does not send the key yet, so the origin alone decides."""
    if "Access-Control-Request-Method" not in request.headers:
        return response
    response.vary.update(("Access-Control-Request-Method", "Access-Control-Request-Headers"))
    if _is_of_a_page(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
        response.headers["Access-Control-Allow-Headers"] = _SENDABLE
        response.headers["Access-Control-Max-Age"] = _KEPT_S
    return response


def _is_of_a_page(origin: str) -> bool:
    try:
        return origin in service(ClientAccess).page_origins()
    except TemporarilyUnavailable:
        return False
