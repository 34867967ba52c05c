"""Headers of every answer, and 304 where the caller has this very answer already."""

from flask import Flask, Response, request


def register_answer_headers(app: Flask) -> None:
    """What is not said by a view itself is said here."""
    app.after_request(_protected)


def _protected(response: Response) -> Response:
    """Headers of every answer, and 304 where the caller has this very answer already."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if response.mimetype == "text/event-stream":
        return response  # it has no end, and so no tag
    if request.method == "GET" and request.path.startswith("/v1/") and response.status_code == 200:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.add_etag()
        response.make_conditional(request)
    return response
