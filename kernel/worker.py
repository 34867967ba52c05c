"""The background worker: one process that does small jobs again and again, each safe to run twice."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done every so many seconds; it returns how much there was to do."""

    name: str
    every_s: float
    work: Callable[[], int]


def run_until_stopped(jobs: Sequence[Job]) -> None:
    """Do the jobs until SIGTERM or SIGINT. A job that fails is logged and done again at its next turn."""
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    due = dict.fromkeys((job.name for job in jobs), 0.0)
    while not stop.is_set():
        for job in jobs:
            if time.monotonic() >= due[job.name] and not stop.is_set():
                due[job.name] = time.monotonic() + job.every_s
                _done(job)
        stop.wait(max(0.05, min(due.values()) - time.monotonic()))


def _done(job: Job) -> None:
    try:
        job.work()
    except Exception:
        log.exception("job failed", job=job.name)
