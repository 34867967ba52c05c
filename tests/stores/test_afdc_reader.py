"""The AFDC reader and the run of an import, on small files made here and, where they are at hand, on the real ones."""

import csv
import gzip
import os
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

from finder.domain.opening_hours import OpeningHours, known
from finder.domain.station import Access, Address, Level, Organization, Station
from finder.domain.tariff import free
from finder.imports import afdc
from finder.imports.account import Account, Merge, Row, Skipped, import_file
from finder.imports.afdc_networks import LISTED, network
from finder.imports.rejects import Rejected
from finder.imports.table import UnreadableFile, open_table

REAL = (
    Path(os.environ.get("PORTSIDE_REAL_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data") / "stations"
)
NEW_YORK = REAL / "us-afdc-newyork-2025-04-full-columns.csv.gz"
NATIONAL = REAL / "us-afdc-national-2021-name-zip-latlon-id.csv.gz"

CUT_DOWN = "Station Name,ZIP,Latitude,Longitude,ID\n"
CITY_HALL = "City Hall,12207,42.6526,-73.7562,7\n"
LIBRARY = "Library,12208,42.66,-73.78,8\n"

FULL = {
    "Fuel Type Code": "ELEC",
    "Station Name": "City Hall",
    "Street Address": "1 Main St",
    "City": "Albany",
    "State": "NY",
    "ZIP": "12207",
    "Country": "US",
    "Station Phone": "518-555-0100  866-555-0199",
    "Status Code": "E",
    "Access Code": "public",
    "Access Days Time": "24 hours daily",
    "EV Level1 EVSE Num": "",
    "EV Level2 EVSE Num": "2",
    "EV DC Fast Count": "",
    "EV Network": "ChargePoint Network",
    "EV Connector Types": "J1772",
    "EV Pricing": "Free",
    "Latitude": "42.6526",
    "Longitude": "-73.7562",
    "ID": "7",
}


class ShelfOfStations:
    """A catalogue in memory with the promise of the real one: all or nothing."""

    def __init__(self) -> None:
        self.stations: dict[str, Station] = {}

    def merge(
        self, stations: Iterable[Station], *, source: str, complete: bool, force: bool, spared: Collection[str] = ()
    ) -> Merge:
        new = {one.station_id: one for one in stations}
        added = sum(key not in self.stations for key in new)
        unchanged = sum(self.stations.get(key) == one for key, one in new.items())
        self.stations |= new
        return Merge(added, len(new) - added - unchanged, unchanged)


def a_file(folder: Path, text: str | bytes, name: str = "stations.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def a_full_file(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "full.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(
            file, [*FULL, *({"Restricted Access"} if rows and "Restricted Access" in rows[0] else ())]
        )
        writer.writeheader()
        writer.writerows(FULL | row for row in rows)
    return path


def rows_of(path: Path) -> list[Row]:
    with open_table(path) as table:
        return list(afdc.read(table))


def only_station(path: Path) -> Station:
    (row,) = rows_of(path)
    assert isinstance(row, Station), row
    return row


def imported(path: Path, shelf: ShelfOfStations, folder: Path) -> Account:
    return import_file(path, afdc.read, shelf, source=afdc.SOURCE, rejects=folder / "var" / "rejects.csv")


def real(path: Path) -> Path:
    if not path.is_file():
        pytest.skip(
            f"REAL DATA ABSENT: {path.name} is not in {path.parent}; set PORTSIDE_REAL_DATA to its parent folder"
        )
    return path


def test_a_full_row_becomes_a_whole_station(tmp_path: Path) -> None:
    station = only_station(a_full_file(tmp_path, {}))

    assert (station.station_id, station.network_id, station.time_zone) == ("101:7", 101, "America/New_York")
    assert station.organization == Organization("101:chargepoint-network", "ChargePoint Network")
    assert station.address == Address(line1="1 Main St", city="Albany", state="NY", postal_code="12207", country="US")
    assert (station.phone, station.currency, station.price_text) == ("518-555-0100", "USD", "Free")
    assert station.tariff == free("USD")
    assert station.opening_hours == OpeningHours(twenty_four_seven=True)
    assert [(port.port_number, port.level, port.connectors) for port in station.ports] == [
        (1, Level.L2, ("J1772",)),
        (2, Level.L2, ("J1772",)),
    ]


def test_a_cut_down_row_says_no_more_than_it_knows(tmp_path: Path) -> None:
    station = only_station(a_file(tmp_path, CUT_DOWN + CITY_HALL))

    assert (station.station_id, station.name, station.ports) == ("100:7", "City Hall", ())
    assert (station.organization, station.opening_hours, station.tariff, station.price_text) == (None,) * 4


@pytest.mark.parametrize(
    ("written", "postal_code", "country"),
    [
        ("12207", "12207", "US"),
        ("5403", "05403", "US"),
        ("987", "00987", "US"),
        ("\u00a046204", "46204", "US"),
        ("12207-1234", "12207-1234", "US"),
        ("M5V 2T6", "M5V 2T6", "CA"),
        ("m5v2t6", "M5V 2T6", "CA"),
        ("L2G3X", "L2G", "CA"),
        ("M1B 2", "M1B", "CA"),
        ("0", None, None),
        ("", None, None),
    ],
)
def test_postal_codes_are_repaired(tmp_path: Path, written: str, postal_code: str | None, country: str | None) -> None:
    address = only_station(a_file(tmp_path, f"{CUT_DOWN}City Hall,{written},42.6526,-73.7562,7\n")).address

    assert (address.postal_code, address.country) == (postal_code, country)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Pier,12065,42.868419,0,9", "impossible_coordinates"),
        ("Pier,12065,0,0,9", "impossible_coordinates"),
        ("Pier,12065,-73.7,42.6,9", "impossible_coordinates"),
        ("Pier,12065,42.6,73.7,9", "impossible_coordinates"),
        ("Pier,12065,142.6,-73.7,9", "impossible_coordinates"),
        ("Pier,96740,24.782658,-152.546919,9", "open_sea"),
        ("Pier,12065,nan,-73.7,9", "coordinates_not_numbers"),
        ("Pier,12065,,-73.7,9", "coordinates_not_numbers"),
        ("Pier,12065,4_2,-73.7,9", "coordinates_not_numbers"),
        (",12065,42.6,-73.7,9", "no_name"),
        ("Pier,12065,42.6,-73.7,seven", "invalid_id"),
        ("Pier,12065,42.6,-73.7,0", "invalid_id"),
        ("Pier,12065,42.6,-73.7", "wrong_number_of_cells"),
        ("Pier,12065,42.6,-73.7,9,8", "wrong_number_of_cells"),
    ],
)
def test_a_row_that_cannot_be_a_station_is_rejected(tmp_path: Path, written: str, reason: str) -> None:
    _, rejected, _ = rows_of(a_file(tmp_path, f"{CUT_DOWN}{CITY_HALL}{written}\n{LIBRARY}"))

    assert isinstance(rejected, Rejected)
    assert (rejected.line_number, rejected.reason) == (3, reason)


