"""C10: one driver asks for a hundred holds at once; never does that driver have more live holds than the limit."""

from collections.abc import Callable, Sequence
from functools import partial

from faults.clients import hoarding
from faults.fleet import sent_out
from faults.ground import Ground, orders_for
from faults.orders import Entry
from faults.runs import Asked, Findings, Run, say
from faults.sites import add_drivers
from reservations.domain.policy import Policy

PARALLEL = 100
ROUNDS = 5
CONTROL_ROUNDS, CONTROL_TRIES = 3, 5
SHORT_PARALLEL, SHORT_ROUNDS = 12, 2
MOST = Policy().holds_per_driver


def most_at_once(entries: Sequence[Entry]) -> int:
    """The most holds that were certainly live at one moment: from the answer received to the release sent."""
    ends = {entry.handle: entry.sent for entry in entries if entry.deed == "release"}
    moves = [
        move
        for entry in entries
        if entry.deed == "hold" and entry.is_done and entry.received is not None
        for move in ((entry.received, 1), (ends[entry.handle], -1))
    ]
    live = most = 0
    for _, change in sorted(moves):
        live += change
        most = max(most, live)
    return most


def hoard(
    ground: Ground, dialect: str, *, parallel: int, rounds: int, seed: int, fault: str | None = None
) -> list[Entry]:
    """What a hundred clients of one driver took down."""
    running = ground.site(dialect, fault=fault)
    (driver,) = add_drivers(running.database, 1)
    orders = orders_for(running, [driver] * parallel, seed=seed, attempts=rounds, first=ground.a_day())
    return [entry for report in sent_out(hoarding, orders) for entry in report]


def _most_uncounted(ask: Callable[[], list[Entry]]) -> int:
    """What the control comes to, which is a race: it may miss once and again what it is there to show."""
    most = 0
    for _ in range(CONTROL_TRIES):
        most = max(most, most_at_once(ask()))
        if most > MOST:
            break
    return most


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    parallel, rounds = (SHORT_PARALLEL, SHORT_ROUNDS) if asked.short else (PARALLEL, asked.runs or ROUNDS)
    for dialect in asked.databases():
        say(f"hoard on {dialect}")
        ask = partial(hoard, ground, dialect, parallel=parallel, seed=asked.seed)
        entries = ask(rounds=rounds)
        control = _most_uncounted(partial(ask, rounds=CONTROL_ROUNDS, fault=asked.broken("uncounted")))
        statuses = {entry.status for entry in entries}
        most, granted = most_at_once(entries), sum(entry.deed == "hold" and entry.is_done for entry in entries)
        figures = {"attempts": parallel * rounds, "granted": granted, "most_at_once": most, "limit": MOST}
        found.figures[dialect] = figures | {"control_most_at_once": control}
        found.demand(f"{dialect}: never more than {MOST} live holds", most <= MOST)
        found.demand(f"{dialect}: some holds are granted", granted >= rounds)
        found.demand(f"{dialect}: only 200, 201 and 429", statuses <= {200, 201, 429})
        found.demand(f"{dialect}: THE CONTROL FAILED, uncounted holds stayed within the limit", control > MOST)
    return found


RUN = Run(run, "a driver asks for a hundred holds at once", f"never more than {MOST} live holds; uncounted: more")
