"""The live stream: a thousand followers of boxes while statuses change, and what a search notices of them."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.filling import Filled, fill, say
from bench.load import Measured, measure
from bench.made_up import places_among
from bench.near import milliseconds, portside_server, requests_of
from bench.processes import Running, rss_mib_of
from finder.live_status import LiveStatus
from finder.said import Said
from finder.status_cache import StatusCache
from kernel.cache import Cache
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.installation import Installation
from kernel.places import stream_socket
from tests.postgres import postgres
from tests.servers import cache

STATIONS = 10_000
FOLLOWERS = 1_000
CHANGES_PER_S = 200
SEED = 20_261_121
CONNECTIONS = 4
ROUNDS = 3
ROUND_S = 6.0
_BATCH = 20
_HALF_BOX = 0.25  # degrees: what a map shows of a town


def run() -> None:
    """Statuses change all the time; rounds without and with followers take turns; figures to stdout."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
        database_url, redis_url = stack.enter_context(postgres()).url, stack.enter_context(cache()).url
        filled = fill(var=var, database_url=database_url, redis_url=redis_url, stations=STATIONS, seed=SEED)
        server = stack.enter_context(portside_server(var, database_url, redis_url))
        _wait_for(stream_socket(var))
        stack.enter_context(_changing(filled, database_url, redis_url))
        paths = [
            f"/v1/stations?lat={at.lat}&lon={at.lon}&limit=20" for at in places_among(filled.stations, 200, seed=1)
        ]
        requests = requests_of(paths, server.port, filled.key)
        measure(server.port, requests, connections=CONNECTIONS, seconds=ROUND_S)
        _print_rounds(server, filled, requests)


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < until, "no streamer"
        time.sleep(0.1)


def _print_rounds(server: Running, filled: Filled, requests: Sequence[bytes]) -> None:
    alone, beside, heard = list[Measured](), list[Measured](), list[dict[str, Any]]()
    for number in range(ROUNDS):
        say(f"round {number + 1}: without followers")
        alone.append(measure(server.port, requests, connections=CONNECTIONS, seconds=ROUND_S))
        say(f"round {number + 1}: with {FOLLOWERS:,} followers")
        with _following(server.port, filled) as told:
            beside.append(measure(server.port, requests, connections=CONNECTIONS, seconds=ROUND_S))
            streamer_mib = rss_mib_of(server.pid, "streamer")
        heard.append(told)
    ratios = [_p99(with_them) / _p99(without) for without, with_them in zip(alone, beside, strict=True)]
    lags = sorted(lag for told in heard for lag in told["lags_s"])
    figure = {
        "name": "stream.followers",
        "followers": FOLLOWERS,
        "changes_per_s": CHANGES_PER_S,
        "search_p99_ratio": round(statistics.median(ratios), 2),
        "search_p99_alone_ms": round(statistics.median(map(_p99, alone)), 1),
        "search_p99_beside_ms": round(statistics.median(map(_p99, beside)), 1),
        "search_per_s_alone": round(statistics.median(one.per_s for one in alone)),
        "search_per_s_beside": round(statistics.median(one.per_s for one in beside)),
        "delivered_per_s": round(len(lags) / sum(told["seconds"] for told in heard)),
        "lag_p50_ms": milliseconds(lags, 0.5),
        "lag_p99_ms": milliseconds(lags, 0.99),
        "lost": sum(told["lost"] for told in heard),
        "streamer_rss_mib": round(streamer_mib),
        "rounds": ROUNDS,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(figure), flush=True)


def _p99(measured: Measured) -> float:
    return milliseconds(sorted(measured.seconds), 0.99)


@contextmanager
def _changing(filled: Filled, database_url: str, redis_url: str) -> Iterator[None]:
    """Ports become busy and free again, so many a second, taken in as any charger's word is."""
    database, stop = Database(database_url), threading.Event()
    live_status = LiveStatus(database, StatusCache(Cache(redis_url), Installation(database)), SystemClock())
    thread = threading.Thread(target=_change, args=(live_status, filled, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        database.close()


def _change(live_status: LiveStatus, filled: Filled, stop: threading.Event) -> None:
    ports = [(station.station_id, port.port_number) for station in filled.stations for port in station.ports]
    step, words, due = len(ports) // 7 * 3 + 1, cycle(("charging", "available")), time.monotonic()
    for turn in range(10**9):
        if turn % (len(ports) // _BATCH) == 0:
            word = next(words)
        chosen = [ports[(turn * _BATCH + number) * step % len(ports)] for number in range(_BATCH)]
        now = datetime.now(UTC)
        live_status.take(
            [
                Said(station_id=one, port_number=port, technical_status=word, reported_at=now)
                for one, port in dict.fromkeys(chosen)
            ]
        )
        due += _BATCH / CHANGES_PER_S
        if stop.wait(max(0.0, due - time.monotonic())):
            return


@contextmanager
def _following(port: int, filled: Filled) -> Iterator[dict[str, Any]]:
    """Followers in a process of their own for the time of the block; afterwards what they heard is in the dict."""
    boxes = ";".join(
        f"{at.lon - _HALF_BOX:.4f},{at.lat - _HALF_BOX:.4f},{at.lon + _HALF_BOX:.4f},{at.lat + _HALF_BOX:.4f}"
        for at in places_among(filled.stations, FOLLOWERS, seed=SEED)
    )
    command = [sys.executable, "-m", "bench.followers", str(port), filled.key, boxes]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        told: dict[str, Any] = {}
        began = time.monotonic()
        yield told
        told["seconds"] = time.monotonic() - began
        process.stdin.write("stop\n")
        process.stdin.flush()
        told.update(json.loads(process.stdout.readline()))