@pytest.mark.parametrize("place", ["13.4443,144.7937", "52.8,173.1", "-14.27,-170.7", "18.34,-64.93", "64.85,-147.71"])
def test_far_corners_of_the_country_are_taken(tmp_path: Path, place: str) -> None:
    assert only_station(a_file(tmp_path, f"{CUT_DOWN}Far out,96910,{place},7\n")).time_zone


def test_text_loses_what_cannot_be_seen_and_keeps_its_letters(tmp_path: Path) -> None:
    path = a_file(tmp_path, f'{CUT_DOWN}"  Café\u00a0 de\nla\x00 Gare\u200b ",12207,42.6526,-73.7562,7\n')

    assert only_station(path).name == "Café de la Gare"


def test_line_numbers_count_lines_inside_quotes(tmp_path: Path) -> None:
    rows = rows_of(a_file(tmp_path, f'{CUT_DOWN}"City\nHall",12207,42.6526,-73.7562,7\nPier,12065,42.8,0,9\n'))

    assert isinstance(rows[1], Rejected)
    assert rows[1].line_number == 4


@pytest.mark.parametrize(
    ("row", "reason"),
    [({"Fuel Type Code": "CNG"}, "not_electric"), ({"Status Code": "P"}, "planned"), ({}, "duplicate_id")],
)
def test_rows_that_are_not_for_us_are_skipped_by_reason(tmp_path: Path, row: dict[str, str], reason: str) -> None:
    rows = rows_of(a_full_file(tmp_path, {}, row))

    assert rows[1] == Skipped(3, reason)


@pytest.mark.parametrize("count", ["-1", "two", "2.5", "99999"])
def test_a_number_of_ports_that_cannot_be_is_rejected(tmp_path: Path, count: str) -> None:
    (row,) = rows_of(a_full_file(tmp_path, {"EV Level2 EVSE Num": count}))

    assert isinstance(row, Rejected)
    assert row.reason == "invalid_port_count"


