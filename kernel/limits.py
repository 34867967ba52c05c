"""Rate limits: so many requests a minute for each key, told in headers, and kept in process when the cache is away."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from limits.storage import MemoryStorage, Storage

from kernel.cache import Cache, CacheDown

_ADDRESS_PER_MIN = 1200
T = TypeVar("T")


def limit_requests(app: Flask, cache: Cache) -> Limiter:
    """Limit every caller: a known key by its own figure over all routes, an unknown caller by its address.

    A publishable key is limited for each address by itself: it is on a page that many read.

    While the cache is away each process counts by itself: the limit loosens by the number of processes, and neither
    stops requests nor lets them all through.
    """
    counters: Any = {"cache": cache}
    limiter = Limiter(
        key_func=_who,
        app=app,
        application_limits=[_allowed],
        storage_uri=f"{_Counters.SCHEME}://",
        storage_options=counters,
        strategy="fixed-window",
        key_prefix="portside-limits",
    )

    @app.after_request
    def tell(response: Response) -> Response:
        limit = limiter.current_limit
        if limit is not None:
            response.headers["RateLimit-Policy"] = f'"key";q={limit.limit.amount};w={limit.limit.get_expiry()}'
            seconds = max(0, int(limit.reset_at - time.time()))
            response.headers["RateLimit"] = f'"key";r={limit.remaining};t={seconds}'
            if response.status_code == 429:
                response.headers.setdefault("Retry-After", str(max(1, seconds)))
        return response

    return limiter


def _who() -> str:
    caller = g.get("caller")
    return f"{g.principal}@{request.remote_addr}" if caller and caller.publishable else str(g.principal)


def _allowed() -> str:
    caller = g.get("caller")
    return f"{caller.requests_per_min if caller else _ADDRESS_PER_MIN} per minute"


class _Counters(Storage):
    """The limiter's counters: in the cache, and in this process while that is away.

    The limiter's own fallback answers 500 to every request but the first that is under way when the cache goes, and
    knows no circuit breaker; it never sees a failure of this storage.
    """

    SCHEME = "portside"
    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the library's way of finding it

    def __init__(self, uri: str, *, cache: Cache, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions)
        self._cache = cache
        self._own = MemoryStorage()

    @property
    def base_exceptions(self) -> type[Exception]:
        return CacheDown

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        def count(client: Any) -> int:
            pipeline = client.pipeline(transaction=True)
            pipeline.set(key, 0, ex=expiry, nx=True)
            pipeline.incrby(key, amount)
            return int(pipeline.execute()[1])

        return self._counted(count, lambda: self._own.incr(key, expiry, amount))

    def get(self, key: str) -> int:
        return self._counted(lambda client: int(client.get(key) or 0), lambda: self._own.get(key))

    def get_expiry(self, key: str) -> float:
        def ends_at(client: Any) -> float:
            left_ms: int = client.pttl(key)
            return time.time() + max(0, left_ms) / 1000

        return self._counted(ends_at, lambda: self._own.get_expiry(key))

    def _counted(self, in_cache: Callable[[Any], T], here: Callable[[], T]) -> T:
        try:
            return self._cache.attempt(in_cache)
        except CacheDown:
            return here()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        raise NotImplementedError("counters run out by themselves")

    def clear(self, key: str) -> None:
        self._counted(lambda client: client.delete(key), lambda: self._own.clear(key))
