"""R1: the cache is lost in eleven ways under searches and holds: the same stations, statuses from SQL, no errors."""

import time
from typing import Any

from faults.asking import Tally, asked_for, p99, reply_to, until
from faults.ground import Ground
from faults.losses import CACHE_LOSSES, Loss, cache_back, cache_lost
from faults.runs import Asked, Findings, Run, say
from faults.scene import PORTS, STATIONS, Scene, everything, scene
from kernel.cache import Cache

BACK_S, WARM_S, PATIENCE_S = 5.0, 10.0, 60.0
FIRST_ANSWERS_S, SLOWER = 1.0, 3  # or, on a busy machine, so many times what it was when all was well
FIRST_S, SHORT_S = 2.0, 0.3
NOTICED_S = 1.0  # a process remembers statuses for a quarter of a second, and may not notice before
SHORT = ("frozen", "evicting")
CONTROL = "killed"


def lost(ground: Ground, here: Scene, loss: Loss, *, day: int, seconds: float, clients: int) -> dict[str, Any]:
    """What is answered in the first seconds of a loss and after them, what is written, and when all is well again."""
    client = Cache(ground.cache.url)
    cache_lost(loss, ground.cache, client)
    first = Tally(here.healthy, asked_for(here.site.port, here.questions, seconds, clients))
    writes = here.writes(day)
    later = Tally(here.healthy, asked_for(here.site.port, here.questions, seconds, clients))
    cache_back(loss, ground.cache, client)
    back_s = until(here.site, here.is_well, here.questions, PATIENCE_S)
    client.close()
    return {
        "first": first.figures(),
        "later": later.figures(),
        "writes": {reply.name: reply.status for reply in writes},
        "back_s": back_s,
    }


def rewarmed_s(ground: Ground, here: Scene) -> float:
    """Seconds from an empty cache until it knows a thousand ports again, while they are asked for."""
    client = Cache(ground.cache.url)
    client.attempt(lambda redis: redis.flushall())
    began = time.monotonic()
    while client.attempt(_ports_known) < STATIONS * PORTS:
        for question in everything():
            reply_to(here.site.port, question)
        if time.monotonic() > began + PATIENCE_S:
            break
    client.close()
    return round(time.monotonic() - began, 2)


def _ports_known(redis: Any) -> int:
    keys = list(redis.scan_iter(match="*:station:*", count=1000))
    return sum(redis.hlen(key) - redis.hexists(key, "*") for key in keys)


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    seconds, clients = (SHORT_S, 2) if asked.short else (FIRST_S, 4)
    for dialect in asked.databases():
        here = scene(ground, dialect)
        healthy_s = p99(asked_for(here.site.port, here.questions, seconds, clients))
        figures: dict[str, Any] = {"healthy_p99_s": healthy_s}
        for day, name in enumerate(SHORT if asked.short else CACHE_LOSSES, 1):
            say(f"cache on {dialect}: {name}")
            seen = lost(ground, here, CACHE_LOSSES[name], day=day, seconds=seconds, clients=clients)
            figures[name] = seen
            most_s = PATIENCE_S if asked.short else max(FIRST_ANSWERS_S, SLOWER * healthy_s)
            _judge(found, f"{dialect}, {name}", seen, most_s=most_s, in_time=not asked.short)
        figures["rewarmed_s"] = rewarmed_s(ground, here)
        found.demand(f"{dialect}: 1,000 ports known again in {WARM_S} s", figures["rewarmed_s"] <= WARM_S)
        figures["control"] = _control(found, ground, dialect, asked.broken("trusting"))
        found.figures[dialect] = figures
    return found


def _judge(found: Findings, told: str, seen: dict[str, Any], *, most_s: float, in_time: bool) -> None:
    for tally in (seen["first"], seen["later"]):
        found.demand(f"{told}: the same stations", tally["other_ids"] == 0)
        found.demand(f"{told}: the same statuses", tally["other_statuses"] == 0)
        found.demand(f"{told}: no errors", tally["errors"] == 0)
    found.demand(f"{told}: login, report, hold and confirm go on", max(seen["writes"].values()) < 300)
    found.demand(f"{told}: a hold was granted", seen["writes"]["hold"] == 201)
    found.demand(f"{told}: well again in {BACK_S} s", seen["back_s"] <= (BACK_S if in_time else PATIENCE_S))
    found.demand(f"{told}: 99 % answered in {most_s:.1f} s", seen["first"]["p99_s"] <= most_s)


def _control(found: Findings, ground: Ground, dialect: str, fault: str) -> dict[str, Any]:
    """A product without time limits, breaker and fallback."""
    say(f"cache on {dialect}: the control")
    there = scene(ground, dialect, fault=fault)
    client, loss = Cache(ground.cache.url), CACHE_LOSSES[CONTROL]
    cache_lost(loss, ground.cache, client)
    seen = Tally(there.healthy, asked_for(there.site.port, there.questions, NOTICED_S)).figures()
    cache_back(loss, ground.cache, client)
    client.close()
    found.demand(f"{dialect}: THE CONTROL FAILED, without a fallback all went well", seen["errors"] > 0)
    return {"fault": fault, "loss": CONTROL, "errors": seen["errors"], "answers": seen["answers"]}


RUN = Run(
    run,
    "the cache is lost in eleven ways",
    "same stations and statuses in 100 % of answers, 0 errors, p99 <= 1 s or 3 x healthy in the first 2 s, "
    "well again in 5 s, 1,000 ports known again in 10 s; without a fallback: errors",
)
