"""Station files of the US Alternative Fuels Data Center (AFDC): the full export, or one cut down to five columns.

Identity. A station id is `network:AFDC id`, and every EV network has an id of its own (`afdc_networks`), because the
`network` filter goes by the number before the colon: ChargePoint's stations must be findable as ChargePoint's. So a
station that moves to another network is another station: the old id stays until an import with `complete` takes it
away. A five-column file does not tell the network; its stations are all of network 100, and one that another file
lists with its network is then there twice, under two ids with the same AFDC number.

What is not said is not made up: no power, voltage or current; a five-column file gives stations without ports.
"""

import re
from collections.abc import Iterator, Sequence, Set

from tzfpy import get_tz

from finder.domain.connectors import standard
from finder.domain.station import Access, Address, Level, Network, Organization, Port, Station, Visibility
from finder.imports.account import Row, Skipped
from finder.imports.afdc_networks import NON_NETWORKED, NOT_SAID, network
from finder.imports.hours_text import hours_from_text
from finder.imports.price_text import tariff_from_text
from finder.imports.rejects import Rejected
from finder.imports.table import Line, Table

SOURCE = "afdc"

_ALWAYS = ("Station Name", "ZIP", "Latitude", "Longitude", "ID")
_FULL = (
    "Fuel Type Code",
    "Street Address",
    "City",
    "State",
    "Country",
    "Station Phone",
    "Status Code",
    "Access Code",
    "Access Days Time",
    "EV Level1 EVSE Num",
    "EV Level2 EVSE Num",
    "EV DC Fast Count",
    "EV Network",
    "EV Connector Types",
    "EV Pricing",
)
_COUNTS = (
    (Level.L1, "EV Level1 EVSE Num"),
    (Level.L2, "EV Level2 EVSE Num"),
    (Level.DC_FAST, "EV DC Fast Count"),
)
_MOST_PORTS = 1000

# South, west, north, east of where a US or Canadian station can stand.
_LANDS = (
    (17.0, -180.0, 84.0, -52.0),  # North America, Hawaii, Puerto Rico, Virgin Islands
    (51.0, 172.0, 54.0, 180.0),  # the Aleutians beyond the antimeridian
    (13.0, 144.0, 21.0, 147.0),  # Guam, Northern Marianas
    (-15.0, -172.0, -11.0, -168.0),  # American Samoa
)

_LEVELS_OF = {
    "NEMA 5-15R": (Level.L1,),
    "NEMA 5-20R": (Level.L1,),
    "NEMA 14-50R": (Level.L2,),
    "J1772": (Level.L2, Level.L1),
    "CCS1": (Level.DC_FAST,),
    "CHADEMO": (Level.DC_FAST,),
    "NACS": (Level.DC_FAST, Level.L2),
}
_PHONE = re.compile(r"(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]*\d{3}[-. ]*\d{4}(?:\s*(?:x|ext\.?)\s*\d+)?", re.IGNORECASE)


class _Wrong(Exception):
    """A row cannot be a station; the arguments are reason and detail."""


def read(table: Table) -> Iterator[Row]:
    """The rows of an open AFDC file, one by one. Raises UnreadableFile where columns are missing.

    A file with one of the columns of the full export must have all that are read here.
    """
    full = any(column in table.columns for column in _FULL)
    table.require((*_ALWAYS, *_FULL) if full else _ALWAYS, source="an AFDC station file")
    return _rows(table)


def _rows(table: Table) -> Iterator[Row]:
    seen: set[str] = set()
    for line in table:
        if reason := _skipped(line, seen):
            yield Skipped(line.number, reason)
            continue
        try:
            station = _station(line)
        except _Wrong as wrong:
            reason, detail = wrong.args
            yield Rejected(line.number, reason, line.cells, detail, identifier=line.text("ID") or None)
            continue
        seen.add(line.text("ID"))
        yield station


def _skipped(line: Line, seen: Set[str]) -> str | None:
    """Why a row that is in order is not for us; None where it is, or where it is not in order."""
    if line.surplus:
        return None
    if line.text("Fuel Type Code") not in ("ELEC", ""):
        return "not_electric"
    if line.text("Status Code") == "P":
        return "planned"
    return "duplicate_id" if line.text("ID") in seen else None


def _station(line: Line) -> Station:
    identifier, name = _identity(line)
    charging = network(line.text("EV Network"))
    lat, lon = _coordinates(line)
    address, price = _address(line), line.text("EV Pricing") or None
    currency = {"US": "USD", "CA": "CAD"}.get(address.country or "")
    return Station(
        station_id=f"{charging.network_id}:{identifier}",
        network_id=charging.network_id,
        name=name,
        lat=lat,
        lon=lon,
        time_zone=_time_zone(lat, lon),
        organization=_organization(charging),
        description=line.text("Intersection Directions") or None,
        phone=_phone(line),
        address=address,
        access=(access := _access(line)),
        visibility=Visibility.OWNER if access is Access.PRIVATE else Visibility.EVERYONE,  # else on a public list
        opening_hours=hours_from_text(line.text("Access Days Time")),
        currency=currency,
        tariff=tariff_from_text(price, currency) if price and currency else None,
        price_text=price,
        ports=_ports(line),
    )


