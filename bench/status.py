"""Live statuses of a hundred ports in one answer: against a bare route with the same bytes."""

import json
import os
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from bench.filling import Filled, fill
from bench.load import Measured, one_answer
from bench.near import comparator, kept, milliseconds, portside_server, ratio_of_rounds, requests_of
from bench.processes import Running
from bench.rounds import Asked, in_turn
from tests.postgres import postgres
from tests.servers import cache

STATIONS = 20_000
SEED = 20_261_120
AT_ONCE = 50  # stations in a question
PORTS = 2  # of each of them
QUESTIONS = 400
CONNECTIONS = 16
ROUNDS = 6
ROUND_S = 2.5


def run() -> None:
    """Fill, start both servers, see that every port is told, then ask them in turn; figures to stdout."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
        database_url, redis_url = stack.enter_context(postgres()).url, stack.enter_context(cache()).url
        filled = fill(var=var, database_url=database_url, redis_url=redis_url, stations=STATIONS, seed=SEED)
        portside = stack.enter_context(portside_server(var, database_url, redis_url))
        paths = questions(filled)
        body = _whole_answer(portside.port, paths, filled.key)
        floor = stack.enter_context(comparator(["-m", "bench.floor", "{port}", kept(var, body)], paths[0], var))
        servers = {"floor": floor, "portside": portside}
        asked = {name: Asked(one.port, requests_of(paths, one.port, filled.key)) for name, one in servers.items()}
        rounds = in_turn(asked, connections=CONNECTIONS, rounds=ROUNDS, seconds=ROUND_S)
        _print(rounds, servers, len(body))


def questions(filled: Filled) -> list[str]:
    """Questions about fifty stations each, all with two ports."""
    chance = Random(SEED)
    fitting = [station.station_id for station in filled.stations if len(station.ports) == PORTS]
    asked = (chance.sample(fitting, AT_ONCE) for _ in range(QUESTIONS))
    return ["/v1/status?" + "&".join(f"station_id={one}" for one in stations) for stations in asked]


def _whole_answer(port: int, paths: Sequence[str], key: str) -> bytes:
    """An answer of median length; in each every port has said something."""
    answers = [one_answer(port, request) for request in requests_of(paths, port, key)]
    for path, body in zip(paths, answers, strict=True):
        told = [port["status"]["as_of"] for station in json.loads(body)["data"] for port in station["ports"]]
        assert len(told) == AT_ONCE * PORTS, path
        assert None not in told, path
    return sorted(answers, key=len)[QUESTIONS // 2]


def _print(rounds: Mapping[str, Sequence[Measured]], servers: Mapping[str, Running], body_bytes: int) -> None:
    """`ratio_to_floor` is the share of the bare route's answers a second: the goal is at least 0.5."""
    for name, measured in rounds.items():
        seconds = sorted(second for one in measured for second in one.seconds)
        figures = {
            "name": f"status.{name}",
            "ratio_to_floor": ratio_of_rounds(measured, rounds["floor"]),
            "per_s": round(statistics.median(one.per_s for one in measured)),
            "p50_ms": milliseconds(seconds, 0.50),
            "p99_ms": milliseconds(seconds, 0.99),
            "ports": AT_ONCE * PORTS,
            "bytes": body_bytes,
            "rounds": len(measured),
            "connections": CONNECTIONS,
            "generator_share": round(statistics.median(one.generator_share for one in measured), 2),
            "workers_rss_mib": [round(rss) for rss in servers[name].workers_rss_mib()],
            "stations": STATIONS,
            "seed": SEED,
            "cores": os.cpu_count(),
        }
        print(json.dumps(figures), flush=True)
