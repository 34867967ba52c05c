"""Headers of every answer, and 304 where the caller has this very answer already."""

from collections.abc import Iterable

from flask import Flask, Response, request

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
_SECURE = (("Strict-Transport-Security", "max-age=31536000"),)
_READ = (("Cache-Control", "private, no-cache"),)
_CONDITIONS = {
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE",
}


def register_answer_headers(app: Flask) -> None:
    """What is not said by a view itself is said here."""
    app.after_request(_protected)


def _protected(response: Response) -> Response:
    """Headers of every answer, and 304 where the caller has this very answer already."""
    _tell(response, _ALWAYS)
    if request.is_secure:
        _tell(response, _SECURE)
    if response.mimetype == "text/event-stream":
        return response  # it has no end, and so no tag
    if request.method == "GET" and request.path.startswith("/v1/") and response.status_code == 200:
        _tell(response, _READ)
        response.add_etag()
        if not _CONDITIONS.isdisjoint(request.environ):
            response.make_conditional(request)
    return response


def _tell(response: Response, headers: Iterable[tuple[str, str]]) -> None:
    """Say what the view has not said itself."""
    said = {name.lower() for name, _ in response.headers}
    for name, value in headers:
        if name.lower() not in said:
            response.headers.add(name, value)
