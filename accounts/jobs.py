"""Background work of accounts."""

from flask import Flask

from accounts.drivers import DriverAccess
from kernel.services import of
from kernel.worker import Job


def account_jobs(app: Flask) -> list[Job]:
    """What the worker does again and again; each is safe to run twice."""
    return [
        Job("forget ended sign-ins", 600, of(app, DriverAccess).forget_old),
    ]
