"""Background work of reservations."""

from flask import Flask

from kernel.services import of
from kernel.worker import Job
from reservations.expiry import Expiry
from reservations.relocation import Relocation


def reservation_jobs(app: Flask) -> list[Job]:
    """What the worker does again and again; each is safe to run twice."""
    return [
        Job("write down what time has ended", 5, of(app, Expiry).sweep),
        Job("relocate from faulty ports", 15, of(app, Relocation).sweep),
        Job("forget old quotes", 600, of(app, Expiry).forget_quotes),
    ]
