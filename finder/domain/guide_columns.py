"""A station as a row of the guide's station file (4.1 guide, 6.3.3): its columns, and what their cells say.

The guide's US and EU files differ in one column, Level or Mode; a file of all stations has both. Sets of port columns
are numbered as footnote 1 shows, the second set of pricing columns ends in " 2", as no two columns may have one name.
"""

from decimal import Decimal
from functools import lru_cache

from finder.domain.countries import NAMES
from finder.domain.guide_file_pricing import PRICING, PriceWord, pricing_cells
from finder.domain.station import Level, Mode, Port, Station

_PORT = ("Connector", "Voltage", "Current", "KW", "Level", "Mode")
_BEFORE = ("StationID", "Category", "Manufacturer", "Model", "Home Page", "Name", "Display Name")
_PLACE = ("Latitude", "Longitude", "Description", "Num. Ports")
_SELLING = ("Price", "Reservable", "LegacyPricing")
_ADDRESS = ("Address", "Address1", "Address2", "City", "State", "Postal Code", "Country", "Main Phone")
FEWEST_PORTS = 2  # the guide's files have two sets
MOST_PORTS = 100  # sets of port columns; a station with more says so in Num. Ports

_CATEGORY = "Electric Vehicle Charging Station"
LEVEL_NUMBERS = {Level.L1: "1", Level.L2: "2", Level.L3: "3", Level.DC_FAST: "4"}
MODE_NUMBERS = {Mode.MODE_1: "1", Mode.MODE_3: "3", Mode.DC_FAST: "4"}


def columns(ports: int) -> tuple[str, ...]:
    """The headings of a file whose stations have so many ports at most."""
    sets = [port_column(number, name) for number in range(1, ports + 1) for name in _PORT]
    second = [f"{name} 2" for name in PRICING]
    return (*_BEFORE, *_PLACE, *sets, *_SELLING, *PRICING, *second, *_ADDRESS)


def port_column(number: int, name: str) -> str:
    """The heading of a port's column, such as Port1Connector."""
    return f"Port{number}{name}"


def cells(station: Station, *, ports: int, network: str, formatted: str) -> tuple[str, ...]:
    """The station's row for a file with so many sets of port columns; `formatted` is its address in one line."""
    address = station.address
    numbered = {port.port_number: port for port in station.ports}
    return (
        station.station_id,
        _CATEGORY,
        station.manufacturer or "",
        station.model or "",
        "",  # no network has told its home page
        network,
        station.name,
        number_cell(station.lat),
        number_cell(station.lon),
        station.description or "",
        str(len(station.ports)),
        *(cell for number in range(1, ports + 1) for cell in _port_cells(numbered.get(number))),
        *_price_cells(station),
        formatted,
        address.line1 or "",
        address.line2 or "",
        address.city or "",
        address.state or "",
        address.postal_code or "",
        NAMES.get(address.country or "", address.country or ""),
        station.phone or "",
    )


def _port_cells(port: Port | None) -> tuple[str, ...]:
    if port is None:
        return ("",) * len(_PORT)
    return (
        ",".join(port.connectors),
        number_cell(port.voltage_v),
        number_cell(port.current_a),
        number_cell(port.power_kw),
        LEVEL_NUMBERS[port.level] if port.level else "",
        MODE_NUMBERS[port.mode] if port.mode else "",
    )


def _price_cells(station: Station) -> tuple[str, ...]:
    price, legacy, sets = pricing_cells(station.tariff, station.address.country)
    if price is None and station.price_text in set(PriceWord):
        price = PriceWord(station.price_text)
    return (price or "", "YES" if station.reservable else "NO", legacy, *sets)


@lru_cache(maxsize=4096)
def number_cell(value: float | None) -> str:
    """A number in plain digits, read back as the same; empty where it is unknown."""
    if value is None:
        return ""
    text = repr(float(value))
    return f"{Decimal(text):f}" if "e" in text else text.removesuffix(".0")


def ports_told(most: int) -> int:
    """How many sets of port columns a file has, where no station has a port of a higher number than `most`."""
    return min(max(most, FEWEST_PORTS), MOST_PORTS)
