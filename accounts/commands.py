"""Commands of accounts: make and revoke clients, make drivers."""

import re

import click
from flask.cli import AppGroup

from accounts.clients import ClientAccess
from accounts.domain.caller import Card
from accounts.domain.plans import Plan
from accounts.drivers import DriverAccess
from kernel.errors import Refusal
from kernel.services import service

clients = AppGroup("clients", help="Make and revoke API clients.")
drivers = AppGroup("drivers", help="Make drivers.")


@clients.command("create")
@click.argument("name")
@click.option("--plan", type=click.Choice([plan.value for plan in Plan]), default=Plan.TELEMATICS.value)
@click.option("--operator", is_flag=True, help="May report statuses and keep stations.")
@click.option("--publishable", is_flag=True, help="For pages: read-only and bound to origins.")
@click.option("--origin", "origins", multiple=True, help="An origin that a publishable key may be used from.")
@click.option("--requests-per-min", type=click.IntRange(1, 1_000_000), default=1200, show_default=True)
def create_client(
    name: str, *, plan: str, operator: bool, publishable: bool, origins: tuple[str, ...], requests_per_min: int
) -> None:
    """Make a client called NAME and show its key. The key is shown this once."""
    _check_kind(publishable=publishable, operator=operator, origins=origins)
    key = service(ClientAccess).create(
        name,
        plan=Plan(plan),
        operator=operator,
        publishable=publishable,
        allowed_origins=origins,
        requests_per_min=requests_per_min,
    )
    click.echo(f"X-API-Key: {key}")


def _check_kind(*, publishable: bool, operator: bool, origins: tuple[str, ...]) -> None:
    if publishable and operator:
        raise click.UsageError("A publishable key is for reading only: leave --operator or --publishable out.")
    if publishable != bool(origins):
        raise click.UsageError("--publishable and --origin go together: the key is bound to the pages that may use it.")
    for origin in origins:
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin):
            raise click.UsageError(f"{origin!a} is not an origin; give scheme://host or scheme://host:port.")


@clients.command("revoke")
@click.argument("key_id")
def revoke_client(key_id: str) -> None:
    """Revoke the client with this KEY_ID, the part of its key before the point."""
    if not service(ClientAccess).revoke(key_id.partition(".")[0]):
        raise click.ClickException(f"There is no live client with the key id {key_id}.")
    click.echo("revoked")


@drivers.command("create")
@click.argument("username")
@click.option("--card", "cards", multiple=True, metavar="SERIAL[:NICKNAME]", help="A card of the driver's.")
@click.option("--free", is_flag=True, help="Without a payment method: for what costs nothing only.")
@click.password_option()
def create_driver(username: str, password: str, cards: tuple[str, ...], *, free: bool) -> None:
    """Make a driver with cards; the password is asked for."""
    made = [Card(serial, nickname or serial) for serial, _, nickname in (card.partition(":") for card in cards)]
    try:
        service(DriverAccess).create(username, password, cards=tuple(made), pays=not free)
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(f"made driver {username}")