def _identity(line: Line) -> tuple[str, str]:
    """AFDC id and name, of a row that has as many cells as the header."""
    if line.surplus:
        raise _Wrong("wrong_number_of_cells", f"{abs(line.surplus)} too {'many' if line.surplus > 0 else 'few'}")
    identifier, name = line.text("ID"), line.text("Station Name")
    if not re.fullmatch(r"[1-9]\d{0,11}", identifier, re.ASCII):
        raise _Wrong("invalid_id", repr(identifier))
    if not name:
        raise _Wrong("no_name", "")
    return identifier, name


def _coordinates(line: Line) -> tuple[float, float]:
    texts = line.text("Latitude"), line.text("Longitude")
    if not all(re.fullmatch(r"[+-]?\d{1,3}(?:\.\d*)?", text, re.ASCII) for text in texts):
        raise _Wrong("coordinates_not_numbers", "{!r}, {!r}".format(*texts))
    lat, lon = map(float, texts)
    if not any(south <= lat <= north and west <= lon <= east for south, west, north, east in _LANDS):
        raise _Wrong("impossible_coordinates", f"{lat}, {lon} is not in the United States or Canada")
    return lat, lon


def _time_zone(lat: float, lon: float) -> str:
    zone = get_tz(lon, lat)
    if not zone or zone.startswith("Etc/"):
        raise _Wrong("open_sea", f"{lat}, {lon} is in the open sea, outside every country's time zone")
    return zone


def _organization(charging: Network) -> Organization | None:
    """The charging network: AFDC names no owner."""
    if charging in (NOT_SAID, NON_NETWORKED):
        return None
    slug = re.sub(r"[^a-z0-9]+", "-", charging.name.lower()).strip("-")
    return Organization(f"{charging.network_id}:{slug}", charging.name)


def _address(line: Line) -> Address:
    postal_code, country = _postal_code(line.text("ZIP"))
    return Address(
        line1=line.text("Street Address") or None,
        city=line.text("City") or None,
        state=line.text("State") or None,
        postal_code=postal_code,
        country=line.text("Country") or country,
    )


def _postal_code(text: str) -> tuple[str | None, str | None]:
    """Postal code and country. A ZIP gets its lost leading zeros back; a Canadian code that was cut off keeps its first
    half, which is a code of its own; anything else is none."""
    if us := re.fullmatch(r"(\d{3,5})(-\d{4})?", text, re.ASCII):
        return us[1].zfill(5) + (us[2] or ""), "US"
    if canadian := re.fullmatch(r"([A-Z]\d[A-Z]) ?(\d[A-Z]\d|.{0,2})", text.upper(), re.ASCII):
        return f"{canadian[1]} {canadian[2]}" if len(canadian[2]) == 3 else canadian[1], "CA"
    return None, None


def _phone(line: Line) -> str | None:
    text = line.text("Station Phone")
    found = _PHONE.search(text)
    return (found[0] if found else text) or None


def _access(line: Line) -> Access:
    """Public where a five-column file does not say."""
    if line.text("Access Code").lower() == "private":
        return Access.PRIVATE
    needs_key = line.text("Access Detail Code") == "KEY_ALWAYS"
    return Access.RESTRICTED if needs_key or line.text("Restricted Access") == "true" else Access.PUBLIC


def _ports(line: Line) -> tuple[Port, ...]:
    levels = [level for level, column in _COUNTS for _ in range(_count(line, column))]
    plugs = sorted({standard(word) or "OTHER" for word in line.text("EV Connector Types").split()})
    served = _connectors_by_level(plugs, frozenset(levels))
    return tuple(
        Port(port_number=number, level=level, connectors=served[level]) for number, level in enumerate(levels, start=1)
    )


def _count(line: Line, column: str) -> int:
    text = line.text(column)
    if not re.fullmatch(r"\d{0,4}", text, re.ASCII) or int(text or 0) > _MOST_PORTS:
        raise _Wrong("invalid_port_count", f"{column} {text!r}")
    return int(text or 0)


def _connectors_by_level(plugs: Sequence[str], levels: frozenset[Level]) -> dict[Level, tuple[str, ...]]:
    """AFDC lists connectors for the whole station. Each goes to the first level that it fits (a Tesla plug to DC, where
    there is DC), then a level left without takes any that fits it; one that fits no level may be at any port."""
    served: dict[Level, set[str]] = {level: set() for level in levels}
    for plug in plugs:
        fitting = [level for level in _LEVELS_OF.get(plug, ()) if level in levels]
        for level in fitting[:1] or levels:
            served[level].add(plug)
    for level in levels:
        if not served[level]:
            served[level] = {plug for plug in plugs if level in _LEVELS_OF.get(plug, ())}
    return {level: tuple(sorted(found)) for level, found in served.items()}
