"""Pages: opaque keyset cursors, bound to the question they came from, and the list envelope."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from kernel.errors import InvalidRequest

MAX_LIMIT = 200
DEFAULT_LIMIT = 25


class InvalidCursor(InvalidRequest):
    """The cursor does not belong to this question. Leave it out to start again."""

    code = "invalid_cursor"


def fingerprint(question: object) -> str:
    """A short digest of a question, so that a cursor cannot be carried over to another one."""
    return hashlib.sha256(repr(question).encode()).hexdigest()[:12]


def cursor_after(key: Sequence[Any], question: object) -> str:
    """The cursor that goes on after the row with this sort key."""
    text = orjson.dumps([fingerprint(question), *key])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def key_of(cursor: str, question: object, kinds: Sequence[type]) -> tuple[Any, ...]:
    """The sort key in a cursor. Raises InvalidCursor where it is not ours, or of another question."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        mark, *key = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, TypeError) as error:
        raise InvalidCursor from error
    fits = len(key) == len(kinds) and all(type(part) is kind for part, kind in zip(key, kinds, strict=True))
    if mark != fingerprint(question) or not fits:
        raise InvalidCursor
    return tuple(key)


def envelope(rows: Sequence[Any], next_cursor: str | None, total: int | None) -> dict[str, Any]:
    """The list envelope of every list in the API."""
    return {"data": rows, "has_more": next_cursor is not None, "next_cursor": next_cursor, "total": total}


def next_link(path: str, query: Mapping[str, Sequence[str]], next_cursor: str, *, name: str = "cursor") -> str:
    """The `Link` header to the next page (RFC 8288); `name` is the parameter that takes the cursor."""
    kept = [(other, value) for other, values in query.items() if other != name for value in values]
    return f'<{path}?{urlencode([*kept, (name, next_cursor)])}>; rel="next"'
