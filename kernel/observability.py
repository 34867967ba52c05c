"""What an operator sees: the request log, and metrics in Prometheus' format."""

import os
import re
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from kernel.errors import NotFound
from kernel.logs import cleaned, configure_logs, write_line

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_LOOPBACK = {"127.0.0.1", "::1"}


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
        self._found = dict[tuple[str, str, int], tuple[Counter, Histogram]]()

    def observe(self, response: Response, seconds: float) -> None:
        route = request.url_rule.rule if request.url_rule else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        counted, timed = self._of(method, route, response.status_code)
        counted.inc()
        timed.observe(seconds)

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """The two figures of such requests, found once: the library looks for them under a lock, by text."""
        key = method, route, status
        if key not in self._found:
            self._found[key] = self.requests.labels(*key), self.seconds.labels(method, route)
        return self._found[key]

    def text(self) -> bytes:
        registry = self._registry
        if self._directory is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=str(self._directory))  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def register_observability(app: Flask, metrics: Metrics) -> None:
    """JSON logs, request ids, the request log, the metrics, and `/metrics` for callers on this machine."""
    configure_logs()

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        response.headers.add("X-Request-ID", g.get("request_id", ""))
        metrics.observe(response, seconds)
        _log_request(response, seconds)
        return response

    @app.get("/metrics")
    def metrics_text() -> Response:
        if request.remote_addr not in _LOOPBACK:
            raise NotFound
        return Response(metrics.text(), mimetype="text/plain")


def _log_request(response: Response, seconds: float) -> None:
    if response.status_code < 400 and request.method == "GET":
        return  # reads that went well are counted, not written down: at thousands a second they bury the rest
    write_line(
        {
            "method": cleaned(request.method),
            "path": cleaned(request.path),
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "caller": cleaned(g.get("principal")),
            "event": "request",
            "request_id": cleaned(g.get("request_id")),
            "level": "info",
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
    )
