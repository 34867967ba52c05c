"""C1, C5: a crowd on six ports: no double hold in the whole history, no error, no refusal without a holder."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from faults.apart import Life, double_holds, lives, unfounded_refusals
from faults.crowd import crowding
from faults.fleet import sent_out
from faults.ground import Ground, orders_for
from faults.orders import Entry, quantile
from faults.runs import Asked, Findings, Run, say
from faults.sites import Site, add_drivers

CLIENTS = 32
ATTEMPTS = 5_000
CONFLICTS = 0.4  # of the attempts, or the run is void
SHORT_CLIENTS, SHORT_ATTEMPTS = 12, 180
CONTROL_ATTEMPTS = 1_600
CONTROL = {"sqlite": "unchecked", "postgresql": "unlocked"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a crowd's ledger and the servers' logs show."""

    entries: list[Entry]
    alive: dict[str, Life]
    deadlocks: int
    locked: int
    seconds: float

    @property
    def conflicts(self) -> int:
        return sum(entry.code == "port_taken" for entry in self.entries)

    @property
    def double(self) -> int:
        return len(double_holds(self.alive))

    @property
    def unfounded(self) -> int:
        return len(unfounded_refusals(self.entries, self.alive))

    @property
    def illegal(self) -> int:
        return sum(len(life.illegal) for life in self.alive.values())

    @property
    def errors(self) -> int:
        return sum(entry.status is not None and entry.status >= 500 for entry in self.entries)

    def figures(self) -> dict[str, Any]:
        holds = [entry for entry in self.entries if entry.deed == "hold"]
        times = [(entry.received - entry.sent) / 1e6 for entry in holds if entry.received]
        return {
            "attempts": len(holds),
            "granted": len(self.alive),
            "conflicts": self.conflicts,
            "double_holds": self.double,
            "unfounded_refusals": self.unfounded,
            "illegal_moves": self.illegal,
            "errors_5xx": self.errors,
            "deadlocks": self.deadlocks,
            "database_is_locked": self.locked,
            "attempts_per_s": round(len(holds) / self.seconds, 1),
            "requests_per_s": round(len(self.entries) / self.seconds, 1),
            "hold_p50_ms": round(quantile(times, 0.5), 1),
            "hold_p99_ms": round(quantile(times, 0.99), 1),
        }


def crowd(
    ground: Ground, dialect: str, *, attempts: int, seed: int, clients: int = CLIENTS, fault: str | None = None
) -> Seen:
    """So many attempts by so many clients on one server, and what is to be seen of them."""
    running = ground.site(dialect, fault=fault)
    before = log_length(ground, dialect)
    drivers = add_drivers(running.database, clients)
    orders = orders_for(running, drivers, seed=seed, attempts=-(-attempts // clients), first=ground.a_day())
    entries = [entry for report in sent_out(crowding, orders) for entry in report]
    return seen(entries, running, log_since(ground, dialect, before))


def seen(entries: list[Entry], running: Site, server_log: str) -> Seen:
    took_ns = max(entry.received or entry.sent for entry in entries) - min(entry.sent for entry in entries)
    locked = running.log.read_text(errors="replace").count("database is locked")
    deadlocks = server_log.count("deadlock detected")
    return Seen(entries, lives(entries), deadlocks, locked, took_ns / 1e9)


def log_length(ground: Ground, dialect: str) -> int:
    return len(ground.postgres.log()) if dialect == "postgresql" else 0


def log_since(ground: Ground, dialect: str, before: int) -> str:
    """What the database server wrote since then; SQLite is no server."""
    return ground.postgres.log()[before:] if dialect == "postgresql" else ""


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    attempts = asked.attempts or (SHORT_ATTEMPTS if asked.short else ATTEMPTS)
    for dialect in asked.databases():
        clients = SHORT_CLIENTS if asked.short else CLIENTS
        say(f"holds on {dialect}: {attempts} attempts by {clients} clients")
        here = crowd(ground, dialect, attempts=attempts, seed=asked.seed, clients=clients)
        fault = asked.broken(CONTROL[dialect])
        broken = crowd(ground, dialect, attempts=_control(asked), seed=asked.seed, fault=fault, clients=clients)
        statuses = Counter(f"{entry.deed} {entry.status}" for entry in here.entries)
        control = {"fault": fault, "double_holds": broken.double}
        found.figures[dialect] = here.figures() | {"answers": dict(sorted(statuses.items())), "control": control}
        _judge(found, dialect, here, attempts, short=asked.short)
        found.demand(f"{dialect}: THE CONTROL FAILED, {fault} sold nothing twice", broken.double > 0)
    return found


def _control(asked: Asked) -> int:
    return SHORT_ATTEMPTS if asked.short else CONTROL_ATTEMPTS


def _judge(found: Findings, dialect: str, here: Seen, attempts: int, *, short: bool) -> None:
    found.demand(f"{dialect}: enough conflicts, else void", here.conflicts >= (0.1 if short else CONFLICTS) * attempts)
    found.demand(f"{dialect}: no double hold", here.double == 0)
    found.demand(f"{dialect}: no refusal without a holder", here.unfounded == 0)
    found.demand(f"{dialect}: no move that cannot be", here.illegal == 0)
    found.demand(f"{dialect}: no 5xx", here.errors == 0)
    found.demand(f"{dialect}: no deadlock", here.deadlocks == 0)
    found.demand(f"{dialect}: nobody sees a locked database", here.locked == 0)


RUN = Run(
    run,
    "a crowd holds six ports: 32 clients, 5,000 attempts",
    "40 % conflicts or void; 0 double holds, 5xx, deadlocks, refusals without a holder; lock off: double holds",
)
