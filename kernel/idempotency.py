"""Idempotency keys: a POST repeated with its key has its effect once and is answered with the first answer."""

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import orjson
from flask import Response, g, request
from sqlalchemy import LargeBinary, SmallInteger, String, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.clock import Clock, SystemClock
from kernel.database import Base, Database, Instant
from kernel.database_faults import again_if_overtaken, sqlstate
from kernel.errors import InvalidBody, InvalidRequest, Refusal
from kernel.problems import refusal_problem
from kernel.services import service
from kernel.transaction import is_postgresql

View = TypeVar("View", bound=Callable[..., Any])
KEPT = timedelta(hours=24)
LONGEST_KEY = 255
_LOCK_NOT_AVAILABLE = "55P03"
KEY_DOC = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Repeated with the same key and body within 24 hours, the call has its effect once",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


class IdempotencyRow(Base):
    """One key of one caller on one route, with the answer that it got."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    content_type: Mapped[str | None] = mapped_column(String(80))
    location: Mapped[str | None] = mapped_column(String(300))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class InvalidIdempotencyKey(InvalidRequest):
    """An Idempotency-Key is 1 to 255 visible ASCII characters."""

    code = "invalid_idempotency_key"


class IdempotencyKeyReused(InvalidBody):
    """This Idempotency-Key came with another body before."""

    code = "idempotency_key_reused"


class RequestInFlight(Refusal):
    """The first request with this Idempotency-Key is still being worked on."""

    status = 409
    code = "request_in_flight"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class Idempotency:
    """Claim, effect and stored answer are one transaction: a caller that dies leaves nothing behind.

    The claim is one INSERT that a second request with the same key waits on (2 s at most) and then finds done.
    """

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def once(self, key: str, work: Callable[[], Response]) -> Response:
        scope, fingerprint = _scope(key), _fingerprint()
        with self._database.writing() as session:
            if not _claim(session, scope, fingerprint, self._clock.now()):
                return _replayed(session, scope, fingerprint)
            response = _answer_of(work)
            _keep(session, scope, response)
            return response

    def forget_old(self) -> int:
        """Drop the keys older than 24 hours; returns how many."""
        with self._database.writing() as session:
            old = delete(IdempotencyRow).where(IdempotencyRow.created_at < self._clock.now() - KEPT)
            return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def idempotent(view: View) -> View:
    """The view honours `Idempotency-Key`, and is begun anew where others had the right of way.

    Stands under the guard, above the arguments: around the outermost transaction of every change.
    """

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return again_if_overtaken(lambda: view(*args, **kwargs))
        if not 1 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise InvalidIdempotencyKey
        return again_if_overtaken(lambda: service(Idempotency).once(key, lambda: view(*args, **kwargs)))

    once.honours_idempotency_key = True  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


def _scope(key: str) -> str:
    parts = [g.principal, request.method, request.path, key]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def _fingerprint() -> str:
    """Of the canonical body: the order of members and white space do not matter."""
    raw = request.get_data(cache=True)
    try:
        raw = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, TypeError):
        pass  # not JSON: the view says so, or takes no body
    return hashlib.sha256(raw).hexdigest()


def _claim(session: Session, scope: str, fingerprint: str, now: datetime) -> bool:
    """Whether the key is ours: one statement, so that of two racing requests one is told no."""
    dialect = postgresql if is_postgresql(session) else sqlite
    if dialect is postgresql:
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
    row = {"scope": scope, "fingerprint": fingerprint, "created_at": now}
    claim = dialect.insert(IdempotencyRow).values(row)
    taken_over = claim.on_conflict_do_update(
        index_elements=["scope"],
        set_={**row, "status": None, "content_type": None, "location": None, "body": None},
        where=IdempotencyRow.created_at < now - KEPT,
    )
    try:
        claimed = session.execute(taken_over.returning(IdempotencyRow.scope)).scalar_one_or_none()
    except DBAPIError as error:
        if sqlstate(error) == _LOCK_NOT_AVAILABLE:
            raise RequestInFlight from error
        raise
    if dialect is postgresql:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
    return claimed is not None


def _replayed(session: Session, scope: str, fingerprint: str) -> Response:
    row = session.execute(select(IdempotencyRow).where(IdempotencyRow.scope == scope)).scalar_one()
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.status is None:
        raise RequestInFlight
    headers = {"Idempotency-Replayed": "true"} | ({"Location": row.location} if row.location else {})
    return Response(row.body, row.status, headers, content_type=row.content_type)


def _answer_of(work: Callable[[], Response]) -> Response:
    """The answer; of the refusals only a conflict is an outcome to be kept, the others undo the claim."""
    try:
        return work()
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return refusal_problem(refusal)


def _keep(session: Session, scope: str, response: Response) -> None:
    answer = {
        "status": response.status_code,
        "content_type": response.content_type,
        "location": response.location,
        "body": response.get_data(),
    }
    session.execute(update(IdempotencyRow).where(IdempotencyRow.scope == scope).values(answer))
