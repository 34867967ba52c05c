"""R4: 64 clients at the moment the cache is emptied: one of each process asks the database, the others wait for it."""

import os
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from faults.asking import asked_at_once, p99
from faults.ground import Ground
from faults.runs import Asked, Findings, Run, say
from faults.scene import scene
from kernel.cache import Cache

CLIENTS, ROUNDS = 64, 10
SHORT_CLIENTS, SHORT_ROUNDS = 24, 2
SLOWER = 3


def herd(ground: Ground, dialect: str, fault: str, *, clients: int, rounds: int) -> dict[str, Any]:
    """How often a process asked the database after one flush, at most, and how long that took beside a full cache."""
    rebuilds, name = tempfile.mkstemp(prefix="portside-rebuilds-")
    os.close(rebuilds)
    path = Path(name)
    here = scene(ground, dialect, fault=fault, REBUILDS=name)
    question = next(one for one in here.questions if one.name == "bulk status")
    client = Cache(ground.cache.url)
    warm, cold, most, total, without_cache, wrong = list[float](), list[float](), 0, 0, 0, Counter[int]()
    for _ in range(rounds):
        warm.append(p99(asked_at_once(here.site.port, [question] * clients)))
        path.write_text("")
        client.attempt(lambda redis: redis.flushall())
        replies = asked_at_once(here.site.port, [question] * clients)
        cold.append(p99(replies))
        asked = Counter(path.read_text().split())
        most, total = max([most, *asked.values()]), total + asked.total()
        wrong.update(reply.status for reply in replies if reply.told != here.healthy["bulk status"])
        without_cache += sum(bool(reply.degraded) for reply in replies)
    client.close()
    path.unlink()
    return {
        "flushes": rounds,
        "clients": clients,
        "most_of_a_process": most,
        "rebuilds": total,
        "wrong": dict(wrong),
        "answered_without_cache": without_cache,
        "warm_p99_s": median(warm),
        "cold_p99_s": median(cold),
    }


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    clients, rounds = (SHORT_CLIENTS, SHORT_ROUNDS) if asked.short else (CLIENTS, asked.runs or ROUNDS)
    for dialect in asked.databases():
        say(f"herd on {dialect}: {rounds} flushes, {clients} clients")
        seen = herd(ground, dialect, "counted", clients=clients, rounds=rounds)
        control = herd(ground, dialect, "counted,hasty", clients=clients, rounds=rounds)
        found.figures[dialect] = {**seen, "control": control}
        found.demand(f"{dialect}: one rebuild of a process for each flush", seen["most_of_a_process"] <= 1)
        found.demand(f"{dialect}: there were rebuilds", seen["rebuilds"] >= rounds)
        found.demand(f"{dialect}: every answer is right", not seen["wrong"])
        in_time = asked.short or seen["cold_p99_s"] <= SLOWER * seen["warm_p99_s"]
        found.demand(f"{dialect}: p99 at most {SLOWER} times that of a full cache", in_time)
        is_noticed = control["most_of_a_process"] > 1
        found.demand(f"{dialect}: THE CONTROL FAILED, hasty threads rebuilt once", is_noticed)
    return found


RUN = Run(
    run,
    "64 clients at the moment the cache is emptied",
    "at most 1 rebuild of a process for each flush, p99 <= 3 x that of a full cache; without the turn: more",
)
