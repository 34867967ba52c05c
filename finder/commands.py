"""Commands of the finder: import station files, say which stations can be reserved."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from finder.catalogue import StationCatalogue
from finder.imports import afdc, tariffs
from finder.imports.account import Account, account_for, import_file, progress_bar
from finder.imports.afdc_networks import LISTED
from finder.imports.json_rows import open_json
from finder.imports.table import UnreadableFile
from kernel.database import Database
from kernel.errors import Refusal
from kernel.services import service
from kernel.settings import Settings

imports = AppGroup("import", help="Import real station files.")
stations = AppGroup("stations", help="Say which stations can be reserved.")


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
