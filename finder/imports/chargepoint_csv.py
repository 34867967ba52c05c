"""Station files of the guide (4.1, 6.3.3), ours and others': the US list, the EU list, or all stations.

Headings are read without regard to case, spaces and stops, as they differ from list to list. What the file has no
column for is not made up: no opening hours, no serial number; access is PUBLIC. The time zone is that of the place, the
currency that of the country, the owner the first line of the display name. Texts stay as they are, so that the file
written from them is the same.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from tzfpy import get_tz

from finder.domain.connectors import standard
from finder.domain.currencies import CURRENCY_OF
from finder.domain.guide_columns import LEVEL_NUMBERS, MODE_NUMBERS, port_column
from finder.domain.guide_file_pricing import UnreadablePrice, tariff_of_cells
from finder.domain.ocpi_tariff import InvalidTariff
from finder.domain.station import Address, Level, Mode, Network, Organization, Port, Station, is_station_id
from finder.domain.tariff import Tariff
from finder.imports.account import Row, Skipped
from finder.imports.chargepoint_cells import Cells, Headings, Wrong
from finder.imports.rejects import Rejected
from finder.imports.table import Line, Table

SOURCE = "chargepoint-csv"
_ALWAYS = ("StationID", "Display Name", "Latitude", "Longitude")
_MOST_PORTS = 1000
_MOST_DRAWN = 1_000_000
_RESERVABLE = {"YES": True, "1": True, "TRUE": True, "NO": False, "0": False, "FALSE": False, "": False}
_LEVELS = {number: level for level, number in LEVEL_NUMBERS.items()} | {"DC FAST": Level.DC_FAST}
_MODES = {number: mode for mode, number in MODE_NUMBERS.items()} | {"DC FAST": Mode.DC_FAST}
_LABEL = re.compile(r"^(LEVEL|MODE|L)\s*(?=\d)")
T = TypeVar("T", Level, Mode)
Announce = Callable[[Sequence[Network]], object]


def read(table: Table, announce: Announce = lambda networks: None) -> Iterator[Row]:
    """The rows of an open file, one by one; each network is announced before its first station.

    Raises UnreadableFile where columns are missing.
    """
    headings = Headings(table.columns)
    table.require([name for name in _ALWAYS if not headings.has(name)], source="a station file of the guide (6.3.3)")
    return _rows(table, headings, announce)


def _rows(table: Table, headings: Headings, announce: Announce) -> Iterator[Row]:
    seen, networks = set[str](), set[int]()
    for line in table:
        cells = headings.of(line)
        try:
            station, network = _station(line, cells, headings), cells.text("Name", longest=200)
        except Wrong as wrong:
            reason, detail = wrong.args
            yield Rejected(line.number, reason, line.cells, detail, identifier=_identifier(cells))
            continue
        if station.station_id in seen:
            yield Skipped(line.number, "duplicate_id")
            continue
        if network and station.network_id not in networks:
            announce([Network(station.network_id, network)])
        networks.add(station.network_id)
        seen.add(station.station_id)
        yield station


def _identifier(cells: Cells) -> str | None:
    """The part of the id behind the colon, of a row that could not be read."""
    try:
        return cells.text("StationID").strip().partition(":")[2] or None
    except Wrong:
        return None


def _station(line: Line, cells: Cells, headings: Headings) -> Station:
    station_id, name = _identity(line, cells)
    lat, lon = _coordinates(cells)
    address = _address(cells)
    reservable = _reservable(cells)
    tariff, price_text = _price(cells, address.country)
    return Station(
        station_id=station_id,
        network_id=int(station_id.partition(":")[0]),
        name=name,
        lat=lat,
        lon=lon,
        time_zone=_time_zone(lat, lon),
        organization=_organization(station_id, name),
        manufacturer=cells.known("Manufacturer", longest=200),
        model=cells.known("Model", longest=200),
        description=cells.known("Description"),
        phone=cells.known("Main Phone", longest=100),
        address=address,
        reservable=reservable,
        currency=CURRENCY_OF.get(address.country or ""),
        tariff=tariff,
        price_text=price_text,
        ports=_ports(cells, headings.port_numbers, reservable=reservable),
    )


def _identity(line: Line, cells: Cells) -> tuple[str, str]:
    if line.surplus:
        raise Wrong("wrong_number_of_cells", f"{abs(line.surplus)} too {'many' if line.surplus > 0 else 'few'}")
    station_id, name = cells.text("StationID").strip(), cells.text("Display Name", longest=300)
    if not is_station_id(station_id):
        raise Wrong("invalid_id", repr(station_id[:60]))
    if not name.strip():
        raise Wrong("no_name", "")
    return station_id, name


def _coordinates(cells: Cells) -> tuple[float, float]:
    lat, lon = cells.number("Latitude", least=-90, most=90), cells.number("Longitude", least=-180, most=180)
    if lat is None or lon is None or (lat, lon) == (0, 0):
        raise Wrong("impossible_coordinates", f"{lat}, {lon}")
    return lat, lon


def _time_zone(lat: float, lon: float) -> str:
    zone = get_tz(lon, lat)
    if not zone:
        raise Wrong("no_time_zone", f"{lat}, {lon}")
    return zone


def _organization(station_id: str, name: str) -> Organization | None:
    """Line 1 of a display name is the organization that owns the station."""
    owner, slash, _ = name.partition(" / ") if " / " in name else name.partition("/")
    slug = re.sub(r"[^a-z0-9]+", "-", owner.lower()).strip("-")[:40]
    if not slash or not slug:
        return None
    return Organization(f"{station_id.partition(':')[0]}:{slug}", owner.strip()[:200])


def _address(cells: Cells) -> Address:
    """The parts of the address; a file with the complete address alone has it for the street."""
    parts = ("Address1", "Address2", "City", "State", "Postal Code")
    line1, line2, city, state, postal_code = (
        cells.known(column, longest=longest) for column, longest in zip(parts, (300, 300, 200, 100, 20), strict=True)
    )
    if not (line1 or line2 or city or state or postal_code or cells.known("Country")):
        line1 = cells.known("Address", longest=300)
    return Address(line1=line1, line2=line2, city=city, state=state, postal_code=postal_code, country=cells.country())


def _reservable(cells: Cells) -> bool:
    text = cells.text("Reservable").strip().upper()
    if text not in _RESERVABLE:
        raise Wrong("invalid_reservable", repr(text[:40]))
    return _RESERVABLE[text]


def _price(cells: Cells, country: str | None) -> tuple[Tariff | None, str | None]:
    try:
        return tariff_of_cells(cells.text, country)
    except UnreadablePrice as unreadable:
        raise Wrong(*unreadable.args) from unreadable
    except InvalidTariff as refusal:
        told = "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in refusal.errors)
        raise Wrong("invalid_price", told) from refusal


def _ports(cells: Cells, numbers: Sequence[int], *, reservable: bool) -> tuple[Port, ...]:
    """The ports that something is said of, and as many more as Num. Ports counts."""
    count = cells.text("Num. Ports").strip()
    if not re.fullmatch(r"\d{0,4}", count, re.ASCII) or int(count or 0) > _MOST_PORTS:
        raise Wrong("invalid_port_count", repr(count[:40]))
    told = {number: port for number in numbers if (port := _port(cells, number, reservable=reservable))}
    if count and len(told) > int(count):
        raise Wrong("invalid_port_count", f"Num. Ports is {count}, and {len(told)} are described")
    free = (number for number in range(1, _MOST_PORTS + 1) if number not in told)
    more = [Port(port_number=next(free), reservable=reservable) for _ in range(int(count or 0) - len(told))]
    return tuple(sorted([*told.values(), *more], key=lambda port: port.port_number))


def _port(cells: Cells, number: int, *, reservable: bool) -> Port | None:
    plugs = [word.strip() for word in cells.text(port_column(number, "Connector")).split(",") if word.strip()]
    draws = [
        cells.number(port_column(number, name), least=0, most=_MOST_DRAWN) for name in ("Voltage", "Current", "KW")
    ]
    level = _highest(cells, port_column(number, "Level"), _LEVELS)
    mode = _highest(cells, port_column(number, "Mode"), _MODES)
    if not plugs and level is None and mode is None and draws == [None] * 3:
        return None
    return Port(
        port_number=number,
        level=level,
        mode=mode,
        voltage_v=draws[0],
        current_a=draws[1],
        power_kw=draws[2],
        reservable=reservable,
        connectors=tuple(dict.fromkeys(standard(plug) or "OTHER" for plug in plugs)),
    )


def _highest(cells: Cells, column: str, known: Mapping[str, T]) -> T | None:
    """The highest of the levels of a cell such as `1,2`. Raises Wrong."""
    words = [_LABEL.sub("", word.strip().upper().replace("_", " ")) for word in cells.text(column).split(",")]
    found = [word for word in words if word]
    if not set(found) <= known.keys():
        raise Wrong("invalid_level", f"{column} {','.join(found)[:40]!r}")
    return known[max(found)] if found else None
