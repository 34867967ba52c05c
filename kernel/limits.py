"""Rate limits: so many requests a minute for each key, told in headers, and kept in process when the cache is away."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import Flask, Response, g, request

from kernel.cache import Cache, CacheDown
from kernel.errors import Refusal

WINDOW_S = 60
_ADDRESS_PER_MIN = 1200
_LEASES = 50  # a process asks the cache for a fiftieth of what is left, and at the end for one request at a time
_CALLERS_HELD = 20_000


class RateLimited(Refusal):
    """Too many requests with this key or from this address. Try again when the window ends."""

    status = 429
    code = "rate_limited"


@dataclass(slots=True)
class Lease:
    """What this process may still let through for a caller, out of what all processes have taken in this window."""

    per_min: int
    until: float = 0.0
    taken: int = 0
    left: int = 0

    @property
    def remaining(self) -> int:
        """Requests that are left in the window, as far as this process knows."""
        return max(0, self.per_min - self.taken) + self.left

    def resets_in_s(self, now: float) -> int:
        """Seconds to the end of the window."""
        return max(0, math.ceil(self.until - now))


class RequestLimits:
    """Counts requests in windows of a minute that begin with a caller's first one.

    The count is in the cache, taken from in leases: what is leased is counted, so all processes together never let
    more through than the limit, and a busy caller costs a round trip in many requests instead of one in each. While
    the cache is away a process counts by itself: the limit loosens by the number of processes, and neither stops
    requests nor lets them all through.
    """

    def __init__(self, cache: Cache, now: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._now = now
        self._leases: dict[str, Lease] = {}
        self._turn = Lock()

    def take(self, who: str, per_min: int) -> tuple[bool, Lease]:
        """Whether this request may go on, and the caller's window."""
        while True:
            with self._turn:
                lease = self._current(who, per_min)
                if lease.left:
                    lease.left -= 1
                    return True, lease
                if lease.taken >= per_min:
                    return False, lease
            self._extend(who, lease)

    def _current(self, who: str, per_min: int) -> Lease:
        lease = self._leases.get(who)
        if lease is None or lease.until <= self._now() or lease.per_min != per_min:
            if len(self._leases) >= _CALLERS_HELD:
                self._leases.clear()
            lease = self._leases[who] = Lease(per_min, self._now() + WINDOW_S)
        return lease

    def _extend(self, who: str, lease: Lease) -> None:
        """Lease some more of the window, from all processes' count where that can be had."""
        wanted = max(1, (lease.per_min - lease.taken) // _LEASES)
        try:
            taken, left_ms = self._cache.attempt(lambda client: _counted(client, f"portside-limits:{who}", wanted))
        except CacheDown:
            taken, left_ms = lease.taken + wanted, None
        with self._turn:
            lease.left += max(0, wanted - max(0, taken - lease.per_min))
            lease.taken = max(lease.taken, min(taken, lease.per_min))
            if left_ms is not None:
                lease.until = self._now() + max(0, left_ms) / 1000


_COUNT = """
local taken = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return {taken, redis.call('PTTL', KEYS[1])}
"""


def _counted(client: Any, key: str, amount: int) -> tuple[int, int]:
    taken, left_ms = client.eval(_COUNT, 1, key, amount, WINDOW_S)
    return int(taken), int(left_ms)


def limit_requests(app: Flask, cache: Cache) -> None:
    """Limit every caller: a known key by its own figure over all routes, an unknown caller by its address.

    A publishable key is limited for each address by itself: it is on a page that many read.
    """
    limits = RequestLimits(cache)

    @app.before_request
    def take() -> None:
        caller = g.get("caller")
        allowed, g.lease = limits.take(_who(), caller.requests_per_min if caller else _ADDRESS_PER_MIN)
        if not allowed:
            raise RateLimited(headers={"Retry-After": str(max(1, g.lease.resets_in_s(time.time())))})

    @app.after_request
    def tell(response: Response) -> Response:
        lease: Lease | None = g.get("lease")
        if lease is not None:
            response.headers.add("RateLimit-Policy", f'"key";q={lease.per_min};w={WINDOW_S}')
            response.headers.add("RateLimit", f'"key";r={lease.remaining};t={lease.resets_in_s(time.time())}')
        return response


def _who() -> str:
    caller = g.get("caller")
    return f"{g.principal}@{request.remote_addr}" if caller and caller.publishable else str(g.principal)
