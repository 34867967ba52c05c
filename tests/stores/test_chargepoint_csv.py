"""Station files of the guide: read to the row, written again the same, and the guide's own recorded reply."""

import csv
import os
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pytest

from demo.network import demo_networks, demo_stations
from finder.catalogue import StationCatalogue
from finder.domain.guide_columns import columns
from finder.domain.station import Level, Mode, Organization, Station
from finder.domain.tariff import simple
from finder.export_forms import CSV
from finder.exports import StationExports
from finder.imports import chargepoint_csv
from finder.imports.account import Account, Skipped, import_file
from finder.imports.rejects import Rejected
from finder.imports.table import UnreadableFile, open_table
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.installation import Installation
from tests.builders import a_port, a_station

REAL = Path(os.environ.get("PORTSIDE_REAL_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
SAMPLES = REAL / "chargepoint-4.1"
ROW = {
    "StationID": "1:41613",
    "Display Name": "CHARGEPOINT/HQ14",
    "Latitude": "37.261513",
    "Longitude": "-121.957718",
    "Num. Ports": "1",
    "Port1Connector": "J1772",
    "Port1Level": "2",
    "Country": "United States",
}


def a_file(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "stations.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in ROW | row)))
        writer.writeheader()
        writer.writerows(ROW | row for row in rows)
    return path


def rows_of(path: Path) -> list[object]:
    with open_table(path) as table:
        return list(chargepoint_csv.read(table))


def only(folder: Path, **cells: str) -> Station:
    (row,) = rows_of(a_file(folder, {name.replace("_", " "): text for name, text in cells.items()}))
    assert isinstance(row, Station), row
    return row


def test_a_row_becomes_a_whole_station(tmp_path: Path) -> None:
    station = only(tmp_path, Reservable="YES", Price="PAID", **{"Unit Charge (Hourly)": "1.50", "Port1KW": "7.2"})

    assert (station.network_id, station.time_zone, station.currency) == (1, "America/Los_Angeles", "USD")
    assert station.organization == Organization("1:chargepoint", "CHARGEPOINT")
    assert station.tariff is not None
    assert station.reservable
    assert [(port.level, port.power_kw, port.connectors, port.reservable) for port in station.ports] == [
        (Level.L2, 7.2, ("J1772",), True)
    ]


def test_headings_may_be_those_of_the_eu_list_and_spelt_otherwise(tmp_path: Path) -> None:
    path = a_file(tmp_path, {"Country": "Germany"})
    path.write_text(path.read_text().replace("Port1Level", "port 1 mode").replace("StationID", "Station ID"))

    (station,) = rows_of(path.with_name(path.name))

    assert isinstance(station, Rejected)  # there is no mode 2
    assert (station.reason, station.identifier) == ("invalid_level", "41613")
    path.write_text(path.read_text().replace("J1772,2", 'Mennekes,"1,3"'))
    (station,) = rows_of(path)
    assert isinstance(station, Station)
    assert (station.ports[0].mode, station.ports[0].connectors) == (Mode.MODE_3, ("TYPE_2",))


def test_ports_of_which_nothing_is_said_are_counted(tmp_path: Path) -> None:
    station = only(tmp_path, **{"Num. Ports": "3"})

    assert [(port.port_number, port.connectors) for port in station.ports] == [(1, ("J1772",)), (2, ()), (3, ())]


BAD = [
    ({"StationID": "HQ14"}, "invalid_id"),
    ({"Display Name": " "}, "no_name"),
    ({"Display Name": "x" * 301}, "too_long"),
    ({"Latitude": "north"}, "invalid_number"),
    ({"Latitude": "91"}, "invalid_number"),
    ({"Latitude": "", "Longitude": ""}, "impossible_coordinates"),
    ({"Latitude": "0", "Longitude": "0"}, "impossible_coordinates"),
    ({"Num. Ports": "many"}, "invalid_port_count"),
    ({"Num. Ports": "0"}, "invalid_port_count"),
    ({"Port1Level": "9"}, "invalid_level"),
    ({"Reservable": "PERHAPS"}, "invalid_reservable"),
    ({"Country": "Atlantis"}, "unknown_country"),
    ({"Country": "", "Unit Charge (kWh)": "1"}, "currency_unknown"),
    ({"Unit Charge (kWh)": "cheap"}, "invalid_price"),
    ({"Price": "FREE", "Unit Charge (kWh)": "1"}, "contradictory_price"),
    ({"Description": "a\0b"}, "nul_character"),
]


@pytest.mark.parametrize(("cells", "reason"), BAD)
def test_a_bad_row_is_rejected_with_its_line_and_reason(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    good = {"StationID": "1:7"}

    before, bad, after = rows_of(a_file(tmp_path, good, cells, {"StationID": "1:8"}))

    assert isinstance(bad, Rejected)
    assert (bad.line_number, bad.reason) == (3, reason)
    assert isinstance(before, Station)
    assert isinstance(after, Station)


def test_a_station_given_twice_is_skipped_the_second_time(tmp_path: Path) -> None:
    assert rows_of(a_file(tmp_path, {}, {}))[1] == Skipped(3, "duplicate_id")


def test_a_file_without_the_guides_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(UnreadableFile, match="StationID"):
        rows_of(path)


class Shop:
    """A catalogue, and the station file made of it."""

    def __init__(self, database: Database, clock: FixedClock, folder: Path) -> None:
        self.catalogue = StationCatalogue(database, clock)
        self._exports = StationExports(database, Installation(database), folder / "snapshots")
        self._rejects = folder / "rejects.csv"

    def file(self) -> bytes:
        with self._exports.opened(CSV).file as file:
            return file.read()

    def take(self, path: Path) -> Account:
        def reader(table):
            return chargepoint_csv.read(table, self.catalogue.add_networks)

        return import_file(path, reader, self.catalogue, source=chargepoint_csv.SOURCE, rejects=self._rejects)


@pytest.fixture
def shop(database: Database, clock: FixedClock, tmp_path: Path) -> Shop:
    return Shop(database, clock, tmp_path)


@pytest.fixture
def another(templates, clock: FixedClock, tmp_path: Path) -> Iterator[Shop]:
    """A shop on another empty database."""
    made, empty, _ = templates
    with made.copy(empty) as url:
        database = Database(url)
        yield Shop(database, clock, tmp_path / "another")
        database.close()


def awkward() -> list[Station]:
    """Stations that a file can easily lose a part of."""
    many = tuple(a_port(number, connectors=("CCS1", "CHADEMO"), level=Level.DC_FAST) for number in (1, 3, 7))
    return [
        a_station("7:1", name="=cmd() / 'a', \"b\"", description="two\r\nlines\tand  spaces ", phone="+1 555 1"),
        a_station("7:2", name="'=already", description="\t@tab", ports=many, lat=1e-7, lon=-0.1),
        a_station("7:3", tariff=simple("USD", per_kwh=Decimal("0.5")), ports=()),
        a_station("7:4", organization=None, ports=(a_port(2, level=None, connectors=(), voltage_v=None, current_a=None,
                                                          power_kw=None),)),
    ]  # fmt: skip


def test_what_is_read_back_is_written_again_byte_for_byte(shop: Shop, another: Shop, tmp_path: Path) -> None:
    shop.catalogue.add_networks(demo_networks(), demo=True)
    shop.catalogue.merge([*islice(demo_stations(), 0, None, 6), *awkward()], source="test", complete=False, force=False)
    written = shop.file()
    path = tmp_path / "ours.csv"
    path.write_bytes(written)

    account = another.take(path)

    assert (account.rejected, account.skipped, account.merge.added) == ({}, {}, account.read)
    assert account.read > 250
    assert another.file() == written
    assert another.take(path).merge.unchanged == account.read


def test_the_file_has_the_guides_columns_and_as_many_port_sets_as_there_are(shop: Shop) -> None:
    shop.catalogue.merge(awkward(), source="test", complete=False, force=False)

    header, *rows = csv.reader(StringIO(shop.file().decode(), newline=""), strict=True)

    assert tuple(header) == columns(7)
    assert header[:12] == [
        *("StationID", "Category", "Manufacturer", "Model", "Home Page", "Name", "Display Name"),
        *("Latitude", "Longitude", "Description", "Num. Ports", "Port1Connector"),
    ]
    assert {len(row) for row in rows} == {len(header)}
    assert [row[6][:6] for row in rows[:2]] == ["'=cmd(", "''=alr"]


def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip(f"REAL DATA ABSENT: no folder {SAMPLES}; set PORTSIDE_REAL_DATA to its parent folder")
    return SAMPLES


def recorded(path: Path) -> Iterator[dict[str, str]]:
    """The stations of a recorded reply, each value in the column that the guide names as its equivalent."""
    for station in ElementTree.parse(path).iter("stationData"):  # noqa: S314 - a file at hand, not from a caller
        ports = station.findall("Port")
        yield {
            "StationID": station.findtext("stationID", ""),
            "Manufacturer": station.findtext("stationManufacturer", ""),
            "Model": station.findtext("stationModel", ""),
            "Display Name": ports[0].findtext("stationName", ""),
            "Latitude": ports[0].findtext("Geo/Lat", ""),
            "Longitude": ports[0].findtext("Geo/Long", ""),
            "Description": ports[0].findtext("Description", ""),
            "Num. Ports": station.findtext("numPorts", ""),
            "Reservable": ports[0].findtext("Reservable", ""),
            "Address1": station.findtext("Address", ""),
            **{column: station.findtext(column, "") for column in ("City", "State", "Country")},
            "Postal Code": station.findtext("postalCode", ""),
            "Main Phone": station.findtext("mainPhone", ""),
            **{
                f"Port{port.findtext('portNumber')}{column}": port.findtext(name, "")
                for port in ports
                for column, name in {"Connector": "Connector", "Voltage": "Voltage", "Current": "Current",
                                     "KW": "Power", "Level": "Level"}.items()
            },
        }  # fmt: skip


def test_the_recorded_reply_is_accounted_for_to_the_row(shop: Shop, tmp_path: Path) -> None:
    path = a_file(tmp_path, *recorded(samples() / "getStationsResponse.xml"))

    account = shop.take(path)

    assert (account.read, account.merge.added, account.rejected, account.skipped) == (3, 3, {}, {})
    station = shop.catalogue.listed("1:87063").station
    assert (station.name, station.time_zone) == ("SCHNEIDER_DEMO / DEMO1", "America/New_York")
    assert [(port.level, port.power_kw) for port in station.ports] == [(Level.L2, 7.2)] * 2


@pytest.mark.parametrize("name", ["getStationsResponse.xml", "chargepoint-4.1.wsdl"])
def test_a_sample_that_is_no_station_file_is_refused_whole(shop: Shop, name: str) -> None:
    with pytest.raises(UnreadableFile, match=r"Nothing was imported\."):
        shop.take(samples() / name)

    assert not shop.catalogue.has_stations()
