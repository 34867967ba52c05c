"""C7: a crowd while web workers, sessions, the database and the cache are killed: nothing acknowledged is lost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from faults.apart import double_holds, lives, unfounded_refusals
from faults.books import books_of, unanswered
from faults.crowd import crowding
from faults.fleet import Fleet
from faults.ground import Ground, orders_for
from faults.holds import CLIENTS, log_length, log_since
from faults.kills import BEATS_S, FEW, Kills
from faults.orders import SLOT, Entry, Order
from faults.runs import Asked, Findings, Run, say
from faults.sites import Racer, add_drivers

RUNS = 20
ATTEMPTS = 10_000
SHORT_ATTEMPTS = 320
CONTROL_ATTEMPTS = 640
BACK_S = 5.0
_SHORT_BEAT_S = 4.0  # of a short run and of the control, which are over before the database's turn would come
_NOTHING = ("double_holds", "acknowledged_but_lost", "unasked", "unbalanced", "unfounded_refusals", "errors_500")


@dataclass(frozen=True, slots=True)
class Storm:
    """One run: what the clients took down, who they were, what was killed when, and how long it took."""

    orders: list[Order]
    drivers: list[Racer]
    entries: list[Entry]
    struck: list[tuple[str, int]]
    seconds: float


def storm(
    ground: Ground, dialect: str, *, attempts: int, seed: int, most: Mapping[str, int] | None, fault: str | None
) -> Storm:
    """A crowd on one server, and kills at a beat until the crowd is done."""
    running = ground.site(dialect, fault=fault)
    drivers = add_drivers(running.database, CLIENTS)
    each = -(-attempts // CLIENTS)
    orders = orders_for(running, drivers, seed=seed, attempts=each, first=ground.a_day(), patient=True)
    beats_s = {what: beat if most is None else min(beat, _SHORT_BEAT_S) for what, beat in BEATS_S[dialect].items()}
    kills = Kills(ground, running, beats_s, most, Random(seed))
    fleet = Fleet(crowding, orders)
    kills.go_on_while(fleet.is_under_way)
    entries = [entry for report in fleet.reports() for entry in report]
    took_ns = max(entry.received or entry.sent for entry in entries) - min(entry.sent for entry in entries)
    return Storm(orders, drivers, entries, kills.struck, took_ns / 1e9)


def figures_of(ground: Ground, dialect: str, here: Storm, fault: str | None) -> dict[str, Any]:
    """What the ledger and the books say together."""
    alive = lives(here.entries)
    books = books_of(ground.site(dialect, fault=fault).database, [driver.driver_id for driver in here.drivers])
    wanted = Counter(
        (here.drivers[one.client].driver_id, one.port, here.orders[one.client].first + one.slots.start * SLOT)
        for one in unanswered(here.entries)
    )
    statuses = Counter(entry.status for entry in here.entries)
    return {
        "attempts": sum(order.attempts for order in here.orders),
        "acknowledged": len(alive),
        "conflicts": sum(entry.code == "port_taken" for entry in here.entries),
        "torn": statuses[None],
        "unavailable_503": statuses[503],
        "double_holds": len(double_holds(alive)),
        "acknowledged_but_lost": len(books.lost(alive)),
        "unasked": len(books.unasked(alive, wanted)),
        "unbalanced": len(books.unbalanced()),
        "unfounded_refusals": len(unfounded_refusals(here.entries, alive)),
        "errors_500": sum(count for status, count in statuses.items() if status in (500, 502, 504)),
        "reservations": len(books.kept),
        "kills": dict(Counter(what for what, _ in here.struck)),
        "back_s": _back_s(here),
        "seconds": round(here.seconds, 1),
    }


def _back_s(here: Storm) -> dict[str, float]:
    """For each kind of kill the longest time until something asked after it was answered well."""
    well = [(one.sent, one.received) for one in here.entries if one.received and (one.status or 500) < 500]
    longest: dict[str, float] = {}
    for what, at in here.struck:
        back = min((received for sent, received in well if sent >= at), default=None)
        if back is not None:  # the last kills may come after the last request
            longest[what] = round(max(longest.get(what, 0.0), (back - at) / 1e9), 2)
    return longest


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    attempts = asked.attempts or (SHORT_ATTEMPTS if asked.short else ATTEMPTS)
    runs = asked.runs or (1 if asked.short else RUNS)
    for dialect in asked.databases("postgresql"):
        all_runs = [
            _one(ground, dialect, attempts, asked, number, runs, log_length(ground, dialect)) for number in range(runs)
        ]
        found.figures[dialect] = _summed(all_runs)
        _judge(found, dialect, all_runs)
        few = SHORT_ATTEMPTS if asked.short else CONTROL_ATTEMPTS
        found.figures[dialect]["control"] = _control(found, ground, dialect, few, asked.seed)
    return found


def _one(
    ground: Ground, dialect: str, attempts: int, asked: Asked, number: int, runs: int, before: int
) -> dict[str, Any]:
    here = storm(
        ground, dialect, attempts=attempts, seed=asked.seed + number, most=FEW if asked.short else None, fault=None
    )
    figures = figures_of(ground, dialect, here, None)
    figures["deadlocks"] = log_since(ground, dialect, before).count("deadlock detected")
    say(f"chaos on {dialect}, run {number + 1} of {runs}: {figures}")
    return figures


def _summed(all_runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts added up; of the times to come back the longest."""
    total: dict[str, Any] = {"runs": len(all_runs), "kills": Counter(), "back_s": {}}
    for figures in all_runs:
        for name, value in figures.items():
            if name == "kills":
                total["kills"].update(value)
            elif name == "back_s":
                total["back_s"] = {what: max(s, total["back_s"].get(what, 0.0)) for what, s in value.items()}
            else:
                total[name] = round(total.get(name, 0) + value, 1)
    total["attempts_per_s"] = round(total["attempts"] / total["seconds"], 1)
    return total


def _judge(found: Findings, dialect: str, all_runs: list[dict[str, Any]]) -> None:
    for name in (*_NOTHING, "deadlocks"):
        found.demand(f"{dialect}: no {name}", not any(figures[name] for figures in all_runs))
    found.demand(f"{dialect}: something is granted and something killed", all(one["acknowledged"] for one in all_runs))
    for figures in all_runs:
        for what, seconds in figures["back_s"].items():
            found.demand(f"{dialect}: back {BACK_S:g} s after a kill of {what}", seconds <= BACK_S)


def _control(found: Findings, ground: Ground, dialect: str, attempts: int, seed: int) -> dict[str, Any]:
    """The same with a product that forgets what it answered and looks for nothing before it sells."""
    fault = "forgetful,unchecked"
    figures = figures_of(
        ground, dialect, storm(ground, dialect, attempts=attempts, seed=seed, most=FEW, fault=fault), fault
    )
    signs = ("double_holds", "acknowledged_but_lost", "unbalanced")
    for name in signs:
        found.demand(f"{dialect}: THE CONTROL FAILED, {fault} showed no {name}", figures[name] > 0)
    return {"fault": fault, **{name: figures[name] for name in signs}}


RUN = Run(
    run,
    "a crowd while workers, sessions, PostgreSQL and the cache are killed (--runs 20 --attempts 10000)",
    "0 double holds, 0 acknowledged but lost, reservation = history = events, back within 5 s; broken: all of these",
)
