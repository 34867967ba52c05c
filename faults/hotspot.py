"""C3: all clients go for the same window of one port at once, window after window: each has exactly one winner."""

from collections import Counter
from typing import Any

from faults.clients import going
from faults.fleet import sent_out
from faults.ground import Ground, orders_for
from faults.holds import CONTROL, log_length, log_since
from faults.orders import quantile
from faults.runs import Asked, Findings, Run, say
from faults.sites import add_drivers

CLIENTS, SHORT_CLIENTS = 32, 8
ATTEMPTS = 2_016
CONTROL_ATTEMPTS = 640
ALONE = 18  # fewer than a driver may have ahead
MOST_MS = 1_000
MOST_TIMES_ALONE = 40


def hotspot(
    ground: Ground, dialect: str, *, clients: int, windows: int, seed: int, fault: str | None = None
) -> dict[str, Any]:
    """The figures of so many clients after so many windows."""
    running = ground.site(dialect, fault=fault)
    before = log_length(ground, dialect)
    drivers = add_drivers(running.database, clients)
    orders = orders_for(running, drivers, seed=seed, attempts=windows, first=ground.a_day(2))
    entries = [entry for report in sent_out(going, orders) for entry in report]
    holds = [entry for entry in entries if entry.deed == "hold"]
    times = [(entry.received - entry.sent) / 1e6 for entry in holds if entry.received]
    winners = Counter(entry.slots.start for entry in holds if entry.is_done)
    return {
        "attempts": len(holds),
        "windows": windows,
        "winners": winners.total(),
        "most_winners_of_a_window": max(winners.values(), default=0),
        "errors_5xx": sum((entry.status or 0) >= 500 for entry in entries),
        "deadlocks": log_since(ground, dialect, before).count("deadlock detected"),
        "p50_ms": round(quantile(times, 0.5), 1),
        "p99_ms": round(quantile(times, 0.99), 1),
    }


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    clients = SHORT_CLIENTS if asked.short else CLIENTS
    windows = (asked.attempts or (80 if asked.short else ATTEMPTS)) // clients
    for dialect in asked.databases():
        say(f"hotspot on {dialect}: {clients} clients, {windows} windows")
        alone = hotspot(ground, dialect, clients=1, windows=4 if asked.short else ALONE, seed=asked.seed)["p50_ms"]
        here = hotspot(ground, dialect, clients=clients, windows=windows, seed=asked.seed)
        most = windows if asked.short else CONTROL_ATTEMPTS // clients
        fault = asked.broken(CONTROL[dialect])
        broken = hotspot(ground, dialect, clients=clients, windows=most, seed=asked.seed, fault=fault)
        control = {name: broken[name] for name in ("windows", "winners", "deadlocks", "errors_5xx")}
        found.figures[dialect] = here | {"alone_p50_ms": alone, "control": {"fault": fault, **control}}
        exactly = here["winners"] == windows and here["most_winners_of_a_window"] == 1
        found.demand(f"{dialect}: exactly one winner of each window", exactly)
        found.demand(f"{dialect}: no deadlock, no 5xx", not here["deadlocks"] and not here["errors_5xx"])
        oversold = broken["most_winners_of_a_window"] > 1
        found.demand(f"{dialect}: THE CONTROL FAILED, {fault} sold nothing twice", oversold)
        if not asked.short:
            found.demand(f"{dialect}: p99 at most {MOST_MS} ms", here["p99_ms"] <= MOST_MS)
            found.demand(f"{dialect}: p99 at most 40 x alone", here["p99_ms"] <= MOST_TIMES_ALONE * alone)
    return found


RUN = Run(
    run,
    "32 clients go for one port's windows, one after the other",
    "one winner of each window, 0 deadlocks, 0 5xx, p99 at most 1 s and 40 x alone (not in --short); lock off: more",
)
