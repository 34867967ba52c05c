"""Events as bytes of a Server-Sent Events stream (WHATWG HTML, 9.2)."""

import orjson

from feeds.domain.replay import Told
from kernel.fields import moment_text
from kernel.outbox import Event

RETRY_MS = 3000


def told(event: Event) -> Told:
    """An event as it is sent; `at` is when it happened."""
    position = event.position or 0
    about = {**event.payload, "at": moment_text(event.created_at)}
    return Told(position, about, _block(position, event.topic, orjson.dumps(about)))


def opening(position: int) -> bytes:
    """The first bytes: how long to wait before coming back, and from where to go on if nothing happens until then."""
    return b"retry: %d\nid: %d\n\n" % (RETRY_MS, position)


def heartbeat(position: int) -> bytes:
    """A comment that keeps proxies from closing a quiet stream, and lets a quiet follower come back after long."""
    return b":\nid: %d\n\n" % position


def reset(position: int) -> bytes:
    """Something was missed for good: read anew what is shown, and go on from here."""
    return _block(position, "reset", b'{"reason":"too_old"}')


def _block(position: int, kind: str, data: bytes) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (position, kind.encode(), data)
