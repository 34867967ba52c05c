"""A hundred new snapshots under searches that never stop: none answers wrong; one patched in place does."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from finder import index as index_module
from finder import index_store
from finder import snapshot as snapshot_module
from finder.catalogue import StationCatalogue
from finder.domain.geo import distance_m
from finder.domain.station import Network, Station
from finder.index import StationIndex
from finder.question import Candidate, Circle, Question, candidates
from finder.snapshot import Snapshot
from finder.station_columns import Entry
from kernel.box import Box
from kernel.clock import FixedClock
from kernel.database import Database
from tests.builders import a_port, a_station

SWAPS, FEW_SWAPS = 110, 15
SEARCHERS, AT_ONCE = 3, 2
STEPS = 7  # as many places as a moving station goes round
STILL = [(f"7:{number}", 52 + number % 8 / 40, 5 + number // 8 / 50) for number in range(1, 65)]
MOVING = [f"7:{number}" for number in range(1001, 1009)]


@pytest.fixture(autouse=True)
def sorts_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_module, "_FEW", 20)


def moved(station_id: str, step: int) -> Station:
    """Everything that is told of a moving station follows from its step, so a torn one contradicts itself."""
    lat, lon = place_of(station_id, step)
    ports = tuple(a_port(number, power_kw=10.0 + step % STEPS) for number in range(1, 2 + step % STEPS))
    return a_station(station_id, name=f"Step {step % STEPS}", lat=lat, lon=lon, ports=ports)


def place_of(station_id: str, step: int) -> tuple[float, float]:
    return 52.0 + step % STEPS / 40, 5.0 + int(station_id[2:]) % 8 / 50


@pytest.fixture
def catalogue(database: Database, clock: FixedClock) -> StationCatalogue:
    made = StationCatalogue(database, clock)
    made.add_networks([Network(7, "SEVEN")])
    still = [a_station(station_id, lat=lat, lon=lon) for station_id, lat, lon in STILL]
    put(made, *still, *(moved(station_id, 0) for station_id in MOVING))
    return made


def put(catalogue: StationCatalogue, *stations: Station) -> None:
    catalogue.merge(stations, source="test", complete=False, force=True)


def search_while_it_changes(
    catalogue: StationCatalogue, index: StationIndex, count: int
) -> tuple[list[Snapshot], list[str]]:
    """The snapshots that the writer made, and what was wrong with answers meanwhile."""
    ended = threading.Event()
    with ThreadPoolExecutor(SEARCHERS) as pool:
        searching = [pool.submit(search, index, ended, seed) for seed in range(SEARCHERS)]
        try:
            made = list(islice(swaps(catalogue, index), count))
        finally:
            ended.set()
        return made, [wrong for one in searching for wrong in one.result()]


def swaps(catalogue: StationCatalogue, index: StationIndex) -> Iterator[Snapshot]:
    dice, steps = random.Random(1), dict.fromkeys(MOVING, 0)
    while True:
        before, chosen = index.snapshot().seq, dice.sample(MOVING, AT_ONCE)
        steps |= {station_id: steps[station_id] + 1 for station_id in chosen}
        put(catalogue, *(moved(station_id, steps[station_id]) for station_id in chosen))
        index.look_again()
        while index.snapshot().seq == before:
            time.sleep(0.001)
        yield index.snapshot()


def search(index: StationIndex, ended: threading.Event, seed: int) -> list[str]:
    """What was wrong with the answers to this searcher's questions, asked until the writer has ended."""
    dice, wrong, seen = random.Random(seed), list[str](), dict.fromkeys(MOVING, 0)
    while not ended.is_set():
        snapshot = index.snapshot()
        wrong += wrong_around(snapshot, dice)
        wrong += wrong_inside(snapshot, Box(4.9, 51.9, 5.0 + dice.random() / 5, 52.3))
        wrong += wrong_by_id(snapshot, seen)
        time.sleep(0.01)  # leaves the writer some of the machine
    return wrong


