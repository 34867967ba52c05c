"""The command line of the live stream."""

import signal

import click
from flask.cli import with_appcontext

from feeds.streamer import Limits, Streamer
from kernel.database import Database
from kernel.places import stream_socket
from kernel.services import service
from kernel.settings import Settings


@click.command("streamer")
@with_appcontext
def streamer() -> None:
    """Hold the open live streams until stopped. `serve` starts one by itself."""
    settings = service(Settings)
    limits = Limits(most=settings.stream_clients, heartbeat_s=settings.stream_heartbeat_s)
    running = Streamer(service(Database), stream_socket(settings.var), limits)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: running.stop())
    running.run()