@pytest.mark.parametrize(
    ("plugs", "l1", "l2", "dc", "expected"),
    [
        ("J1772 TESLA", 0, 1, 0, {Level.L2: ("J1772", "NACS")}),
        ("TESLA", 0, 0, 1, {Level.DC_FAST: ("NACS",)}),
        ("CHADEMO J1772 J1772COMBO", 0, 1, 1, {Level.L2: ("J1772",), Level.DC_FAST: ("CCS1", "CHADEMO")}),
        ("J1772 J1772COMBO TESLA", 0, 1, 1, {Level.L2: ("J1772",), Level.DC_FAST: ("CCS1", "NACS")}),
        ("J1772COMBO TESLA", 0, 1, 1, {Level.L2: ("NACS",), Level.DC_FAST: ("CCS1", "NACS")}),
        ("J1772 NEMA520", 1, 1, 0, {Level.L1: ("NEMA 5-20R",), Level.L2: ("J1772",)}),
        ("J1772", 1, 1, 0, {Level.L1: ("J1772",), Level.L2: ("J1772",)}),
        ("CHADEMO J1772", 0, 0, 1, {Level.DC_FAST: ("CHADEMO", "J1772")}),
        ("PADDLE", 0, 1, 0, {Level.L2: ("OTHER",)}),
        ("", 0, 1, 0, {Level.L2: ()}),
    ],
)
def test_connectors_go_to_the_ports_that_they_fit(
    tmp_path: Path, plugs: str, l1: int, l2: int, dc: int, expected: dict[Level, tuple[str, ...]]
) -> None:
    counts = {"EV Level1 EVSE Num": str(l1), "EV Level2 EVSE Num": str(l2), "EV DC Fast Count": str(dc)}

    station = only_station(a_full_file(tmp_path, counts | {"EV Connector Types": plugs}))

    assert {port.level: port.connectors for port in station.ports} == expected


@pytest.mark.parametrize(
    ("row", "access"),
    [
        ({"Restricted Access": "false"}, Access.PUBLIC),
        ({"Restricted Access": "true"}, Access.RESTRICTED),
        ({"Restricted Access": "true", "Access Code": "private"}, Access.PRIVATE),
    ],
)
def test_access_is_read(tmp_path: Path, row: dict[str, str], access: Access) -> None:
    assert only_station(a_full_file(tmp_path, row)).access is access


def test_a_price_in_canada_is_in_canadian_dollars(tmp_path: Path) -> None:
    canada = {"Country": "CA", "ZIP": "M5V 2T6", "Latitude": "43.64", "Longitude": "-79.39"}

    assert only_station(a_full_file(tmp_path, canada)).tariff == free("CAD")


