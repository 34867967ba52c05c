"""The whole catalogue as a file: made once, given out again and again; against the same bytes written from a list."""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path

from accounts.clients import ClientAccess
from app import create_app
from bench.filling import REQUESTS_PER_MIN, say
from bench.load import Measured, measure, one_answer, request_for
from bench.made_up import SOURCE, made_up_stations
from bench.near import portside_server, ratio_of_rounds
from bench.processes import Running, free_port, running
from finder.catalogue import StationCatalogue
from kernel import schema
from kernel.database import Database
from kernel.settings import read_settings
from tests.postgres import postgres
from tests.servers import cache

STATIONS = 100_000
SEED = 20_261_120
ROUNDS = 5
ROUND_S = 3.0
_WAIT_S = 600
FORMS = ("csv", "geojson")


def run() -> None:
    """Fill, start the product and a floor for each form, see that the bytes are the same, ask them in turn."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-bench-")))
        database_url, redis_url = stack.enter_context(postgres()).url, stack.enter_context(cache()).url
        key = _filled(var, database_url, redis_url)
        portside = stack.enter_context(portside_server(var, database_url, redis_url))
        for form in FORMS:
            path = f"/v1/snapshots/stations.{form}"
            before = portside.workers_rss_mib()
            body, made_s = _made(portside, path, key)
            grown = max(after - was for was, after in zip(before, portside.workers_rss_mib(), strict=True))
            file = var / f"same.{form}"
            file.write_bytes(body)
            with _floor(file, var) as floor:
                asked = {
                    "floor": (floor, request_for("/list", floor.port)),
                    "kept": (portside, request_for(path, portside.port, X_API_Key=key)),
                }
                assert one_answer(floor.port, asked["floor"][1]) == body
                _print(form, _rounds(asked), len(body), made_s, grown)


def _filled(var: Path, database_url: str, redis_url: str) -> str:
    """Stations alone, and the key of a client that no limit stops."""
    settings = {"PORTSIDE_VAR": str(var), "PORTSIDE_DATABASE_URL": database_url, "PORTSIDE_REDIS_URL": redis_url}
    shelf = create_app(read_settings(settings)).extensions["portside"]
    database: Database = shelf[Database]
    schema.upgrade(database)
    say(f"taking in {STATIONS:,} made-up stations")
    catalogue: StationCatalogue = shelf[StationCatalogue]
    catalogue.merge(made_up_stations(STATIONS, seed=SEED), source=SOURCE, complete=True, force=True)
    key: str = shelf[ClientAccess].create("bench", requests_per_min=REQUESTS_PER_MIN)
    database.close()
    return key


def _made(portside: Running, path: str, key: str) -> tuple[bytes, float]:
    """The first answer, for which the file has to be made, and its seconds."""
    say(f"having {path} made")
    began = time.perf_counter()
    with closing(HTTPConnection("127.0.0.1", portside.port, timeout=_WAIT_S)) as asking:
        asking.request("GET", path, headers={"X-API-Key": key})
        answer = asking.getresponse()
        body = answer.read()
    assert answer.status == 200, body[:400]
    return body, time.perf_counter() - began


def _floor(file: Path, var: Path) -> AbstractContextManager[Running]:
    port = free_port()
    return running(["-m", "bench.list_floor", str(port), str(file)], port=port, var=var, ready_path="/list")


def _rounds(asked: Mapping[str, tuple[Running, bytes]]) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {name: [] for name in asked}
    for number in range(ROUNDS + 1):
        for name, (server, request) in asked.items():
            measured = measure(server.port, [request], connections=1, seconds=ROUND_S)
            say(f"{f'round {number}' if number else 'warm-up'}: {name} {measured.per_s:,.2f}/s")
            if number:
                found[name].append(measured)
    return found


def _print(form: str, rounds: Mapping[str, Sequence[Measured]], length: int, made_s: float, grown_mib: float) -> None:
    mib = length / 2**20
    figures = {
        "name": f"snapshot.{form}",
        "ratio_to_list": ratio_of_rounds(rounds["kept"], rounds["floor"]),
        "mib_per_s": round(mib * statistics.median(one.per_s for one in rounds["kept"])),
        "list_mib_per_s": round(mib * statistics.median(one.per_s for one in rounds["floor"])),
        "made_in_s": round(made_s, 1),
        "made_stations_per_s": round(STATIONS / made_s),
        "making_grew_a_worker_by_mib": round(grown_mib),
        "mib": round(mib, 1),
        "rounds": len(rounds["kept"]),
        "stations": STATIONS,
        "seed": SEED,
        "cores": os.cpu_count(),
    }
    print(json.dumps(figures), flush=True)
