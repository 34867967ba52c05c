"""Rows turned into station records and back: the one place that knows both shapes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from finder.domain.ocpi_tariff import tariff_from_json, tariff_to_ocpi
from finder.domain.opening_hours import OpeningHours, hours_from_json, hours_to_json
from finder.domain.station import Access, Address, Level, Mode, Organization, Port, Station, Visibility
from finder.domain.tariff import Tariff
from finder.tables import PortRow, StationRow


@dataclass(frozen=True, slots=True)
class ListedPort:
    """A port with its key in the database."""

    port_id: int
    port: Port


@dataclass(frozen=True, slots=True)
class ListedStation:
    """A station as it stands in the catalogue. `updated_at` moves with configuration only (guide 2.2).

    `version` is its latest entry of the change log: equal for equal states.
    """

    pk: int
    station: Station
    updated_at: datetime
    ports: tuple[ListedPort, ...]
    version: int = 0


def digest_of(station: Station) -> str:
    """Equal for equal records: tells an import whether a station changed.

    A station for everyone has the digest that it had before stations could be hidden.
    """
    values = station_values(station)
    if station.visibility is Visibility.EVERYONE:
        del values["visibility"]
    return hashlib.sha256(repr((values, station.ports)).encode()).hexdigest()


def station_values(station: Station) -> dict[str, Any]:
    """A record as columns of `stations`, ports apart."""
    organization, address = station.organization, station.address
    return {
        "station_id": station.station_id,
        "network_id": station.network_id,
        "organization_id": organization and organization.organization_id,
        "organization_name": organization and organization.name,
        "name": station.name,
        "manufacturer": station.manufacturer,
        "model": station.model,
        "serial_number": station.serial_number,
        "description": station.description,
        "phone": station.phone,
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": address.country,
        "lat": station.lat,
        "lon": station.lon,
        "time_zone": station.time_zone,
        **_whose(station),
        "opening_hours": hours_to_json(station.opening_hours),
        "reservable": station.reservable,
        "currency": station.currency,
        "tariff": tariff_to_ocpi(station.tariff) if station.tariff else None,
        "price_text": station.price_text,
        "demo": station.demo,
    }


def _whose(station: Station) -> dict[str, Any]:
    """Who may charge there, and who finds it."""
    return {"access": station.access.value, "visibility": station.visibility.value}


def port_values(port: Port) -> dict[str, Any]:
    """A port as columns of `ports`."""
    return {
        "port_number": port.port_number,
        "level": port.level and port.level.value,
        "mode": port.mode and port.mode.value,
        "voltage_v": port.voltage_v,
        "current_a": port.current_a,
        "power_kw": port.power_kw,
        "reservable": port.reservable,
        "connectors": list(port.connectors),
        "removed": False,
    }


def listed(row: StationRow, ports: list[PortRow]) -> ListedStation:
    """A station and its ports out of their rows."""
    listed_ports = tuple(ListedPort(port.id, _port(port)) for port in ports)
    station = _station(row, tuple(listed_port.port for listed_port in listed_ports))
    return ListedStation(row.id, station, row.updated_at, listed_ports, row.changed_seq)


def _station(row: StationRow, ports: tuple[Port, ...]) -> Station:
    return Station(
        station_id=row.station_id,
        network_id=row.network_id,
        name=row.name,
        lat=row.lat,
        lon=row.lon,
        time_zone=row.time_zone,
        organization=_organization(row),
        manufacturer=row.manufacturer,
        model=row.model,
        serial_number=row.serial_number,
        description=row.description,
        phone=row.phone,
        address=_address(row),
        access=Access(row.access),
        visibility=Visibility(row.visibility),
        opening_hours=hours_of(orjson.dumps(row.opening_hours)) if row.opening_hours else None,
        reservable=row.reservable,
        currency=row.currency,
        tariff=tariff_of(orjson.dumps(row.tariff)) if row.tariff else None,
        price_text=row.price_text,
        demo=row.demo,
        ports=ports,
    )


@lru_cache(maxsize=20_000)
def tariff_of(text: bytes) -> Tariff:
    """Read once for all stations that have the same: there are few price lists and many stations."""
    return tariff_from_json(orjson.loads(text))


@lru_cache(maxsize=20_000)
def hours_of(text: bytes) -> OpeningHours | None:
    return hours_from_json(orjson.loads(text))


def _organization(row: StationRow) -> Organization | None:
    if row.organization_id is None or row.organization_name is None:
        return None
    return Organization(row.organization_id, row.organization_name)


def _address(row: StationRow) -> Address:
    return Address(
        line1=row.line1,
        line2=row.line2,
        city=row.city,
        state=row.state,
        postal_code=row.postal_code,
        country=row.country,
    )


def _port(row: PortRow) -> Port:
    return Port(
        port_number=row.port_number,
        level=Level(row.level) if row.level else None,
        mode=Mode(row.mode) if row.mode else None,
        voltage_v=row.voltage_v,
        current_a=row.current_a,
        power_kw=row.power_kw,
        reservable=row.reservable,
        connectors=tuple(row.connectors),
    )
