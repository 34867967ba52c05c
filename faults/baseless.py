"""X2, X7: the database is lost: reads go on from memory, writes say 503, and all is well soon after it is back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from faults.asking import Tally, asked_for, get, reply_to, until
from faults.ground import Ground
from faults.losses import DATABASE_LOSSES, disk_full, postgres_lost
from faults.runs import Asked, Findings, Run, say
from faults.scene import STRANGER, Scene, scene, strip

AWAY_S, SHORT_S, BACK_S, PATIENCE_S = 6.0, 1.0, 5.0, 60.0
LOSSES = {"postgresql": DATABASE_LOSSES, "sqlite": ("disk full",)}
SHORT = {"postgresql": ("refused",), "sqlite": ("disk full",)}
STILL_READ = ("read-only", "disk full")
CONTROL = {"postgresql": "killed", "sqlite": None}


@contextmanager
def _lost(ground: Ground, here: Scene, name: str) -> Iterator[None]:
    taken = disk_full(here.site.pid) if name == "disk full" else postgres_lost(name, ground.postgres)
    with taken:
        yield


def lost(ground: Ground, here: Scene, name: str, *, number: int, seconds: float) -> dict[str, Any]:
    """What is answered during a loss, to callers that are known and to others, and when all is well again."""
    port, (cold, expected) = here.site.port, strip(number)
    with _lost(ground, here, name):
        first = Tally(here.healthy, asked_for(port, here.questions, seconds))
        writes = here.writes(number + 1)
        later = Tally(here.healthy, asked_for(port, here.questions, seconds))
        never_shown = reply_to(port, cold)
        stranger = reply_to(port, get("stranger", "/v1/stations", STRANGER, lat=10, lon=20))
    back_s = until(here.site, here.is_well, here.questions, PATIENCE_S)
    after = here.writes(number + 1)
    return {
        "first": first.figures(),
        "later": later.figures(),
        "writes": {reply.name: reply.status for reply in writes},
        "to_be_retried": all("Retry-After" in reply.headers for reply in writes if reply.status == 503),
        "never_shown_listed": sorted(never_shown.station_ids or ()) == expected,
        "stranger": stranger.status,
        "back_s": back_s,
        "writes_after": {reply.name: reply.status for reply in after},
    }


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    for dialect in asked.databases():
        here, figures = scene(ground, dialect), dict[str, Any]()
        for number, name in enumerate((SHORT if asked.short else LOSSES)[dialect]):
            say(f"database on {dialect}: {name}")
            seen = lost(ground, here, name, number=number, seconds=SHORT_S if asked.short else AWAY_S)
            figures[name] = seen
            _judge(found, f"{dialect}, {name}", seen, in_time=not asked.short, is_read=name in STILL_READ)
        loss = CONTROL[dialect]
        if loss:
            figures["control"] = _control(found, ground, dialect, loss, asked.broken("dependent"))
        found.figures[dialect] = figures
    return found


def _judge(found: Findings, told: str, seen: dict[str, Any], *, in_time: bool, is_read: bool) -> None:
    for tally in (seen["first"], seen["later"]):
        found.demand(f"{told}: the same stations", tally["other_ids"] == 0)
        found.demand(f"{told}: the same statuses", tally["other_statuses"] == 0)
        found.demand(f"{told}: no errors in reads", tally["errors"] == 0)
    found.demand(f"{told}: each read says so", is_read or seen["later"]["marked"] == seen["later"]["answers"])
    found.demand(f"{told}: stations that were never shown are listed", seen["never_shown_listed"])
    found.demand(f"{told}: of a stranger nothing is said", seen["stranger"] == (401 if is_read else 503))
    found.demand(f"{told}: writes are 503", set(seen["writes"].values()) == {503} and seen["to_be_retried"])
    found.demand(f"{told}: well again in {BACK_S} s", seen["back_s"] <= (BACK_S if in_time else PATIENCE_S))
    found.demand(f"{told}: writes go on afterwards", max(seen["writes_after"].values()) < 300)


def _control(found: Findings, ground: Ground, dialect: str, loss: str, fault: str) -> dict[str, Any]:
    """A product that remembers neither callers nor stations."""
    say(f"database on {dialect}: the control")
    there = scene(ground, dialect, fault=fault)
    with _lost(ground, there, loss):
        seen = Tally(there.healthy, asked_for(there.site.port, there.questions, 0.1)).figures()
    until(there.site, there.is_well, there.questions, PATIENCE_S)
    found.demand(f"{dialect}: THE CONTROL FAILED, without memory all went well", seen["errors"] > 0)
    return {"fault": fault, "loss": loss, "errors": seen["errors"], "answers": seen["answers"]}


RUN = Run(
    run,
    "the database is killed, frozen, refused, made read-only; an SQLite disk is full",
    "reads: same stations and statuses in 100 % of answers, 0 errors, each marked; writes: 503 with Retry-After; "
    "well again in 5 s; without memory: errors",
)
