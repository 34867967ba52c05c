"""Geocoding: where a place is, asked of the geocoder that is set up; seldom, briefly, and once for each place."""

import hashlib
import time
from collections.abc import Callable
from math import isfinite
from threading import Lock
from typing import Any

import orjson
import structlog
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim, Pelias, Photon
from redis import Redis

from finder.geocoder_answers import LONGEST_S, ShortAnswers
from finder.question import Around
from kernel.cache import Cache, CacheDown
from kernel.errors import TemporarilyUnavailable

log = structlog.get_logger(__name__)

_KINDS: dict[str, Any] = {"nominatim": Nominatim, "photon": Photon, "pelias": Pelias}
_EVERY_MS = 1_000  # what public geocoders allow
_WAITS_S = 1.5
_LEFT_ALONE_S = 5.0
_KNOWN_S, _UNKNOWN_S = 30 * 86_400, 86_400
Point = tuple[float, float]


class GeocoderUnavailable(TemporarilyUnavailable):
    """Where this place is cannot be told at the moment. Search by lat and lon, or try again shortly."""

    code = "geocoder_unavailable"


class Geocoding:
    """Nominatim, Photon or Pelias, by a URL such as `photon+https://geo.example`.

    All processes together ask once a second at most, and a process not at all for five seconds after a failure. What
    was said is kept in the cache for a month; that nothing is known, for a day.
    """

    def __init__(self, url: str, cache: Cache) -> None:
        kind, _, address = url.partition("+")
        scheme, _, domain = address.partition("://")
        self._geocoder = _KINDS[kind](
            domain=domain, scheme=scheme, user_agent="portside", timeout=LONGEST_S, adapter_factory=ShortAnswers
        )
        self._cache = cache
        self._closed_until = 0.0
        self._asking = Lock()

    def point_of(self, around: Around) -> Point | None:
        """Latitude and longitude; None where it does not know. Raises GeocoderUnavailable."""
        name = f"geocoder:{hashlib.sha256(orjson.dumps(around.words)).hexdigest()}"
        kept = self._attempt(lambda client: client.get(name))
        if kept is not None:
            said = orjson.loads(kept)
            return said and (said[0], said[1])
        point = self._asked(in_one_line(around))
        keep_s = _UNKNOWN_S if point is None else _KNOWN_S
        self._attempt(lambda client: client.set(name, orjson.dumps(point), ex=keep_s))
        return point

    def _asked(self, text: str) -> Point | None:
        if time.monotonic() < self._closed_until or not self._asking.acquire(timeout=_WAITS_S):
            raise GeocoderUnavailable(retry_after_s=int(_LEFT_ALONE_S))
        try:
            self._wait_for_turn()
            return _point(self._geocoder.geocode(text, exactly_one=True))
        except (
            GeopyError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:  # geopy trusts in the shape of answers
            self._closed_until = time.monotonic() + _LEFT_ALONE_S
            log.warning("the geocoder did not tell", reason=f"{type(error).__name__}: {error}"[:200])
            raise GeocoderUnavailable(retry_after_s=int(_LEFT_ALONE_S)) from error
        finally:
            self._asking.release()

    def _wait_for_turn(self) -> None:
        """Raises GeocoderUnavailable where others wait too. Without the cache each process takes turns with itself."""
        gives_up_at = time.monotonic() + _WAITS_S
        while not self._attempt(lambda client: client.set("geocoder:turn", 1, nx=True, px=_EVERY_MS), otherwise=True):
            if time.monotonic() > gives_up_at:
                raise GeocoderUnavailable
            time.sleep(0.05)

    def _attempt(self, work: Callable[["Redis"], Any], otherwise: Any = None) -> Any:
        try:
            return self._cache.attempt(work)
        except CacheDown:
            return otherwise


def in_one_line(around: Around) -> str:
    """The place as a person would write it; what an address holds already is not said twice."""
    street = (around.address or "").casefold()
    others = (around.city, " ".join(filter(None, (around.state, around.postal_code))), around.country)
    return ", ".join(
        part for part in (around.address, *others) if part and (part == around.address or part.casefold() not in street)
    )


def _point(found: Any) -> Point | None:
    if found is None:
        return None
    lat, lon = float(found.latitude), float(found.longitude)
    if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError("not a place on earth")
    return lat, lon
