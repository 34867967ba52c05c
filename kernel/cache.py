"""The cache client: short timeouts and a circuit breaker, so that a sick cache costs milliseconds, never an answer."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

T = TypeVar("T")

TIMEOUT_S = 0.15
COOL_DOWN_S = 1.0


class CacheDown(Exception):
    """The cache did not do it; the caller goes on without."""


class Cache:
    """A Redis-protocol server that may be away.

    The client library's own defaults would hang a request for seconds (retries, 5 s timeouts); here a call takes
    0.15 s at most, and after a failure the cache is left alone for a second before one caller tries again.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._client: Redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            max_connections=64,
        )
        self._closed_until: float | None = None  # None while it is well
        self._turn = Lock()

    def attempt(self, work: Callable[[Any], T]) -> T:
        """What `work` makes of the client. Raises CacheDown where the cache is away, slow or refuses."""
        if self._is_left_alone():
            raise CacheDown("left alone after a failure")
        try:
            answer = work(self._client)
        except (RedisConnectionError, RedisTimeoutError) as error:
            self._closed_until = time.monotonic() + COOL_DOWN_S
            raise CacheDown(str(error)) from error
        except RedisError as error:
            self._closed_until = None  # it refuses, but it answers
            raise CacheDown(str(error)) from error
        self._closed_until = None
        return answer

    def _is_left_alone(self) -> bool:
        """Whether this caller goes on without; of those that come after the cool-down the first one tries."""
        with self._turn:
            now = time.monotonic()
            if self._closed_until is None:
                return False
            if now >= self._closed_until:
                self._closed_until = now + COOL_DOWN_S
                return False
            return True

    def is_up(self) -> bool:
        """Whether the cache answers now."""
        try:
            return bool(self.attempt(lambda client: client.ping()))
        except CacheDown:
            return False

    def close(self) -> None:
        self._client.close()
