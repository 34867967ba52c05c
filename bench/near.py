"""Stations near a point, each with live status: against a bare route with the same bytes and a plain stack."""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.filling import Filled, fill, say
from bench.load import Measured, one_answer, request_for
from bench.made_up import places_among
from bench.processes import Running, free_port, running
from bench.rounds import Asked, in_turn
from tests.postgres import postgres
from tests.servers import cache

STATIONS = 100_000
SEED = 20_261_120
LIMIT = 20
PLACES = 400
COMPARED = 25
CONNECTIONS = 16
ROUNDS = 4
ROUND_S = 2.5


def run() -> None:
    """Fill, start the three servers, see that they answer the same, then ask them in turn; figures to stdout."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
        database_url, redis_url = stack.enter_context(postgres()).url, stack.enter_context(cache()).url
        filled = fill(var=var, database_url=database_url, redis_url=redis_url, stations=STATIONS, seed=SEED)
        portside = stack.enter_context(portside_server(var, database_url, redis_url))
        first_answer_s = portside.ready_s + _first_answer_s(portside.port, filled)
        paths, body = asked_paths(portside.port, filled)
        plain_command = ["-m", "bench.plain_stack", "{port}", database_url, redis_url]
        servers = {
            "floor": stack.enter_context(comparator(["-m", "bench.floor", "{port}", kept(var, body)], paths[0], var)),
            "portside": portside,
            "plain_stack": stack.enter_context(comparator(plain_command, paths[0], var)),
        }
        _see_same_answers(servers, paths, filled)
        _print_taken_in(filled, first_answer_s)
        asked = {name: Asked(one.port, requests_of(paths, one.port, filled.key)) for name, one in servers.items()}
        rounds = in_turn(asked, connections=CONNECTIONS, rounds=ROUNDS, seconds=ROUND_S)
        _print_rounds(rounds, servers, len(body))


@contextmanager
def portside_server(var: Path, database_url: str, redis_url: str, **more: str) -> Iterator[Running]:
    """The product, as `./dev serve` runs it."""
    say("starting the product")
    port = free_port()
    settings = {
        "PORTSIDE_VAR": str(var),
        "PORTSIDE_PORT": str(port),
        "PORTSIDE_DATABASE_URL": database_url,
        "PORTSIDE_REDIS_URL": redis_url,
        "PORTSIDE_DEMO": "off",
        **more,
    }
    with running(["app.py", "serve"], port=port, var=var, ready_path="/readyz", **settings) as server:
        yield server


@contextmanager
def comparator(command: Sequence[str], ready_path: str, var: Path) -> Iterator[Running]:
    """Another server that is asked in turn with the product."""
    port = free_port()
    given = [part.replace("{port}", str(port)) for part in command]
    with running(given, port=port, var=var, ready_path=ready_path) as server:
        yield server


def _first_answer_s(port: int, filled: Filled) -> float:
    """The first search of the first worker, which loads the index."""
    began = time.perf_counter()
    one_answer(port, requests_of(["/v1/stations?lat=0&lon=0"], port, filled.key)[0])
    return time.perf_counter() - began


def requests_of(paths: Sequence[str], port: int, key: str) -> list[bytes]:
    """The requests for these paths, ready to be sent."""
    return [request_for(path, port, X_API_Key=key) for path in paths]


def asked_paths(port: int, filled: Filled) -> tuple[list[str], bytes]:
    """Questions that are answered with a whole page, and an answer of median length."""
    answers: dict[str, bytes] = {}
    for place in places_among(filled.stations, 2 * PLACES, seed=SEED):
        path = f"/v1/stations?lat={place.lat}&lon={place.lon}&limit={LIMIT}"
        body = one_answer(port, requests_of([path], port, filled.key)[0])
        if len(json.loads(body)["data"]) == LIMIT:
            answers[path] = body
        if len(answers) == PLACES:
            break
    assert len(answers) == PLACES, "too few places with a whole page of stations"
    return list(answers), sorted(answers.values(), key=len)[PLACES // 2]


def kept(var: Path, body: bytes) -> str:
    """A file with an answer, for the floor to return."""
    file = var / "answer.json"
    file.write_bytes(body)
    return str(file)


def _see_same_answers(servers: Mapping[str, Running], paths: Sequence[str], filled: Filled) -> None:
    """A comparison counts only where both answer the same stations, and every port with its status."""
    say("comparing answers")
    for path in paths[:COMPARED]:
        ours, plain = (
            json.loads(one_answer(port, requests_of([path], port, filled.key)[0]))["data"]
            for port in (servers["portside"].port, servers["plain_stack"].port)
        )
        assert _alike(ours, plain), f"portside and the plain stack differ at {path}"


def _alike(ours: Sequence[Mapping[str, Any]], plain: Sequence[Mapping[str, Any]]) -> bool:
    """The same stations and ports that said the same, as far away but for the last digit that is told."""
    away = zip((one["distance_m"] for one in ours), (one["distance_m"] for one in plain), strict=False)
    return _gist(ours) == _gist(plain) and all(abs(one - other) < 0.15 for one, other in away)


def _gist(stations: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Which stations, which ports, and what these said of themselves."""
    return [
        (
            station["station_id"],
            [(port["port_number"], port["status"]["technical_status"]) for port in station["ports"]],
        )
        for station in stations
    ]


def _print_rounds(rounds: Mapping[str, Sequence[Measured]], servers: Mapping[str, Running], body_bytes: int) -> None:
    """Ratios are medians of each round's own ratio: what disturbs a round disturbs its three servers alike."""
    for name, measured in rounds.items():
        seconds = sorted(second for one in measured for second in one.seconds)
        _print_figure(
            f"near.{name}",
            ratio_to_floor=ratio_of_rounds(measured, rounds["floor"]),
            ratio_to_plain_stack=ratio_of_rounds(measured, rounds["plain_stack"]),
            per_s=round(statistics.median(one.per_s for one in measured)),
            p50_ms=milliseconds(seconds, 0.50),
            p99_ms=milliseconds(seconds, 0.99),
            rounds=len(measured),
            connections=CONNECTIONS,
            bytes=body_bytes,
            generator_share=round(statistics.median(one.generator_share for one in measured), 2),
            workers_rss_mib=[round(rss) for rss in servers[name].workers_rss_mib()],
        )


def _print_taken_in(filled: Filled, first_answer_s: float) -> None:
    _print_figure("near.stations_merged", per_s=round(filled.stations_per_s))
    _print_figure("near.reports_taken", per_s=round(filled.reports_per_s), batch=500)
    _print_figure(
        "near.start_to_first_answer",
        ratio_to_plain_select=round(first_answer_s / filled.plain_select_s, 2),
        seconds=round(first_answer_s, 2),
        plain_select_s=round(filled.plain_select_s, 2),
    )


def _print_figure(name: str, **values: object) -> None:
    machine = {"stations": STATIONS, "seed": SEED, "cores": os.cpu_count()}
    print(json.dumps({"name": name, **values, **machine}), flush=True)


def ratio_of_rounds(measured: Sequence[Measured], against: Sequence[Measured]) -> float:
    """The median of each round's ratio of answers a second."""
    ratios = (one.per_s / other.per_s for one, other in zip(measured, against, strict=True))
    return float(f"{statistics.median(ratios):.3g}")


def milliseconds(seconds: Sequence[float], share: float) -> float:
    """The value that this share of the sorted values does not exceed."""
    return round(seconds[int(share * (len(seconds) - 1))] * 1000, 1)
