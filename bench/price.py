"""What it costs a search to tell the price of a charge: the same search without, with, and sorted by it."""

import json
import os
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.filling import fill
from bench.load import Measured
from bench.near import asked_paths, milliseconds, portside_server, ratio_of_rounds, requests_of
from bench.rounds import Asked, in_turn
from tests.postgres import postgres
from tests.servers import cache

STATIONS = 20_000
SEED = 20_261_120
CONNECTIONS = 16
ROUNDS = 5
ROUND_S = 2.5
CHARGE = "&duration_min=45&energy_kwh=20"
ASKED = {"without": "", "with": CHARGE, "sorted": f"{CHARGE}&sort=price"}


def run() -> None:
    """One server, three kinds of the same questions in turn; figures to stdout."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
        database_url, redis_url = stack.enter_context(postgres()).url, stack.enter_context(cache()).url
        filled = fill(var=var, database_url=database_url, redis_url=redis_url, stations=STATIONS, seed=SEED)
        portside = stack.enter_context(portside_server(var, database_url, redis_url))
        paths, _ = asked_paths(portside.port, filled)
        port = portside.port
        asked = {
            name: Asked(port, requests_of([path + more for path in paths], port, filled.key))
            for name, more in ASKED.items()
        }
        _print(in_turn(asked, connections=CONNECTIONS, rounds=ROUNDS, seconds=ROUND_S))


def _print(rounds: dict[str, list[Measured]]) -> None:
    """`times_dearer` is how many times as long an answer takes as without prices: the goal is at most 1.5."""
    for name, measured in rounds.items():
        seconds = sorted(second for one in measured for second in one.seconds)
        figures = {
            "name": f"price.{name}",
            "times_dearer": float(f"{1 / ratio_of_rounds(measured, rounds['without']):.3g}"),
            "per_s": round(statistics.median(one.per_s for one in measured)),
            "p50_ms": milliseconds(seconds, 0.50),
            "rounds": len(measured),
            "connections": CONNECTIONS,
            "stations": STATIONS,
            "seed": SEED,
            "cores": os.cpu_count(),
        }
        print(json.dumps(figures), flush=True)
