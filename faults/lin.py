"""C8: histories of ports, recorded over HTTP, each checked for an order in which one port could have done it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from random import Random

from faults.fleet import sent_out
from faults.ground import Ground, orders_for
from faults.lin_clients import BLOCKS, recording
from faults.linear import Op, Undecided, is_linearizable
from faults.runs import Asked, Findings, Run, say
from faults.sites import add_drivers

HISTORIES, CLIENTS, STEPS = 5_000, 8, 5
SHORT_HISTORIES, SHORT_CLIENTS, SHORT_STEPS = 200, 4, 5  # with fewer steps too little contradicts a wrong grant
CONTROL_HISTORIES = 72
SIDE_BY_SIDE = 6
WRONG = 0.05
CAUGHT = 0.8
History = list[Op]


def recorded(
    ground: Ground, dialect: str, *, histories: int, clients: int, steps: int, seed: int, fault: str | None = None
) -> list[History]:
    """So many histories, six at a time; no two of one day share a port and a slot."""
    running = ground.site(dialect, fault=fault)
    drivers = add_drivers(running.database, SIDE_BY_SIDE * clients)
    found: list[History] = []
    for start in range(0, histories, BLOCKS):
        wanted = range(min(BLOCKS, histories - start))
        orders = orders_for(running, drivers, seed=seed + start, attempts=steps, first=ground.a_day())
        shared = [
            replace(order, histories=tuple(wanted[order.number % SIDE_BY_SIDE :: SIDE_BY_SIDE])) for order in orders
        ]
        by_history: dict[int, History] = defaultdict(list)
        for told in sent_out(recording, shared):
            for history, ops in told:
                by_history[history] += ops
        found += by_history.values()
        say(f"lin on {dialect}: {len(found)} of {histories} histories recorded")
    return found


def judged(histories: Sequence[History]) -> dict[str, int]:
    """How many are linearizable, how many are not, and of how many it is not known."""
    count = {"linearizable": 0, "not_linearizable": 0, "undecided": 0}
    for history in histories:
        try:
            count["linearizable" if is_linearizable(history) else "not_linearizable"] += 1
        except Undecided:
            count["undecided"] += 1
    return count


def with_wrong_grants(history: History, chance: Random) -> History | None:
    """The history with one refusal in twenty, and at least one, answered as a grant; None where nothing was refused."""
    refused = [number for number, op in enumerate(history) if op.kind == "hold" and op.ok is False]
    if not refused:
        return None
    holds = sum(op.kind == "hold" for op in history)
    wrong = set(chance.sample(refused, min(len(refused), max(1, round(WRONG * holds)))))
    return [replace(op, ok=True) if number in wrong else op for number, op in enumerate(history)]


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    count = asked.attempts or (SHORT_HISTORIES if asked.short else HISTORIES)
    clients, steps = (SHORT_CLIENTS, SHORT_STEPS) if asked.short else (CLIENTS, STEPS)
    for dialect in asked.databases("postgresql"):
        record = partial(recorded, ground, dialect, clients=clients, steps=steps, seed=asked.seed)
        here = record(histories=count)
        verdict = judged(here)
        chance = Random(asked.seed)
        planted = [wrong for history in here if (wrong := with_wrong_grants(history, chance))]
        caught = judged(planted)
        lying = judged(record(histories=CONTROL_HISTORIES, fault=asked.broken("lying")))
        ops = sum(map(len, here))
        maybe = sum(op.ok is None for history in here for op in history)
        found.figures[dialect] = {"histories": len(here), "operations": ops, "maybe": maybe, **verdict}
        found.figures[dialect] |= {"planted": {"histories": len(planted), **caught}, "control": {"lying": lying}}
        found.demand(f"{dialect}: all linearizable", verdict["linearizable"] == count)
        undecided = verdict["undecided"] + caught["undecided"] + lying["undecided"]
        found.demand(f"{dialect}: none undecided", undecided == 0)
        enough = caught["not_linearizable"] >= max(1, CAUGHT * len(planted))
        found.demand(f"{dialect}: THE CHECKER FAILED, it catches less than {CAUGHT:.0%}", enough)
        found.demand(f"{dialect}: THE CONTROL FAILED, a lying product is linearizable", lying["not_linearizable"] > 0)
    return found


RUN = Run(
    run,
    "histories of holds and releases checked for linearizability, port by port (--attempts 5000)",
    "all linearizable, 0 undecided; 80 % of histories with 5 % wrong grants caught; a lying product is caught",
)
