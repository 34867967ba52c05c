"""Remembered: what the database said lately, so that known things stay known for a while when it is away."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kernel.errors import TemporarilyUnavailable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

KEPT_S = 900.0
_ASKED_FOR_S = 5.0


@dataclass(slots=True)
class _Answer(Generic[V]):
    """What was said, when, and until when another thread asks again (monotonic seconds)."""

    value: V | None
    at: float
    asked_until: float = 0.0


class Remembered(Generic[K, V]):
    """Answers by key, asked for again once they are `fresh_s` old; 0 asks every time.

    While the database is away the last answer stays good for a quarter of an hour; that there is no such thing (None)
    does not. When an answer is asked for again, one thread does, and others go on with what there is meanwhile.
    """

    def __init__(self, *, fresh_s: float, most: int = 10_000) -> None:
        self._fresh_s = fresh_s
        self._most = most
        self._answers: dict[K, _Answer[V]] = {}

    def of(self, key: K, ask: Callable[[], V | None]) -> V | None:
        """What is known of the key. Raises TemporarilyUnavailable where nobody can say and it is not remembered."""
        held, now = self._answers.get(key), time.monotonic()
        if held is not None and (now - held.at < self._fresh_s or now < held.asked_until):
            return held.value
        if held is not None and held.value is not None and self._fresh_s:
            held.asked_until = now + _ASKED_FOR_S
        try:
            value = ask()
        except TemporarilyUnavailable:
            if held is None or held.value is None or now - held.at > KEPT_S:
                raise
            held.asked_until = 0.0
            return held.value
        self._keep(key, _Answer(value, now))
        return value

    def _keep(self, key: K, answer: _Answer[V]) -> None:
        """Guesses that are asked for each time anyway must not drive out what is known."""
        if answer.value is None and not self._fresh_s:
            self.forget(key)
            return
        if len(self._answers) >= self._most:
            self._answers.clear()
        self._answers[key] = answer

    def forget(self, key: K) -> None:
        """Ask next time, come what may."""
        self._answers.pop(key, None)
