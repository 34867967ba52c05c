"""The same search of 10,000, 100,000 and 1,000,000 stations: what it costs, and what a worker takes of memory."""

import json
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

from bench.figures import NEAR_1M
from bench.filling import say
from bench.load import BadAnswer, measure, one_answer
from bench.made_up import moved
from bench.many import fill_many
from bench.near import milliseconds, portside_server, requests_of
from tests.servers import cache

SIZES = (10_000, 100_000, 1_000_000)
SEED = 20_261_120
LIMIT = 20
PLACES = 200
ROUNDS = 4
ROUND_S = 3.0
_PATIENCE_S = 600.0


def run() -> None:
    """Each size by itself, one caller at a time, as latency is asked for; figures to stdout and into a file."""
    least: dict[str, float] = {}
    lines: list[str] = []
    for size in SIZES:
        with ExitStack() as stack:
            var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
            database_url, redis_url = f"sqlite:///{var}/portside.db", stack.enter_context(cache()).url
            key = fill_many(var=var, database_url=database_url, stations=size, seed=SEED)
            portside = stack.enter_context(portside_server(var, database_url, redis_url))
            began = time.perf_counter()
            requests = _full_pages(portside.port, key, size)
            loaded_s = time.perf_counter() - began
            rounds = [measure(portside.port, requests, connections=1, seconds=ROUND_S) for _ in range(ROUNDS + 1)][1:]
            seconds = sorted(second for one in rounds for second in one.seconds)
            p50 = statistics.median(seconds)
            least.setdefault("p50", p50)
            figures = {
                "name": "near-1m.portside",
                "stations": size,
                "p50_to_that_of_the_least": round(p50 / least["p50"], 2),
                "p50_ms": milliseconds(seconds, 0.50),
                "p99_ms": milliseconds(seconds, 0.99),
                "worker_rss_mib": [round(each) for each in portside.workers_rss_mib()],
                "first_answers_s": round(loaded_s, 1),
                "limit": LIMIT,
                "places": len(requests),
                "seed": SEED,
                "cores": os.cpu_count(),
            }
            lines.append(json.dumps(figures))
            print(lines[-1], flush=True)
    NEAR_1M.write_text("\n".join([*lines, ""]))  # for `./dev bench figures`


def _full_pages(port: int, key: str, size: int) -> list[bytes]:
    """Questions answered with a whole page, at places up to two kilometres from some station."""
    chance, full = Random(SEED), list[bytes]()
    whole = requests_of([f"/v1/stations?bbox=-180,-90,180,90&limit={LIMIT}"], port, key)[0]
    _patiently(port, whole)
    say(f"looking for {PLACES} places among {size:,} stations")
    while len(full) < PLACES:
        station_id = f"9:{chance.randrange(1, size + 1)}"
        at = json.loads(_patiently(port, requests_of([f"/v1/stations/{station_id}"], port, key)[0]))["location"]
        lat, lon = moved(at["lat"], at["lon"], chance.uniform(0, 360), chance.uniform(0, 2))
        request = requests_of([f"/v1/stations?lat={lat}&lon={lon}&radius=20&limit={LIMIT}"], port, key)[0]
        if len(json.loads(_patiently(port, request))["data"]) == LIMIT:
            full.append(request)
    return full


def _patiently(port: int, request: bytes) -> bytes:
    """The answer, also of a worker that has to load a million stations first."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return one_answer(port, request)
        except (OSError, BadAnswer):
            assert time.monotonic() < until, "no answer"
