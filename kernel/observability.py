"""What an operator sees: JSON logs with the request's id and without secrets, and metrics in Prometheus' format."""

import json
import logging
import os
import re
import sys
import time
import uuid
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, cast

import structlog
from flask import Flask, Response, g, has_app_context, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from kernel.errors import NotFound

_SECRET_NAMES = re.compile(r"password|secret|token|authorization|api_key|x-api-key|cookie", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(Bearer\s+)\S+|(://[^:/@\s]+:)[^@\s]+(@)"
    r"|(?<![0-9A-Za-z])(?:\d[ -]?){12,18}\d(?![0-9A-Za-z])"
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_LOOPBACK = {"127.0.0.1", "::1"}


class _Dispensable:
    """A place for logs that may be full or gone: a line that cannot be written must not cost a request."""

    def __init__(self, place: TextIO) -> None:
        self.place = place

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # full, or closed
            self.place.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self.place.flush()


_LINES = _Dispensable(sys.stderr)


def configure_logs() -> None:
    """One JSON object a line on stderr, for our own loggers and for the libraries'."""
    _LINES.place = sys.stderr
    structlog.configure(
        processors=[
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_secrets,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _LINES)),
        cache_logger_on_first_use=False,
    )


def _with_request_id(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What is written down while a request is answered carries its id."""
    if has_app_context() and "request_id" in g:
        event["request_id"] = g.request_id
    return event


def _without_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redacts by name and by value: tokens, passwords in addresses, and card numbers of 13 to 19 digits."""
    for name, value in event.items():
        event[name] = "[redacted]" if _SECRET_NAMES.search(name) else _clean(value)
    return event


def _clean(value: Any) -> Any:
    """The value with what is secret in it redacted, however deep."""
    if isinstance(value, dict):
        return {name: "[redacted]" if _SECRET_NAMES.search(str(name)) else _clean(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(member) for member in value]
    if isinstance(value, (bool, float)) or value is None:
        return value
    text = str(value)
    cleaned = _SECRET_TEXT.sub(_redacted, text)
    return value if cleaned == text else cleaned


def _redacted(match: re.Match[str]) -> str:
    bearer, before, after = match.groups()
    return f"{bearer or before or ''}[redacted]{after or ''}"


class Metrics:
    """Requests by route, method and status, and their duration; summed over workers where there are several."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory if directory.is_dir() else None
        if self._directory is not None:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
            values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("portside_requests", "Requests answered", labels, registry=self._registry)
        self.seconds = Histogram(
            "portside_request_seconds", "Time to answer", ("method", "route"), registry=self._registry
        )

    def observe(self, response: Response, seconds: float) -> None:
        route = request.url_rule.rule if request.url_rule else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        self.requests.labels(method, route, response.status_code).inc()
        self.seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        registry = self._registry
        if self._directory is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=str(self._directory))  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def register_observability(app: Flask, metrics: Metrics) -> None:
    """Request ids, the request log, the metrics, and `/metrics` for callers on this machine."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        response.headers["X-Request-ID"] = g.get("request_id", "")
        metrics.observe(response, seconds)
        _log_request(response, seconds)
        return response

    @app.get("/metrics")
    def metrics_text() -> Response:
        if request.remote_addr not in _LOOPBACK:
            raise NotFound
        return Response(metrics.text(), mimetype="text/plain")


def _log_request(response: Response, seconds: float) -> None:
    """One line, as the other loggers write it; by hand, since their way there was a twentieth of a hold."""
    if response.status_code < 400 and request.method == "GET":
        return  # reads that went well are counted, not written down: at thousands a second they bury the rest
    told = {
        "method": _clean(request.method),
        "path": _clean(request.path),
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "caller": _clean(g.get("principal")),
        "event": "request",
        "request_id": _clean(g.get("request_id")),
        "level": "info",
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    _LINES.write(json.dumps(told) + "\n")  # all that is not ASCII escaped, in one piece
    _LINES.flush()
