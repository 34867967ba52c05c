"""LiveStream: gives a client's connection to the streamer, and a clear refusal where that cannot be."""

import errno
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import structlog
from flask import Response

from feeds.handover import Answer, Place, Wish, forgotten
from kernel.errors import Refusal, TemporarilyUnavailable
from kernel.places import stream_socket

log = structlog.get_logger(__name__)

MEDIA_TYPE = "text/event-stream"
_HOP_BY_HOP = {"connection", "content-length", "transfer-encoding"}


class StreamsFull(TemporarilyUnavailable):
    """There are as many live streams as this server holds. Ask for the status now and then instead."""

    code = "streams_full"


class StreamAway(TemporarilyUnavailable):
    """The live stream is starting, or away for a moment. Ask for the status now and then meanwhile."""

    code = "stream_away"


class TooManyStreams(Refusal):
    """You have half of all live streams already. Close some, or follow more with one."""

    status = 429
    code = "too_many_streams"


class LiveStream:
    """The web workers' side: a stream costs them one request, and then nothing."""

    def __init__(self, var: Path) -> None:
        self._path = stream_socket(var)

    def follow(self, wish: Wish, connection: socket.socket | None) -> Response:
        """An answer that goes on in the streamer. Raises StreamsFull, StreamAway, TooManyStreams."""
        if connection is None:
            raise StreamAway("This server cannot stream: it was not started by `serve`.", retry_after_s=60)
        try:
            place = Place(self._path)
        except OSError:
            raise StreamAway(retry_after_s=2) from None
        try:
            _check(place.ask(wish))
        except OSError:
            place.leave()
            raise StreamAway(retry_after_s=2) from None
        except Refusal:
            place.leave()
            raise
        return HandedOver(place, connection)


def _check(answer: Answer) -> None:
    if answer is Answer.FULL:
        raise StreamsFull(retry_after_s=30)
    if answer is Answer.TOO_MANY_OF_YOURS:
        raise TooManyStreams(headers={"Retry-After": "30"})


def event_stream(body: Iterable[bytes] = ()) -> Response:
    """The head of a stream; nothing on the way may keep it, or hold it back to compress or collect it."""
    response = Response(body, mimetype=MEDIA_TYPE)
    _set_head(response)
    return response


def _set_head(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"


class HandedOver(Response):
    """An answer whose head and body are written by the streamer, with whatever headers it was given on its way out."""

    def __init__(self, place: Place, connection: socket.socket) -> None:
        super().__init__(mimetype=MEDIA_TYPE)
        _set_head(self)
        self._place = place
        self._connection = connection

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Give the connection away. The web server is told that its client is gone, which is true for it."""
        head = [f"HTTP/1.1 {self.status}"]
        wanted = (pair for pair in self.get_wsgi_headers(environ) if pair[0].lower() not in _HOP_BY_HOP)
        head += [f"{name}: {value}" for name, value in wanted]
        try:
            self._place.give("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1"), self._connection)
            forgotten(self._connection)
        except OSError:
            log.warning("stream not handed over", exc_info=True)
        finally:
            self._place.leave()
        raise BrokenPipeError(errno.EPIPE, "handed over to the streamer")