def wrong_around(snapshot: Snapshot, dice: random.Random) -> list[str]:
    """Whatever is not told as the plain walk over all stations has it."""
    centre, radius_m = (52 + dice.random() / 5, 5 + dice.random() / 7), dice.uniform(0, 30_000)
    near = all_of(Question(circle=Circle(*centre, radius_m)), snapshot)
    away = {one[0]: round(distance_m(*centre, *one[1:]), 3) for one in STILL}
    should = sorted((away_m, station_id) for station_id, away_m in away.items() if away_m <= round(radius_m, 3))
    told = sorted((one.away_m or 0.0, one.entry.station_id) for one in near if one.entry.station_id in away)
    torn = [one.entry for one in near if one.away_m != round(distance_m(*centre, one.entry.lat, one.entry.lon), 3)]
    return [*([f"around {centre}"] if told != should else []), *(f"distance of {one}" for one in torn)]


def wrong_inside(snapshot: Snapshot, box: Box) -> list[str]:
    """Every station that is inside is told once: a moving one stays inside, or outside, wherever it goes."""
    inside = [one.entry for one in all_of(Question(box=box), snapshot)]
    places = [*STILL, *((station_id, *place_of(station_id, 0)) for station_id in MOVING)]
    should = sorted(station_id for station_id, lat, lon in places if box.contains(lat, lon))
    told = sorted(one.station_id for one in inside)
    return [*([f"in {box}"] if told != should else []), *torn(snapshot, inside)]


def wrong_by_id(snapshot: Snapshot, seen: dict[str, int]) -> list[str]:
    """A moving station is always there, and never again as it was before what has been seen of it."""
    entries = [snapshot.named(station_id) for station_id in MOVING]
    wrong = [f"{entry}" for entry in entries if entry is None or entry.version < seen[entry.station_id]]
    seen |= {entry.station_id: entry.version for entry in entries if entry is not None}
    return wrong + torn(snapshot, [entry for entry in entries if entry is not None])


def torn(snapshot: Snapshot, entries: Sequence[Entry]) -> list[str]:
    """Moving stations of which one thing is told as it was before and another as it is now."""
    return [f"torn {one}" for one in entries if one.station_id in MOVING and not is_whole(snapshot, one)]


def is_whole(snapshot: Snapshot, entry: Entry) -> bool:
    step = len(entry.port_ids) - 1
    is_there = (entry.lat, entry.lon) == place_of(entry.station_id, step)
    is_named = f"step {step}" in snapshot.columns.names[entry.row]
    return is_there and is_named and {power_kw for power_kw, _ in entry.draws} == {10.0 + step}


def all_of(question: Question, snapshot: Snapshot) -> list[Candidate]:
    found = candidates(question, snapshot)
    return found.first(len(found))


def test_a_hundred_swaps_under_load_give_no_wrong_answer(database, catalogue) -> None:
    swapped, wrong = search_while_it_changes(catalogue, StationIndex(database), SWAPS)

    assert wrong == []
    assert len({one.seq for one in swapped}) == SWAPS
    assert len({id(one.columns) for one in swapped}) >= 3  # sorted anew, more than once


def test_a_snapshot_patched_in_place_gives_wrong_answers(database, catalogue, monkeypatch) -> None:
    monkeypatch.setattr(index_module, "brought_up", patched_in_place)

    _, wrong = search_while_it_changes(catalogue, StationIndex(database), FEW_SWAPS)

    assert wrong, "THE CONTROL FAILED: rows were changed under the searchers and nobody saw it"


def patched_in_place(
    held: Snapshot, seq: int, _changed: Sequence[int], batches: Sequence[index_store.Batch]
) -> Snapshot:
    """What saves a copy: the new rows are written over the old ones, first where the stations are."""
    columns = held.columns
    for stations, ports in batches:
        newer = columns.stations.count
        columns.add(seq, stations, ports)
        older = np.array([held.row_named(station[1]) for station in stations], np.int64)
        for names in (["lat"], columns.stations._arrays.keys() - {"key"}):
            for name in names:
                columns.stations[name][older] = columns.stations[name][newer : newer + len(older)]
            columns.entries.clear()
            time.sleep(0.002)
    return replace(held, seq=seq)
