"""Rendered stations: the unchanging part of an answer as bytes, made once for each change of a station."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from finder import store
from finder.domain.countries import NAMES
from finder.domain.ocpi_gaps import not_in_ocpi
from finder.domain.ocpi_tariff import tariff_to_ocpi
from finder.domain.opening_hours import hours_to_json
from finder.domain.station import Address, Port, Station
from finder.domain.tariff import Tariff
from finder.domain.tariff_type import tariff_type
from finder.domain.tariff_words import tariff_in_words
from finder.records import ListedStation
from finder.snapshot import Snapshot
from finder.station_columns import Entry
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from kernel.fields import moment_text

HELD = 50_000


@dataclass(frozen=True, slots=True)
class RenderedPort:
    """A port: its key and its JSON object without the closing brace."""

    port_id: int
    head: bytes


@dataclass(frozen=True, slots=True)
class RenderedStation:
    """A station: its JSON object without the closing brace and without what changes by the minute."""

    pk: int
    time_zone: ZoneInfo
    head: bytes
    opening_hours: bytes
    tariff: bytes
    price: Tariff | None
    price_text: str | None
    ports: tuple[RenderedPort, ...]
    told: dict[tuple[str, bool, bool], bytes]

    def fixed(self, language: str, *, with_hours: bool, with_tariff: bool) -> bytes:
        """What does not change by the minute, without the closing brace; made once for each way of asking."""
        asked = (language, with_hours, with_tariff)
        told = self.told.get(asked)
        if told is None:
            hours = b',"opening_hours":' + self.opening_hours if with_hours else b""
            told = self.told[asked] = self.head + hours + (self._tariff_in(language) if with_tariff else b"")
        return told

    def _tariff_in(self, language: str) -> bytes:
        words = orjson.dumps(tariff_in_words(self.price, language, self.price_text))
        return b',"tariff":' + self.tariff + b',"price_in_words":' + words


class RenderedStations:
    """The last 50,000 stations shown, rendered; about a kilobyte each. Forgotten where the index has moved on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: OrderedDict[int, tuple[int, RenderedStation]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, entries: Sequence[Entry], snapshot: Snapshot) -> Mapping[int, RenderedStation]:
        """Station key → station; one that was removed meanwhile is left out.

        While the database is away a station is told as it was shown last, or else as far as the search knows it.
        """
        found: dict[int, RenderedStation] = {}
        missing: dict[int, Entry] = {}
        for entry in entries:
            version, station = self._held.get(entry.pk, (None, None))
            if station is not None and version == entry.version:
                found[entry.pk] = station
            else:
                missing[entry.pk] = entry
        if not missing:
            return found
        try:
            return found | self._made({pk: entry.version for pk, entry in missing.items()})
        except TemporarilyUnavailable:
            return found | {pk: self._otherwise(entry, snapshot) for pk, entry in missing.items()}

    def _otherwise(self, entry: Entry, snapshot: Snapshot) -> RenderedStation:
        _, older = self._held.get(entry.pk, (None, None))
        return older or partly_rendered(entry, snapshot)

    def _made(self, versions: Mapping[int, int]) -> dict[int, RenderedStation]:
        with self._database.reading() as session:
            made = {listed.pk: rendered(listed) for listed in store.stations_by_pk(session, list(versions))}
        with self._lock:
            for pk, station in made.items():
                self._held[pk] = (versions[pk], station)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return made


def rendered(listed: ListedStation) -> RenderedStation:
    """The bytes of a station."""
    ports = ((port.port_id, port.port) for port in listed.ports)
    return _rendered(listed.pk, listed.station, _station_object(listed.station, listed.updated_at), ports)


def _rendered(pk: int, station: Station, told: dict[str, Any], ports: Iterable[tuple[int, Port]]) -> RenderedStation:
    return RenderedStation(
        pk=pk,
        time_zone=_zone(station.time_zone),
        head=orjson.dumps(told)[:-1],
        opening_hours=orjson.dumps(hours_to_json(station.opening_hours)),
        tariff=orjson.dumps(tariff_object(station)),
        price=station.tariff,
        price_text=station.price_text,
        told={},
        ports=tuple(RenderedPort(port_id, orjson.dumps(_port_object(port))[:-1]) for port_id, port in ports),
    )


@lru_cache(maxsize=700)
def _zone(name: str) -> ZoneInfo:
    """The library keeps eight zones and reads others from their files anew."""
    return ZoneInfo(name)


def partly_rendered(entry: Entry, snapshot: Snapshot) -> RenderedStation:
    """What the search knows of a station: its id in the place of its name, and nothing of what only a person reads."""
    station = snapshot.station(entry)
    ports = zip(entry.port_ids, station.ports, strict=True)
    return _rendered(entry.pk, station, _station_object(station, None) | {"demo": None}, ports)


def _station_object(station: Station, updated_at: datetime | None) -> dict[str, Any]:
    organization = station.organization
    return {
        "station_id": station.station_id,
        "network_id": station.network_id,
        "name": station.name,
        "organization": organization and {"organization_id": organization.organization_id, "name": organization.name},
        "manufacturer": station.manufacturer,
        "model": station.model,
        "description": station.description,
        "phone": station.phone,
        "address": _address_object(station.address),
        "location": {"lat": station.lat, "lon": station.lon},
        "time_zone": station.time_zone,
        "access": station.access.value,
        "reservable": station.reservable,
        "currency": station.currency,
        "price_text": station.price_text,
        "updated_at": updated_at and moment_text(updated_at),
        "demo": station.demo,
    }


def formatted_address(address: Address) -> str:
    """An address in one line."""
    place = " ".join(part for part in (address.state, address.postal_code) if part)
    country = NAMES.get(address.country or "", address.country)
    parts = (address.line1, address.line2, address.city, place, country)
    return ", ".join(part for part in parts if part)


def _address_object(address: Address) -> dict[str, str | None]:
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": address.country,
        "formatted": formatted_address(address),
    }


def _port_object(port: Port) -> dict[str, Any]:
    return {
        "port_number": port.port_number,
        "level": port.level and port.level.value,
        "mode": port.mode and port.mode.value,
        "voltage_v": port.voltage_v,
        "current_a": port.current_a,
        "power_kw": port.power_kw,
        "reservable": port.reservable,
        "connectors": [{"standard": name} for name in port.connectors],
    }


def tariff_object(station: Station) -> dict[str, Any] | None:
    """The tariff as OCPI says it, with the guide's type; None where the price is unknown.

    `not_in_ocpi` points at what is in it and a reader who knows OCPI only would miss or misread.
    """
    if station.tariff is None:
        return None
    gaps = [gap.pointer for gap in not_in_ocpi(station.tariff)]
    said = {"type": tariff_type(station.tariff), **tariff_to_ocpi(station.tariff)}
    return said | {"not_in_ocpi": gaps} if gaps else said
