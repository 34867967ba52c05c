"""Rounds: servers asked in turn, so that all see the same machine, each after a warm-up until its rate is steady."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.filling import say
from bench.load import Measured, measure, one_answer

_STEADY = 0.05
_LONGEST_WARM_UP_S = 20
_PAUSE_S = 0.25  # in which a server sees that the connections of the last round are closed


@dataclass(frozen=True, slots=True)
class Asked:
    """The port of a server, and the requests that it gets again and again."""

    port: int
    requests: Sequence[bytes]


def in_turn(asked: Mapping[str, Asked], *, connections: int, rounds: int, seconds: float) -> dict[str, list[Measured]]:
    """So many rounds that go from one to the next, each warmed up before. Raises BadAnswer."""
    for name, one in asked.items():
        _warm_up(name, one, connections)
    found: dict[str, list[Measured]] = {name: [] for name in asked}
    for number in range(1, rounds + 1):
        for name, one in asked.items():
            found[name].append(_measured(one, connections, seconds))
            say(f"round {number}: {name} {found[name][-1].per_s:,.0f}/s")
    return found


def _warm_up(name: str, asked: Asked, connections: int) -> None:
    """Each request once, as what is shown first is made then; then until two successive seconds give the same."""
    for request in asked.requests:
        one_answer(asked.port, request)
    rates: list[float] = []
    while len(rates) < _LONGEST_WARM_UP_S and not _is_steady(rates):
        rates.append(_measured(asked, connections, 1.0).per_s)
    say(f"warm-up of {len(rates)} s: {name} {rates[-1]:,.0f}/s")


def _is_steady(rates: Sequence[float]) -> bool:
    return len(rates) > 1 and abs(rates[-1] - rates[-2]) < _STEADY * rates[-2]


def _measured(asked: Asked, connections: int, seconds: float) -> Measured:
    measured = measure(asked.port, asked.requests, connections=connections, seconds=seconds)
    time.sleep(_PAUSE_S)
    return measured
