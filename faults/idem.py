"""I1: a hundred keys, each sent sixteen times at once, have a hundred effects; a server that dies frees its key."""

import os
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any

from faults.clients import repeating
from faults.fleet import sent_out
from faults.ground import Ground, orders_for
from faults.orders import HOLDS, PORTS, SLOTS, Order
from faults.runs import Asked, Findings, Run, say
from faults.sites import Site, add_drivers
from faults.wire import Heard

KEYS = 100
PARALLEL = 16
SHORT_KEYS = 8
FREED_S = 30
_WAIT_S = 60


def repeated(ground: Ground, dialect: str, *, keys: int, seed: int, fault: str | None = None) -> dict[str, Any]:
    """How many holds came of so many keys, and whether those who asked for the same were told the same.

    The holds name no port, so that nothing but the key stands between a driver and a second one.
    """
    running = ground.site(dialect, fault=fault)
    drivers = add_drivers(running.database, keys)
    orders = orders_for(running, drivers, seed=seed, attempts=PARALLEL, first=ground.a_day())
    heard: list[list[Heard]] = []
    for share in _shares(orders):
        heard += sent_out(repeating, share)
    return {
        "keys": keys,
        "requests": sum(map(len, heard)),
        "effects": running.held_by(*drivers),
        "keys_with_one_answer": sum(len({(one.status, one.body) for one in same}) == 1 for same in heard),
        "replays": sum(one.headers.get("idempotency-replayed") == "true" for same in heard for one in same),
        "not_201": sum(one.status != 201 for same in heard for one in same),
    }


def _shares(orders: Sequence[Order]) -> list[list[Order]]:
    """What is sent together: no more than there is room for in one slot's ports, and few enough to be at once."""
    most = min(SLOTS * PORTS // 2, 25)
    return [list(orders[start : start + most]) for start in range(0, len(orders), most)]


def freed_s(ground: Ground, dialect: str) -> tuple[float, int]:
    """A worker is killed in the middle of a hold: after how long the same key had its effect, and how many effects."""
    with tempfile.TemporaryDirectory(prefix="portside-stuck-") as folder:
        place = Path(folder, "stuck")
        running = ground.site(dialect, fault="stuck", STUCK=str(place))
        (driver,) = add_drivers(running.database, 1)
        (order,) = orders_for(running, [driver], seed=0, attempts=1, first=ground.a_day())
        return _killed(running, order, place), running.held_by(driver)


def _killed(running: Site, order: Order, place: Path) -> float:
    wish = order.wish(1, 0)
    first = Thread(target=_torn, args=(running, order))
    first.start()
    until = time.monotonic() + _WAIT_S
    while not (place.exists() and place.read_text()):
        if time.monotonic() > until:
            raise RuntimeError("the hold never got to the lock")
        time.sleep(0.02)
    began = time.monotonic()
    os.kill(int(place.read_text()), signal.SIGKILL)
    while running.post(HOLDS, wish, token=order.token, key="mine").status != 201:
        if time.monotonic() > began + _WAIT_S:
            break
        time.sleep(0.1)
    first.join()
    return time.monotonic() - began


def _torn(running: Site, order: Order) -> None:
    with suppress(HTTPException, OSError):
        running.post(HOLDS, order.wish(1, 0), token=order.token, key="mine")


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    keys = asked.attempts or (SHORT_KEYS if asked.short else KEYS)
    for dialect in asked.databases():
        say(f"idem on {dialect}: {keys} keys, {PARALLEL} at once")
        here = repeated(ground, dialect, keys=keys, seed=asked.seed)
        few = min(keys, SHORT_KEYS)
        naive = repeated(ground, dialect, keys=few, seed=asked.seed, fault=asked.broken("naive"))
        freed, effects = freed_s(ground, dialect)
        control = {"fault": "select, then insert", "keys": few, "effects": naive["effects"]}
        killed = {"freed_after_kill_s": round(freed, 2), "effects_after_kill": effects}
        found.figures[dialect] = here | killed | {"control": control}
        found.demand(f"{dialect}: one effect of each key", here["effects"] == keys)
        found.demand(f"{dialect}: one answer to each key", here["keys_with_one_answer"] == keys)
        found.demand(f"{dialect}: all but one are replays", here["replays"] == keys * (PARALLEL - 1))
        found.demand(f"{dialect}: free within {FREED_S} s of a kill, one effect", freed <= FREED_S and effects == 1)
        found.demand(f"{dialect}: THE CONTROL FAILED, naive keys had one effect each", naive["effects"] > few)
    return found


RUN = Run(
    run,
    "100 idempotency keys, each sent 16 times at once; a worker killed with a key",
    "one effect of each key, byte-identical replays, a key free 30 s after a kill; select, then insert: more effects",
)
