"""The station record: what every import format ends in and what the catalogue keeps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from finder.domain.opening_hours import OpeningHours
from finder.domain.tariff import Tariff

_STATION_ID = re.compile(r"[0-9]{1,9}:[A-Za-z0-9_.-]{1,40}", re.ASCII)


def is_station_id(text: str) -> bool:
    """Whether a text has the form of a station id, `network:identifier` (guide 6.1.2)."""
    return _STATION_ID.fullmatch(text) is not None


class Access(StrEnum):
    """Who may use a station (guide 1.2.3.1)."""

    PUBLIC = "PUBLIC"
    RESTRICTED = "RESTRICTED"
    PRIVATE = "PRIVATE"


class Visibility(StrEnum):
    """Who finds a station (guide 1.2.3.1): everyone, its owner alone, or who asks for a demonstration unit."""

    EVERYONE = "EVERYONE"
    OWNER = "OWNER"
    DEMONSTRATION = "DEMONSTRATION"


class Level(StrEnum):
    """Charging level of a port in North America and Australia (guide 6.1.2)."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    DC_FAST = "DC_FAST"


class Mode(StrEnum):
    """Charging mode of a port in Europe (guide 6.1.2)."""

    MODE_1 = "1"
    MODE_3 = "3"
    DC_FAST = "DC_FAST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Serves one car at a time; numbered from 1. `connectors` are standards of `finder.domain.connectors`."""

    port_number: int
    level: Level | None = None
    mode: Mode | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    power_kw: float | None = None
    reservable: bool = False
    connectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a station stands, as text. `country` is ISO 3166-1 alpha-2."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """Who owns a station: `network:identifier`, e.g. `1:12`, and a name."""

    organization_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Network:
    """A charging network (guide 5.1 CPN); the id is the part before the colon of a station id."""

    network_id: int
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """The equipment that a driver goes to.

    `station_id` is `network:identifier` (guide 6.1.2); `lat`, `lon` are WGS 84 degrees; `tariff` is None where the
    price is unknown, with the owner's words kept in `price_text`; `opening_hours` is None where nothing is known.
    """

    station_id: str
    network_id: int
    name: str
    lat: float
    lon: float
    time_zone: str
    organization: Organization | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    description: str | None = None
    phone: str | None = None
    address: Address = field(default_factory=Address)
    access: Access = Access.PUBLIC
    visibility: Visibility = Visibility.EVERYONE
    opening_hours: OpeningHours | None = None
    reservable: bool = False
    currency: str | None = None
    tariff: Tariff | None = None
    price_text: str | None = None
    demo: bool = False
    ports: tuple[Port, ...] = ()


def networks_named_by(stations: Iterable[Station]) -> list[Network]:
    """A network that nobody announced is named as the organization of its first station."""
    found: dict[int, Network] = {}
    for station in stations:
        name = station.organization.name if station.organization else f"Network {station.network_id}"
        found.setdefault(station.network_id, Network(station.network_id, name))
    return list(found.values())
