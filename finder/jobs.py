"""Background work of the finder."""

from flask import Flask

from finder.changes import StationChanges
from finder.exports_ahead import SnapshotsAhead
from finder.live_status import LiveStatus
from finder.maintenance import MaintenanceWindows
from finder.silence import Silence
from finder.status_history import StatusHistory
from kernel.services import of
from kernel.worker import Job


def finder_jobs(app: Flask) -> list[Job]:
    """What the worker does again and again; each is safe to run twice."""
    return [
        Job("tell the cache again", 5, of(app, LiveStatus).reconcile),
        Job("announce silence", 5, of(app, Silence).announce),
        Job("tell of maintenance", 1, of(app, MaintenanceWindows).tell),
        Job("make snapshots ahead", 10, of(app, SnapshotsAhead).make, apart=True),
        Job("forget old changes of stations", 3600, of(app, StationChanges).forget_old),
        Job("forget old status reports", 3600, of(app, StatusHistory).forget_old),
    ]
