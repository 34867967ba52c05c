"""Commands of drivers: their accounts, cards and tokens. Passwords are asked for, or read from the standard input."""

import re
import sys

import click

from accounts.domain.caller import Card
from accounts.driver_upkeep import DriverUpkeep
from accounts.drivers import DriverAccess
from kernel.commands import CommandGroup, show_table
from kernel.services import service

drivers = CommandGroup("drivers", help="Keep drivers, their cards and tokens.")
_SERIAL = re.compile(r"[A-Za-z0-9_-]{1,40}")

_FROM_STDIN = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password from the standard input."
)
_GIVEN = click.option(
    "--password", "given", help="The password, which others on this machine can see; better leave it out."
)


@drivers.command("create")
@click.argument("username")
@click.option("--card", "cards", multiple=True, metavar="SERIAL[:NICKNAME]", help="A card of the driver's.")
@click.option("--free", is_flag=True, help="Without a payment method: for what costs nothing only.")
@_FROM_STDIN
@_GIVEN
def create_driver(username: str, cards: tuple[str, ...], given: str | None, *, free: bool, from_stdin: bool) -> None:
    """Make a driver with cards; the password is asked for."""
    if not (1 <= len(username) <= 200 and username.isprintable()):
        raise click.UsageError("A username has 1 to 200 printable characters.")
    made = tuple(_card(card) for card in cards)
    password = _password(given, from_stdin=from_stdin)
    service(DriverAccess).create(username, password, cards=made, pays=not free)
    click.echo(f"made driver {username}")


@drivers.command("list")
def list_drivers() -> None:
    """Show every driver."""
    rows: list[tuple[object, ...]] = [
        (
            entry.driver.username,
            "disabled" if entry.disabled_at else "enabled",
            "pays" if entry.driver.pays else "free",
            sum(card.active for card in entry.cards),
            entry.live_tokens,
        )
        for entry in service(DriverUpkeep).entries()
    ]
    show_table(("USERNAME", "STATE", "PAYMENT", "ACTIVE CARDS", "TOKENS"), rows)


@drivers.command("password")
@click.argument("username")
@_FROM_STDIN
@_GIVEN
def set_password(username: str, given: str | None, *, from_stdin: bool) -> None:
    """Give a driver another password; every token ends."""
    service(DriverUpkeep).cards(username)  # an unknown driver is told before a password is asked for
    service(DriverUpkeep).set_password(username, _password(given, from_stdin=from_stdin))
    click.echo(f"{username} has another password, and is logged out everywhere")


@drivers.command("disable")
@click.argument("username")
def disable_driver(username: str) -> None:
    """Let a driver in no more; every token ends."""
    service(DriverUpkeep).disable(username)
    click.echo(f"{username} is disabled")


@drivers.command("enable")
@click.argument("username")
def enable_driver(username: str) -> None:
    """Let a disabled driver in again."""
    service(DriverUpkeep).enable(username)
    click.echo(f"{username} is enabled")


@drivers.group("tokens")
def tokens() -> None:
    """End a driver's tokens."""


@tokens.command("revoke")
@click.argument("username")
def revoke_tokens(username: str) -> None:
    """Log a driver out everywhere."""
    click.echo(f"revoked {service(DriverUpkeep).revoke_tokens(username)} tokens of {username}")


@drivers.group("cards")
def cards() -> None:
    """Keep a driver's cards."""


@cards.command("list")
@click.argument("username")
def list_cards(username: str) -> None:
    """Show a driver's cards."""
    rows: list[tuple[object, ...]] = [
        (card.serial_number, "active" if card.active else "inactive", card.nickname)
        for card in service(DriverUpkeep).cards(username)
    ]
    show_table(("SERIAL NUMBER", "STATE", "NICKNAME"), rows)


@cards.command("add")
@click.argument("username")
@click.argument("card", metavar="SERIAL[:NICKNAME]")
def add_card(username: str, card: str) -> None:
    """Give a driver a card."""
    added = _card(card)
    service(DriverUpkeep).add_card(username, added)
    click.echo(f"{username} has the card {added.serial_number}")


@cards.command("deactivate")
@click.argument("username")
@click.argument("serial_number")
def deactivate_card(username: str, serial_number: str) -> None:
    """Let nothing be reserved with a card."""
    service(DriverUpkeep).set_card_active(username, serial_number, active=False)
    click.echo(f"the card {serial_number} is inactive")


@cards.command("activate")
@click.argument("username")
@click.argument("serial_number")
def activate_card(username: str, serial_number: str) -> None:
    """Let a card be used again."""
    service(DriverUpkeep).set_card_active(username, serial_number, active=True)
    click.echo(f"the card {serial_number} is active")


def _card(text: str) -> Card:
    serial, _, nickname = text.partition(":")
    if not _SERIAL.fullmatch(serial) or len(nickname) > 100 or not nickname.isprintable():
        raise click.UsageError(
            f"{text!a} is not a card: give SERIAL or SERIAL:NICKNAME, the serial number of 1 to 40 letters and digits."
        )
    return Card(serial, nickname or serial)


def _password(given: str | None, *, from_stdin: bool) -> str:
    if given is not None and from_stdin:
        raise click.UsageError("--password and --password-stdin do not go together.")
    if given is not None:
        return given
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    prompted: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return prompted
