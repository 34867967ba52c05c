"""Whether the time of a failed login tells which accounts there are: known and unknown ones, asked in turns."""

import random
import tempfile
import time
from statistics import median
from typing import Any

from flask import Flask

from accounts.demo_accounts import DemoAccounts
from accounts.domain.tallies import WINDOW
from accounts.drivers import DriverAccess
from app import create_app
from faults.ground import Ground
from faults.runs import Asked, Findings, Run
from kernel import schema
from kernel.clock import FixedClock, SystemClock
from kernel.database import Database
from kernel.services import of
from kernel.settings import read_settings

PAIRS = 250
MOST_DIFFERENCE = 0.10


def run(seed: int, pairs: int, cache_url: str) -> dict[str, Any]:
    """The figures: medians in ms, their difference as a share of the smaller.

    Every attempt comes from an address of its own and after the last one's window, so that none is throttled; a
    known and an unknown account take turns in an order drawn by the seed.
    """
    with tempfile.TemporaryDirectory(prefix="portside-login-") as var:
        clock = FixedClock(SystemClock().now())
        settings = read_settings({"PORTSIDE_VAR": var, "PORTSIDE_REDIS_URL": cache_url})
        app = create_app(settings, clock=clock)
        _fill(app)
        taken = _taken(app, clock, random.Random(seed), pairs)
        of(app, Database).close()
    known, unknown = (median(taken[name]) for name in ("known", "unknown"))
    return {
        "pairs": pairs,
        "known_ms": round(known * 1000, 3),
        "unknown_ms": round(unknown * 1000, 3),
        "difference": round(abs(known - unknown) / min(known, unknown), 4),
        "most": MOST_DIFFERENCE,
        "alike": len(taken["answers"]) == 1,
    }


def _fill(app: Flask) -> None:
    database = of(app, Database)
    schema.upgrade(database)
    DemoAccounts(database, SystemClock(), of(app, DriverAccess)).load()


def _taken(app: Flask, clock: FixedClock, chance: random.Random, pairs: int) -> dict[str, Any]:
    taken: dict[str, Any] = {"known": [], "unknown": [], "answers": set()}
    client = app.test_client()
    for number in range(pairs + 10):
        for name in chance.sample(("known", "unknown"), 2):
            clock.advance(seconds=WINDOW.total_seconds() + 1)
            said = {"username": "demo" if name == "known" else "nobody", "password": f"guess {number}"}
            began = time.perf_counter()
            answer = client.post(
                "/v1/login",
                json=said,
                headers={"X-API-Key": "demo", "X-Request-ID": "a"},
                environ_overrides={"REMOTE_ADDR": f"203.0.113.{number % 250}"},
            )
            if number >= 10:  # the first warm up
                taken[name].append(time.perf_counter() - began)
            taken["answers"].add((answer.status_code, answer.data))
    return taken


def work(asked: Asked, ground: Ground) -> Findings:
    """The run in the short version of the suite, or whole; there is nothing to break, so it has no control."""
    figures = run(asked.seed, asked.attempts or (20 if asked.short else PAIRS), ground.cache.url)
    found = Findings(figures)
    found.demand("known and unknown accounts get the same answer", figures["alike"])
    if not asked.short:
        found.demand("the medians differ by less than 10 %", figures["difference"] < MOST_DIFFERENCE)
    return found


RUN = Run(
    work=work,
    told="failed logins of known and unknown accounts, timed in turns",
    bar="the medians of 250 pairs differ by less than 10 %",
)
