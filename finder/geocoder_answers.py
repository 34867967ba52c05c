"""Answers of a geocoder, read as long as they are short and come soon; whatever else it sends is a failure."""

import ssl
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import orjson
from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderServiceError, GeocoderTimedOut

LONGEST_S = 2.0  # for the whole answer, however slowly it drips
MOST_BYTES = 256 * 1024
_AT_ONCE = 16 * 1024


class ShortAnswers(BaseSyncAdapter):
    """How geopy asks: its own adapters read an answer to its end, however long that is and takes."""

    def __init__(self, *, proxies: Any, ssl_context: ssl.SSLContext) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._opener = build_opener(HTTPSHandler(context=ssl_context), ProxyHandler({}))

    def get_json(self, url: str, *, timeout: float, headers: dict[str, str]) -> Any:
        """The answer, read. Raises GeopyError."""
        try:
            return orjson.loads(self._bytes(url, timeout, headers))
        except orjson.JSONDecodeError as error:
            raise GeocoderParseError("not JSON") from error

    def get_text(self, url: str, *, timeout: float, headers: dict[str, str]) -> str:
        """The answer as it is. Raises GeopyError."""
        return self._bytes(url, timeout, headers).decode(errors="replace")

    def _bytes(self, url: str, timeout: float, headers: dict[str, str]) -> bytes:
        ends_at = time.monotonic() + timeout
        try:
            with self._opener.open(Request(url, headers=headers), timeout=timeout) as answer:  # noqa: S310
                return _within(answer, ends_at)
        except HTTPError as error:
            raise GeocoderServiceError(f"status {error.code}") from error
        except TimeoutError as error:
            raise GeocoderTimedOut("too slow") from error
        except (OSError, HTTPException) as error:
            raise GeocoderServiceError(str(error)) from error


def _within(answer: Any, ends_at: float) -> bytes:
    read = bytearray()
    while some := answer.read1(_AT_ONCE):
        read += some
        if len(read) > MOST_BYTES:
            raise GeocoderServiceError("too long an answer")
        if time.monotonic() > ends_at:
            raise GeocoderTimedOut("too slow")
    return bytes(read)
