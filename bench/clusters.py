"""Clusters of the whole world, a million stations: against a bare route that returns the same bytes."""

import json
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.filling import say
from bench.load import BadAnswer, Measured, measure, one_answer
from bench.many import fill_many
from bench.near import comparator, kept, milliseconds, portside_server, ratio_of_rounds, requests_of
from bench.processes import Running
from tests.servers import cache

STATIONS = 1_000_000
SEED = 20_261_120
CONNECTIONS = 16
ROUNDS = 4
ROUND_S = 5.0  # longer than an answer is held, so that counting anew is in it
WORLD = "/v1/map/clusters?bbox=-180,-85,180,85&zoom=2"
LONG_AGO = {
    "PORTSIDE_STALE_AFTER_S": "86400",
    "PORTSIDE_UNREACHABLE_AFTER_S": "172800",
}  # no port falls silent meanwhile
_PATIENCE_S = 600.0


def run() -> None:
    """Fill, start both servers, then ask them in turn; figures to stdout."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
        database_url, redis_url = f"sqlite:///{var}/portside.db", stack.enter_context(cache()).url
        key = fill_many(var=var, database_url=database_url, stations=STATIONS, seed=SEED)
        portside = stack.enter_context(portside_server(var, database_url, redis_url, **LONG_AGO))
        requests = requests_of([WORLD], portside.port, key)
        began = time.perf_counter()
        body = _first_answer(portside.port, requests[0])
        loaded_s = time.perf_counter() - began
        assert json.loads(body)["count"] == STATIONS
        floor = stack.enter_context(comparator(["-m", "bench.floor", "{port}", kept(var, body)], "/v1/stations", var))
        servers = {"floor": (floor, requests_of(["/v1/stations"], floor.port, key)), "portside": (portside, requests)}
        _print(_rounds(servers), portside, len(body), loaded_s)


def _first_answer(port: int, request: bytes) -> bytes:
    """Asked until every worker has loaded its index and its board."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            for _ in range(CONNECTIONS):
                body = one_answer(port, request)
        except (OSError, BadAnswer):
            assert time.monotonic() < until, "no answer"
            continue
        return body


def _rounds(servers: dict[str, tuple[Running, list[bytes]]]) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {name: [] for name in servers}
    for number in range(ROUNDS + 1):
        for name, (server, requests) in servers.items():
            measured = measure(server.port, requests, connections=CONNECTIONS, seconds=ROUND_S)
            say(f"{f'round {number}' if number else 'warm-up'}: {name} {measured.per_s:,.0f}/s")
            if number:
                found[name].append(measured)
    return found


def _print(rounds: dict[str, list[Measured]], portside: Running, body_bytes: int, loaded_s: float) -> None:
    """`of_floor` is the share of the bare route's answers a second: the goal is at least 0.2."""
    memory = portside.workers_rss_mib()
    for name, measured in rounds.items():
        seconds = sorted(second for one in measured for second in one.seconds)
        figures = {
            "name": f"clusters.{name}",
            "of_floor": float(f"{ratio_of_rounds(measured, rounds['floor']):.3g}"),
            "per_s": round(statistics.median(one.per_s for one in measured)),
            "p50_ms": milliseconds(seconds, 0.50),
            "p99_ms": milliseconds(seconds, 0.99),
            "slowest_ms": milliseconds(seconds, 1.0),
            "body_bytes": body_bytes,
            "loaded_s": round(loaded_s, 1),
            "worker_rss_mib": [round(each) for each in memory],
            "rounds": len(measured),
            "connections": CONNECTIONS,
            "stations": STATIONS,
            "seed": SEED,
            "cores": os.cpu_count(),
        }
        print(json.dumps(figures), flush=True)
