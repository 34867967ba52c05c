"""I3: flows of four steps through a network that loses every third message: both sides end up with the same."""

from collections import Counter
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from faults.fleet import sent_out
from faults.flows import Flow, flowing_in_turn
from faults.ground import Ground, orders_for
from faults.orders import PORTS, SLOTS
from faults.proxy import LOST_ANSWERS, LOST_REQUESTS, bad_network
from faults.runs import Asked, Findings, Run, say
from faults.sites import Racer, Site, add_drivers

FLOWS = 1_000
SHORT_FLOWS = 64
CLIENTS = 32


def flows(ground: Ground, dialect: str, *, count: int, seed: int, keys: bool) -> tuple[Site, list[Racer], list[Flow]]:
    """So many flows by 32 clients, each flow with a driver of its own; without keys a retry is a new request."""
    running = ground.site(dialect)
    drivers = add_drivers(running.database, count)
    with bad_network(running.port, seed) as port:
        made = orders_for(running, drivers, seed=seed, attempts=0, first=ground.a_day(), has_keys=keys)
        orders = [replace(one, port=port, attempts=one.number % CLIENTS % (SLOTS * PORTS)) for one in made]
        shares = [tuple(orders[client::CLIENTS]) for client in range(min(CLIENTS, count))]
        told = [flow for report in sent_out(flowing_in_turn, shares) for flow in report]
    return running, drivers, sorted(told, key=lambda flow: flow.number)


def compared(running: Site, drivers: list[Racer], told: list[Flow]) -> dict[str, Any]:
    """What the clients know beside what the tables say, driver by driver."""
    with running.database.reading() as session:
        rows = session.execute(text("SELECT driver_id, handle, state FROM reservations")).all()
        quoted = Counter(session.execute(text("SELECT driver_id FROM quotes")).scalars())
    there: dict[int, list[tuple[str, str]]] = {driver.driver_id: [] for driver in drivers}
    for row in rows:
        if row.driver_id in there:
            there[row.driver_id].append((row.handle, row.state))
    pairs = [(flow, there[driver.driver_id]) for flow, driver in zip(told, drivers, strict=True)]
    equal = sum(kept == [(flow.handle, flow.outcome)] for flow, kept in pairs)
    nothing = sum(not kept and flow.outcome in ("nothing", "QUOTED") and flow.asked_afterwards for flow, kept in pairs)
    more = [len(kept) - 1 for _, kept in pairs if len(kept) > 1]
    more += [quoted[driver.driver_id] - 1 for driver in drivers if quoted[driver.driver_id] > 1]
    return {
        "flows": len(told),
        "equal_on_both_sides": equal + nothing,
        "duplicates": sum(more),
        "outcomes": dict(Counter(flow.outcome for flow in told)),
        "asked_afterwards": sum(flow.asked_afterwards for flow in told),
        "most_tries": max((tries for flow in told for tries in flow.tries), default=0),
    }


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    count = asked.attempts or (SHORT_FLOWS if asked.short else FLOWS)
    for dialect in asked.databases():
        say(
            f"flaky on {dialect}: {count} flows; {LOST_REQUESTS:.0%} of requests and {LOST_ANSWERS:.0%} of answers lost"
        )
        here = compared(*flows(ground, dialect, count=count, seed=asked.seed, keys=True))
        few = min(count, SHORT_FLOWS)
        keyless = compared(*flows(ground, dialect, count=few, seed=asked.seed, keys=False))
        control = {
            "fault": "no keys",
            **{name: keyless[name] for name in ("flows", "equal_on_both_sides", "duplicates")},
        }
        found.figures[dialect] = here | {"control": control}
        found.demand(f"{dialect}: every outcome is the same on both sides", here["equal_on_both_sides"] == count)
        found.demand(f"{dialect}: no duplicates", here["duplicates"] == 0)
        is_noticed = keyless["duplicates"] > 0 and keyless["equal_on_both_sides"] < few
        found.demand(f"{dialect}: THE CONTROL FAILED, without keys all went well", is_noticed)
    return found


RUN = Run(
    run,
    "1,000 flows of four steps through a network that loses every third message",
    "1,000 outcomes, equal on both sides, 0 duplicates; without keys: duplicates and outcomes that differ",
)
