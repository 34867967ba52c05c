"""Commands of API clients: make, list, rotate, disable and enable them."""

import re

import click

from accounts.clients import ClientAccess
from accounts.domain.plans import Plan
from kernel.commands import CommandGroup, show_table
from kernel.services import service

clients = CommandGroup("clients", help="Keep API clients and their keys.")


@clients.command("create")
@click.argument("name")
@click.option("--plan", type=click.Choice([plan.value for plan in Plan]), default=Plan.TELEMATICS.value)
@click.option("--organization", help="Whose stations it sees that others do not, by id, e.g. 1:12.")
@click.option("--operator", is_flag=True, help="May report statuses and keep stations.")
@click.option("--publishable", is_flag=True, help="For pages: read-only and bound to origins.")
@click.option("--origin", "origins", multiple=True, help="An origin that a publishable key may be used from.")
@click.option("--requests-per-min", type=click.IntRange(1, 1_000_000), default=1200, show_default=True)
def create_client(
    name: str,
    *,
    plan: str,
    organization: str | None,
    operator: bool,
    publishable: bool,
    origins: tuple[str, ...],
    requests_per_min: int,
) -> None:
    """Make a client called NAME and show its key. The key is shown this once."""
    _check_kind(name, publishable=publishable, operator=operator, origins=origins)
    if organization is not None and not re.fullmatch(r"[0-9]{1,9}:[A-Za-z0-9_.-]{1,30}", organization):
        raise click.UsageError("An organization's id is network:identifier, e.g. 1:12.")
    key = service(ClientAccess).create(
        name,
        plan=Plan(plan),
        organization_id=organization,
        operator=operator,
        publishable=publishable,
        allowed_origins=origins,
        requests_per_min=requests_per_min,
    )
    click.echo(f"X-API-Key: {key}")


def _check_kind(name: str, *, publishable: bool, operator: bool, origins: tuple[str, ...]) -> None:
    if not (1 <= len(name) <= 200 and name.isprintable()):
        raise click.UsageError("A client's name has 1 to 200 printable characters.")
    if publishable and operator:
        raise click.UsageError("A publishable key is for reading only: leave --operator or --publishable out.")
    if publishable != bool(origins):
        raise click.UsageError("--publishable and --origin go together: the key is bound to the pages that may use it.")
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin):
            raise click.UsageError(
                f"{origin!a} is not an origin; give scheme://host or scheme://host:port in small letters."
            )


@clients.command("list")
def list_clients() -> None:
    """Show every client; secrets are not kept, so they cannot be shown."""
    rows: list[tuple[object, ...]] = [
        (
            entry.key_id,
            "disabled" if entry.disabled_at else "enabled",
            entry.plan,
            "publishable" if entry.publishable else "operator" if entry.operator else "client",
            entry.requests_per_min,
            " ".join([entry.name, *entry.allowed_origins]),
        )
        for entry in service(ClientAccess).entries()
    ]
    show_table(("KEY ID", "STATE", "PLAN", "RIGHT", "PER MIN", "NAME"), rows)


@clients.command("rotate")
@click.argument("key_id")
def rotate_client(key_id: str) -> None:
    """Give the client with this KEY_ID another secret and show its key, this once. The old one stops at once."""
    click.echo(f"X-API-Key: {service(ClientAccess).rotate(_key_id(key_id))}")


@clients.command("disable")
@click.argument("key_id")
def disable_client(key_id: str) -> None:
    """Let the client with this KEY_ID, the part of its key before the point, in no more."""
    service(ClientAccess).disable(_key_id(key_id))
    click.echo("disabled")


@clients.command("enable")
@click.argument("key_id")
def enable_client(key_id: str) -> None:
    """Let a disabled client in again, with the key it has."""
    service(ClientAccess).enable(_key_id(key_id))
    click.echo("enabled")


def _key_id(key: str) -> str:
    return key.partition(".")[0]
