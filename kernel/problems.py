"""Errors turned into HTTP: every refusal, fault and surprise becomes one RFC 9457 problem with a stable code."""

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from kernel.errors import Refusal

log = structlog.get_logger(__name__)

_CODES = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    411: "length_required",
    413: "body_too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    429: "rate_limited",
    500: "internal_error",
    503: "temporarily_unavailable",
}
_RESPONSE_CODES = {500: "143", 503: "143"}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    response_code: str | None = None,
    errors: tuple[Any, ...] = (),
    headers: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
) -> Response:
    """One problem as an `application/problem+json` response (RFC 9457, with `code`, `response_code`, `errors`)."""
    body = {
        "type": f"/docs/problems#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "response_code": response_code,
        "errors": list(errors),
        "request_id": g.get("request_id"),
        **(extra or {}),
    }
    return Response(orjson.dumps(body), status, headers, mimetype="application/problem+json")


def refusal_problem(refusal: Refusal) -> Response:
    """A refusal as the problem that the client reads."""
    return problem(
        refusal.status,
        refusal.code,
        refusal.detail,
        response_code=refusal.response_code,
        errors=refusal.errors,
        headers=refusal.headers,
        extra=refusal.extra,
    )


def http_problem(error: HTTPException) -> Response:
    """An error of the web framework as a problem; its headers (`Allow`, `Retry-After`) are kept."""
    status = error.code or 500
    kept = {
        name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "content-length")
    }
    detail = error.description or HTTPStatus(status).phrase
    code = _CODES.get(status, HTTPStatus(status).name.lower())
    return problem(status, code, detail, response_code=_RESPONSE_CODES.get(status), headers=kept)


def surprise_problem(error: Exception) -> Response:
    """A fault of ours: logged with its traceback, told without any of it."""
    log.exception("unhandled error", path=request.path, method=request.method)
    return problem(500, _CODES[500], "Something went wrong on our side.", response_code=_RESPONSE_CODES[500])


def register_problems(app: Flask) -> None:
    """Make every error of the app a problem."""
    app.register_error_handler(Refusal, refusal_problem)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(Exception, surprise_problem)
