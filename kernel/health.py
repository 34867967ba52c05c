"""Health: is the process alive, and is everything it needs there; `/readyz` says which is not."""

from collections.abc import Callable

from flask import Flask, Response, jsonify
from sqlalchemy import text

from kernel.cache import Cache
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable


def register_health(app: Flask, database: Database, cache: Cache, is_migrated: Callable[[], bool]) -> None:
    """`/healthz` for the process alone, `/readyz` for database, migrations and cache.

    A cache that is away is said but does not make us unready: without it we are slower, not wrong.
    """

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        checks = {"database": _answers(database), "cache": cache.is_up()}
        checks["migrations"] = checks["database"] and is_migrated()
        ready = checks["database"] and checks["migrations"]
        body = jsonify(
            status="ready" if ready else "not_ready",
            **{name: "ok" if passed else "down" for name, passed in checks.items()},
        )
        return body, 200 if ready else 503


def _answers(database: Database) -> bool:
    try:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
    except TemporarilyUnavailable:
        return False
    return True
