"""Commands of the demo network."""

import click
from flask.cli import AppGroup

from demo.loading import DemoNetwork
from kernel.errors import Refusal
from kernel.services import service

demo = AppGroup("demo", help="Load the demo network, or clear it.")


@demo.command("load")
def load() -> None:
    """Load the made-up stations, keys, driver and cards."""
    try:
        merge = service(DemoNetwork).load()
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(f"demo network loaded: {merge.added:,} stations added, {merge.changed:,} changed")


@demo.command("clear")
def clear() -> None:
    """Remove everything of the demo network."""
    click.echo(f"demo network cleared: {service(DemoNetwork).clear():,} stations removed")
