"""C4: confirms aimed at the moment in which the hold runs out: none succeeds after it, and no window is held twice."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import text

from faults.apart import double_holds, lives, unfounded_refusals
from faults.clients import aiming
from faults.fleet import sent_out
from faults.ground import Ground, orders_for
from faults.orders import Entry, quantile
from faults.runs import Asked, Findings, Run, say
from faults.sites import Site, add_drivers

CLIENTS, SHORT_CLIENTS = 24, 12
SECONDS = 20
LEAST = {"confirmed": 500, "lapsed": 300}
LEAST_SHORT = {"confirmed": 10, "lapsed": 10}
MOST_ROUNDS = 6
CLEAN = ("double_holds", "unfounded_refusals", "errors_5xx")
Figures = dict[str, Any]


def aimed(
    ground: Ground,
    dialect: str,
    *,
    clients: int,
    seconds: int,
    lasts_s: float,
    seed: int,
    least: Mapping[str, int],
    fault: str,
) -> Figures:
    """The figures of all clients, in as many rounds as it takes until enough came in time and enough too late."""
    running = ground.site(dialect, fault=fault, BRIEF_HOLD_S=str(lasts_s))
    first, entries = ground.a_day(), list[Entry]()
    for number in range(MOST_ROUNDS):
        drivers = add_drivers(running.database, clients)
        orders = orders_for(running, drivers, seed=seed + 1000 * number, attempts=seconds, first=first)
        entries += [entry for report in sent_out(aiming, orders) for entry in report]
        figures = _figures(entries)
        if all(figures[name] >= count for name, count in least.items()):
            break
    return figures | {"rounds": number + 1, "confirmed_after_expiry_in_database": _late_rows(running)}


def _figures(entries: list[Entry]) -> Figures:
    """Late is what was sent after the expiry by the clock of this machine, which is the database's too."""
    alive = lives(entries)
    confirms = [entry for entry in entries if entry.deed == "confirm"]
    times = [(entry.received - entry.sent) / 1e6 for entry in confirms if entry.received]
    return {
        "held": len(alive),
        "confirmed": sum(entry.is_done for entry in confirms),
        "lapsed": sum(entry.code == "hold_expired" for entry in confirms),
        "confirms_begun_after_expiry": sum(entry.is_done and entry.sent >= (entry.expires or 0) for entry in confirms),
        "double_holds": len(double_holds(alive)),
        "unfounded_refusals": len(unfounded_refusals(entries, alive)),
        "errors_5xx": sum((entry.status or 0) >= 500 for entry in entries),
        "confirm_p50_ms": round(quantile(times, 0.5), 1),
    }


def _late_rows(running: Site) -> int:
    with running.database.reading() as session:
        query = text("SELECT count(*) FROM reservations WHERE confirmed_at >= hold_expires_at")
        return int(session.execute(query).scalar_one())


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    seconds, lasts_s, least = (4, 1.5, LEAST_SHORT) if asked.short else (SECONDS, 0.3, LEAST)
    clients = SHORT_CLIENTS if asked.short else CLIENTS
    for dialect in asked.databases():
        say(f"expiry on {dialect}: {clients} clients, {seconds} s")
        aim = partial(aimed, ground, dialect, clients=clients, lasts_s=lasts_s, seed=asked.seed)
        here = aim(seconds=seconds, least=least, fault="brief")
        found.figures[dialect] = here | {"control": _control(found, dialect, aim, seconds=3 if asked.short else 10)}
        for name, count in least.items():
            found.demand(f"{dialect}: at least {count} {name}", here[name] >= count)
        for name in ("confirms_begun_after_expiry", "confirmed_after_expiry_in_database", *CLEAN):
            found.demand(f"{dialect}: no {name}", here[name] == 0)
    return found


def _control(found: Findings, dialect: str, aim: Callable[..., Figures], *, seconds: int) -> Figures:
    """The same without the deadline, until a client aims well enough; on a busy machine that takes some."""
    broken = aim(seconds=seconds, least={"confirms_begun_after_expiry": 1}, fault="brief,late")
    late, begun = broken["confirmed_after_expiry_in_database"], broken["confirms_begun_after_expiry"]
    found.demand(f"{dialect}: THE CONTROL FAILED, nothing was confirmed late", late > 0 and begun > 0)
    return {"fault": "late", "late_rows": late, "begun_after_expiry": begun}


RUN = Run(
    run,
    "confirms aimed at the moment in which a hold of 0.3 s runs out",
    "500 confirmed, 300 lapsed, 0 confirmed after expiry, 0 double holds; without the deadline: late confirms",
)
