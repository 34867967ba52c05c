"""Commands of the maintenance mode: for an upgrade nothing is changed, everything can be read."""

from datetime import timedelta

import click

from finder.domain.maintenance import LONGEST, LONGEST_MESSAGE, Maintenance
from finder.maintenance import MaintenanceWindows
from kernel.commands import CommandGroup
from kernel.fields import moment_text
from kernel.services import service

maintenance_mode = CommandGroup("maintenance", help="Pause all changes for an upgrade; reading goes on.")

MESSAGE = "We are upgrading. You can charge as always; reservations that were made hold."
_MOST_MINUTES = int(LONGEST / timedelta(minutes=1))


@maintenance_mode.command("on")
@click.option("--message", default=MESSAGE, show_default=True, help="What drivers read; plain text.")
@click.option("--minutes", type=click.IntRange(1, _MOST_MINUTES), default=15, show_default=True)
def turn_on(*, message: str, minutes: int) -> None:
    """Refuse all changes from now on, with 503 and Retry-After; every process knows within a second.

    It ends by itself after the minutes given, so that nobody forgets it; given again, the longer one counts.
    """
    if not message.strip() or len(message) > LONGEST_MESSAGE or not message.isprintable():
        raise click.BadParameter(f"1 to {LONGEST_MESSAGE} characters of plain text", param_hint="--message")
    begun = service(MaintenanceWindows).begin(timedelta(minutes=minutes), message)
    click.echo(f"on until {_until(begun)}")


@maintenance_mode.command("off")
def turn_off() -> None:
    """Let changes in again."""
    ended = service(MaintenanceWindows).end_installations()
    click.echo("off" if ended else "it was off")


@maintenance_mode.command("status")
def show_status() -> None:
    """Say whether it is on, until when, and what drivers read."""
    on = service(MaintenanceWindows).of_installation()
    if not on:
        click.echo("off")
    for one in on:
        click.echo(f"on until {_until(one)}: {one.message}")


def _until(one: Maintenance) -> str:
    return moment_text(one.window.end.replace(microsecond=0))
