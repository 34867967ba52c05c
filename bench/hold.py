"""Holds over HTTP on PostgreSQL beside the same statements sent by raw psycopg, at the same concurrency."""

import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from bench.filling import say
from bench.hold_wishes import HOLDS_EACH, body_of, wish
from bench.load import Callers, Measured, request_for
from bench.near import milliseconds, portside_server
from bench.processes import ROOT
from bench.raw_hold import emptied
from faults.ground import fill
from faults.orders import STATION
from faults.sites import Racer, add_drivers
from kernel.database import Database
from reservations.policy_store import keep_words
from tests.databases import PostgresTemplates
from tests.postgres import postgres
from tests.servers import cache

CONNECTIONS = 16
RAW_PROCESSES = 2
ROUNDS = 8
ROUND_S = 2.0
WARM_S = 5.0
DRIVERS = 4_000
RAW_HOLDS = 1_200  # in each process; each round begins again with an empty table


def run() -> None:
    """Fill, record the statements, then ask the product and send the statements in turn; figures to stdout."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
        url, redis_url = stack.enter_context(postgres()).url, stack.enter_context(cache()).url
        templates, drivers = PostgresTemplates(url, "bench"), list[Racer]()
        template = templates.make("filled", lambda database: drivers.extend(_filled(database)))
        stack.callback(templates.close)
        urls = [stack.enter_context(templates.copy(template)) for _ in range(3)]
        first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
        say(f"recording the statements of {RAW_PROCESSES * RAW_HOLDS:,} holds")
        shares = [range(number, RAW_PROCESSES * RAW_HOLDS, RAW_PROCESSES) for number in range(RAW_PROCESSES)]
        raw = [stack.enter_context(_raw(var, urls, redis_url, share, drivers, first)) for share in shares]
        statements, *_ = [json.loads(_line_of(process)) for process in raw]
        server = stack.enter_context(portside_server(var, urls[2], redis_url))
        requests = [_request(number, server.port, drivers, first) for number in range(DRIVERS * HOLDS_EACH)]
        callers = stack.enter_context(Callers(server.port, CONNECTIONS))
        _print(_rounds(raw, callers, cycle(requests), urls[2]), statements)


def _filled(database: Database) -> list[Racer]:
    fill(database)
    with database.writing() as session:
        keep_words(session, STATION, {"holds_per_client": 100_000})
    return add_drivers(database, DRIVERS)


@contextmanager
def _raw(
    var: Path, urls: Sequence[str], redis_url: str, share: range, drivers: Sequence[Racer], first: datetime
) -> Iterator["subprocess.Popen[str]"]:
    wishes = [wish(number, drivers, first) for number in share]
    file = var / f"holds-{share.start}"
    file.write_bytes(pickle.dumps([(driver.token, body_of(wanted)) for driver, wanted in wishes]))
    command = [sys.executable, "-m", "bench.raw_hold", urls[0], urls[1], redis_url, str(file)]
    with (
        (var / f"raw-{share.start}.log").open("wb") as log,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _request(number: int, port: int, drivers: Sequence[Racer], first: datetime) -> bytes:
    driver, wanted = wish(number, drivers, first)
    return request_for("/v1/reservations", port, body=body_of(wanted), Authorization=f"Bearer {driver.token}")


def _rounds(
    raw: Sequence["subprocess.Popen[str]"], callers: Callers, requests: Iterator[bytes], url: str
) -> tuple[list[float], list[Measured]]:
    """The same machine for both: a round of the one, then of the other; the first of each is thrown away.

    Both keep their connections, and begin every round without reservations: to count them takes longer the more there
    are.
    """
    floor, product = list[float](), list[Measured]()
    for number in range(ROUNDS + 1):
        seconds = ROUND_S if number else WARM_S
        floor.append(_raw_per_s(raw, seconds))
        emptied(url)
        product.append(callers.measure(requests, seconds))
        callers.rest()
        say(
            f"{f'round {number}' if number else 'warm-up'}: raw {floor[-1]:,.0f}/s, portside {product[-1].per_s:,.0f}/s"
        )
    return floor[1:], product[1:]


def _raw_per_s(raw: Sequence["subprocess.Popen[str]"], seconds: float) -> float:
    for word in ("empty", str(seconds)):
        for process in raw:
            assert process.stdin is not None
            process.stdin.write(f"{word}\n")
            process.stdin.flush()
        answers = [float(_line_of(process)) for process in raw]
    return sum(answers)


def _line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _print(rounds: tuple[list[float], list[Measured]], statements: list[str]) -> None:
    floor, product = rounds
    seconds = sorted(second for one in product for second in one.seconds)
    for statement in statements:
        print(f"bench: statement: {' '.join(statement.split())[:150]}", file=sys.stderr)
    ratios = [one.per_s / raw for one, raw in zip(product, floor, strict=True)]
    figure = {
        "name": "hold.portside",
        "ratio_to_raw": round(statistics.median(ratios), 3),
        "goal": 0.40,
        "per_s": round(statistics.median(one.per_s for one in product)),
        "raw_per_s": round(statistics.median(floor)),
        "p50_ms": milliseconds(seconds, 0.50),
        "p99_ms": milliseconds(seconds, 0.99),
        "round_trips": len(statements),
        "rounds": ROUNDS,
        "connections": CONNECTIONS,
        "cores": os.cpu_count(),
    }
    print(json.dumps(figure), flush=True)
