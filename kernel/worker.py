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
    """Something to be done every so many seconds; it returns how much there was to do.

    One that may take long is done `apart`, in a thread of its own, while the others go on.
    """

    name: str
    every_s: float
    work: Callable[[], int]
    apart: bool = False


def run_until_stopped(jobs: Sequence[Job]) -> None:
    """Do the jobs until SIGTERM or SIGINT. A job that fails is logged and done again at its next turn.

    A job that is apart is not waited for: it ends with the process, and must bear that.
    """
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    due = dict.fromkeys((job.name for job in jobs), 0.0)
    apart: dict[str, threading.Thread] = {}
    while not stop.is_set():
        for job in jobs:
            if time.monotonic() >= due[job.name] and not stop.is_set():
                due[job.name] = time.monotonic() + job.every_s
                _begin(job, apart)
        stop.wait(max(0.05, min(due.values()) - time.monotonic()))


def _begin(job: Job, apart: dict[str, threading.Thread]) -> None:
    """Do a job; one that is apart is only begun, unless its last time has not ended yet."""
    if not job.apart:
        _done(job)
    elif job.name not in apart or not apart[job.name].is_alive():
        apart[job.name] = threading.Thread(target=_done, args=(job,), name=job.name, daemon=True)
        apart[job.name].start()


def _done(job: Job) -> None:
    try:
        job.work()
    except Exception:
        log.exception("job failed", job=job.name)
