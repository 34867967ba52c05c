"""Commands of the finder: import station files, keep what is said of stations and networks, pause changes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click
from flask.cli import AppGroup

from finder.catalogue import StationCatalogue
from finder.domain.maintenance import LONGEST, LONGEST_MESSAGE, Maintenance
from finder.domain.station import Visibility
from finder.imports import afdc, chargepoint_csv, tariffs
from finder.imports.account import Account, account_for, import_file, progress_bar
from finder.imports.afdc_networks import LISTED
from finder.imports.json_rows import open_json
from finder.imports.table import UnreadableFile
from finder.maintenance import MaintenanceWindows
from finder.silence import Silence
from finder.thresholds import NetworkThresholds
from kernel.commands import CommandGroup
from kernel.database import Database
from kernel.errors import Refusal
from kernel.fields import moment_text
from kernel.services import service
from kernel.settings import Settings

_YEAR_S = 31_536_000

imports = AppGroup("import", help="Import real station files.")
maintenance_mode = CommandGroup("maintenance", help="Pause all changes for an upgrade; reading goes on.")
stations = AppGroup("stations", help="Which stations can be reserved, which are silent, and when they count as that.")

MESSAGE = "We are upgrading. You can charge as always; reservations that were made hold."
_MOST_MINUTES = int(LONGEST / timedelta(minutes=1))


@imports.command("afdc")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--complete", is_flag=True, help="Remove stations that are not in the file.")
@click.option("--force", is_flag=True, help="With --complete: even when more than 10 % of them go.")
def import_afdc(file: Path, *, complete: bool, force: bool) -> None:
    """Import a station FILE of the US Alternative Fuels Data Center, .csv or .csv.gz.

    The same file again changes nothing. Nothing is imported where the file cannot be read to its end.
    """
    catalogue = service(StationCatalogue)
    with _one_clear_line(), service(Database).writing():
        catalogue.add_networks(LISTED)
        account = import_file(
            file, afdc.read, catalogue, source="afdc", rejects=_rejects("afdc"), complete=complete, force=force
        )
    _tell(account)


@imports.command("chargepoint-csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--complete", is_flag=True, help="Remove stations that are not in the file.")
@click.option("--force", is_flag=True, help="With --complete: even when more than 10 % of them go.")
def import_chargepoint_csv(file: Path, *, complete: bool, force: bool) -> None:
    """Import a station FILE in the columns of the 4.1 guide (6.3.3), .csv or .csv.gz: a snapshot of ours, or another's.

    The same file again changes nothing. Nothing is imported where the file cannot be read to its end.
    """
    catalogue, source = service(StationCatalogue), chargepoint_csv.SOURCE
    reader = partial(chargepoint_csv.read, announce=catalogue.add_networks)
    with _one_clear_line(), service(Database).writing():
        account = import_file(
            file, reader, catalogue, source=source, rejects=_rejects(source), complete=complete, force=force
        )
    _tell(account)


@imports.command("tariffs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_tariffs(file: Path) -> None:
    """Import tariffs from FILE: .json or .json.gz, an array or one object a line.

    Each is {"station_id": "1:41613", "tariff": {...}}, an OCPI 2.2.1 Tariff object or the guide's pricing fields.
    Nothing is imported where the file cannot be read to its end.
    """
    catalogue = service(StationCatalogue)
    with _one_clear_line(), open_json(file) as rows, progress_bar(rows) as progress:
        found = tariffs.of_known_stations(tariffs.read(rows), catalogue.knows)
        account = account_for(found, catalogue.merge_tariffs, rejects=_rejects("tariffs"), progress=progress)
    _tell(account)


@contextmanager
def _one_clear_line() -> Iterator[None]:
    try:
        yield
    except (UnreadableFile, Refusal) as error:
        raise click.ClickException(str(error)) from error


def _rejects(source: str) -> Path:
    """Where rejected rows go."""
    stamp = re.sub(r"\D", "", datetime.now(UTC).isoformat(timespec="seconds"))[:14]
    return service(Settings).var / "rejects" / f"{source}-{stamp}.csv"


def _tell(account: Account) -> None:
    for line in account.lines():
        click.echo(line)


@stations.command("reservable")
@click.argument("station_id")
@click.option("--off", is_flag=True, help="It can no longer be reserved; reservations that are there stay.")
def set_reservable(station_id: str, *, off: bool) -> None:
    """Let drivers reserve the ports of STATION_ID, e.g. 1:41613. Later imports leave that alone."""
    with _one_clear_line():
        service(StationCatalogue).set_reservable(station_id, reservable=not off)
    click.echo(f"{station_id} can {'no longer ' if off else ''}be reserved")


@stations.command("visibility")
@click.argument("station_id")
@click.argument("who", type=click.Choice(list(Visibility), case_sensitive=False))
def set_visibility(station_id: str, who: str) -> None:
    """Say who finds STATION_ID: everyone, its owner and operators alone, or who asks for a demonstration unit.

    A demonstration unit is found by its serial number alone. Later imports leave that alone.
    """
    with _one_clear_line():
        service(StationCatalogue).set_visibility(station_id, Visibility(who))
    click.echo(f"{station_id}: {who}")


@stations.command("thresholds")
@click.argument("network", type=click.IntRange(min=0))
@click.option("--stale-after", type=click.IntRange(1, _YEAR_S), help="Seconds; left out: the installation's.")
@click.option("--unreachable-after", type=click.IntRange(2, _YEAR_S), help="Seconds; left out: the installation's.")
def set_thresholds(network: int, *, stale_after: int | None, unreachable_after: int | None) -> None:
    """Say after how long the silent ports of NETWORK count as stale and as unreachable.

    With neither option the installation's thresholds count again.
    """
    with _one_clear_line():
        found = service(NetworkThresholds).set(
            network, stale_after_s=stale_after, unreachable_after_s=unreachable_after
        )
    click.echo(
        f"network {network}: stale after {found.stale_after_s} s, unreachable after {found.unreachable_after_s} s"
    )


@stations.command("silent")
@click.argument("minutes", type=click.IntRange(1, 1_000_000))
def list_silent(minutes: int) -> None:
    """List the stations that have gone silent: last heard of in the last MINUTES, and too long ago to be fresh."""
    for station_id, heard_at in service(Silence).stations_gone_silent(timedelta(minutes=minutes)).items():
        click.echo(f"{station_id}  {moment_text(heard_at)}")


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
