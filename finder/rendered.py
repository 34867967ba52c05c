"""Rendered stations: the unchanging part of an answer as bytes, made once for each change of a station."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from finder.station_columns import Entry
from kernel.database import Database
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
    words: dict[str, bytes]

    def price_in_words(self, language: str) -> bytes:
        """The tariff as a person reads it, as a JSON string; made once for each language that is asked for."""
        if language not in self.words:
            self.words[language] = orjson.dumps(tariff_in_words(self.price, language, self.price_text))
        return self.words[language]


class RenderedStations:
    """The last 50,000 stations shown, rendered; about a kilobyte each. Forgotten where the index has moved on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: OrderedDict[int, tuple[int, RenderedStation]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, entries: Sequence[Entry]) -> Mapping[int, RenderedStation]:
        """Station key → station; one that was removed meanwhile is left out."""
        found: dict[int, RenderedStation] = {}
        missing: dict[int, int] = {}
        for entry in entries:
            version, station = self._held.get(entry.pk, (None, None))
            if station is not None and version == entry.version:
                found[entry.pk] = station
            else:
                missing[entry.pk] = entry.version
        return found | self._made(missing) if missing else found

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
    station = listed.station
    return RenderedStation(
        pk=listed.pk,
        time_zone=ZoneInfo(station.time_zone),
        head=orjson.dumps(_station_object(station, listed.updated_at))[:-1],
        opening_hours=orjson.dumps(hours_to_json(station.opening_hours)),
        tariff=orjson.dumps(tariff_object(station)),
        price=station.tariff,
        price_text=station.price_text,
        words={},
        ports=tuple(RenderedPort(port.port_id, orjson.dumps(_port_object(port.port))[:-1]) for port in listed.ports),
    )


def _station_object(station: Station, updated_at: datetime) -> dict[str, Any]:
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
        "updated_at": moment_text(updated_at),
        "demo": station.demo,
    }


def _address_object(address: Address) -> dict[str, str | None]:
    place = " ".join(part for part in (address.state, address.postal_code) if part)
    country = NAMES.get(address.country or "", address.country)
    parts = (address.line1, address.line2, address.city, place, country)
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": address.country,
        "formatted": ", ".join(part for part in parts if part),
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