def test_a_network_has_one_id_in_all_files_and_none_of_chargepoints_own() -> None:
    assert network("eVgo Network") == network("EVGO")
    assert network("BRAND_NEW").network_id == network("Brand New").network_id >= 1000
    assert len({one.network_id for one in LISTED}) == len(LISTED)
    assert min(one.network_id for one in LISTED) >= 100


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"{}\n", "not comma-separated"),
        (b"<html><body>Not found, sorry</body></html>\n", "is missing"),
        (b"PK\x03\x04xxxx", "zip or Excel"),
        ((CUT_DOWN + CITY_HALL).encode("utf-16"), "UTF-16"),
        ((CUT_DOWN + CITY_HALL).replace("City", "Cité").encode("latin-1"), "not UTF-8"),
        (b"Station Name,ZIP,Latitude,ID\nCity Hall,12207,42.6,7\n", "column 'Longitude' is missing"),
        (b"Station Name,ZIP,Latitude,Longitude,ID,ID\n", "two columns of the same name"),
        ((CUT_DOWN.strip() + ",EV Network\n").encode(), "'EV Pricing' is missing"),
        ((CUT_DOWN + CITY_HALL + "Library,122").encode(), "cut off after line 3"),
        ((CUT_DOWN + CITY_HALL + '"Libr').encode(), "cut off"),
        ((CUT_DOWN + CITY_HALL + "Caf").encode() + b"\xc3", "cut off"),
        ((CUT_DOWN + CITY_HALL + '"Library"s,1,2,3,4\n').encode(), "is not CSV at line 3"),
        ((CUT_DOWN + CITY_HALL + "x" * 1_100_000).encode(), "never ends"),
        (gzip.compress((CUT_DOWN + CITY_HALL * 9999).encode(), mtime=0)[:-9], "cut off"),
        (gzip.compress((CUT_DOWN + CITY_HALL).encode(), mtime=0)[:-4] + b"oops", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line_and_changes_nothing(
    tmp_path: Path, content: bytes, says: str
) -> None:
    shelf = ShelfOfStations()

    with pytest.raises(UnreadableFile, match=says) as refused:
        imported(a_file(tmp_path, content), shelf, tmp_path)

    assert not shelf.stations
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith("Nothing was imported.")


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(UnreadableFile), open_table(path):
            pass


def test_rejected_rows_of_a_failed_import_leave_no_file(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"{CUT_DOWN}{CITY_HALL}Pier,12065,42.8,0,9\nLibr")

    with pytest.raises(UnreadableFile):
        imported(path, ShelfOfStations(), tmp_path)

    assert not (tmp_path / "var" / "rejects.csv").exists()


def test_the_account_adds_up_and_names_the_file_of_rejected_rows(tmp_path: Path) -> None:
    text = f"{CUT_DOWN}{CITY_HALL}{LIBRARY}{LIBRARY}=cmd(),12065,42.868419,0,9\n"

    account = imported(a_file(tmp_path, gzip.compress(text.encode()), "stations.dat"), ShelfOfStations(), tmp_path)

    assert account.lines() == [
        "4 rows read = 2 added + 0 changed + 0 unchanged + 1 skipped + 1 rejected",
        "  skipped: 1 duplicate id",
        "  rejected: 1 impossible coordinates",
        f"rejected rows, with line number and reason: {tmp_path / 'var' / 'rejects.csv'}",
    ]
    with (tmp_path / "var" / "rejects.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["line_number"], row["reason"]) == ("5", "impossible_coordinates")
    assert (row["Station Name"], row["Longitude"]) == ("'=cmd()", "0")


def test_an_account_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="does not add up"):
        Account(read=3, merge=Merge(1, 0, 0))


def test_a_plain_file_without_a_last_line_end_is_read_with_a_remark(tmp_path: Path) -> None:
    plain = imported(a_file(tmp_path, (CUT_DOWN + CITY_HALL).rstrip()), ShelfOfStations(), tmp_path)
    zipped = a_file(tmp_path, gzip.compress((CUT_DOWN + CITY_HALL).rstrip().encode()), "stations.csv.gz")

    assert plain.merge.added == 1
    assert plain.remark is not None
    assert imported(zipped, ShelfOfStations(), tmp_path).remark is None


def test_new_york_is_accounted_for_to_the_row(tmp_path: Path) -> None:
    shelf = ShelfOfStations()

    account = imported(real(NEW_YORK), shelf, tmp_path)

    assert (account.read, account.merge.added, account.skipped, account.rejects) == (
        4857,
        4736,
        {"not_electric": 121},
        None,
    )
    levels = Counter(port.level for station in shelf.stations.values() for port in station.ports)
    assert levels == {Level.L1: 1, Level.L2: 14626, Level.DC_FAST: 2161}
    assert sum(station.network_id == 101 for station in shelf.stations.values()) == 2246
    assert sum(station.tariff is not None for station in shelf.stations.values()) == 965
    assert sum(known(station.opening_hours) for station in shelf.stations.values()) == 4121


def test_new_york_a_second_time_changes_nothing(tmp_path: Path) -> None:
    shelf = ShelfOfStations()
    imported(real(NEW_YORK), shelf, tmp_path)

    assert imported(NEW_YORK, shelf, tmp_path).merge == Merge(0, 0, 4736)


def test_the_national_file_is_accounted_for_to_the_row(tmp_path: Path) -> None:
    shelf = ShelfOfStations()

    account = imported(real(NATIONAL), shelf, tmp_path)

    assert (account.read, account.merge) == (50270, Merge(50268, 0, 0))
    assert account.rejected == {"impossible_coordinates": 1, "open_sea": 1}
    codes = [station.address.postal_code for station in shelf.stations.values()]
    assert sum(code is not None and code.startswith("0") for code in codes) == 4537 + 7
    assert codes.count(None) == 1


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.999])
def test_a_real_file_that_is_cut_off_is_refused_whole(tmp_path: Path, kept: float) -> None:
    whole, shelf = real(NEW_YORK).read_bytes(), ShelfOfStations()

    with pytest.raises(UnreadableFile, match="cut off"):
        imported(a_file(tmp_path, whole[: int(len(whole) * kept)], "cut.csv.gz"), shelf, tmp_path)

    assert not shelf.stations
