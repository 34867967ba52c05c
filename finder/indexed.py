"""Stations and ports as the catalogue hands them to the index: plain records of the columns that searches use."""

import re
import unicodedata
from typing import NamedTuple

_UNDIVIDED = str.maketrans(
    {"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ı": "i"}
)  # one letter to Unicode
_BETWEEN_WORDS = re.compile(r"[\s,]+")


class StationRecord(NamedTuple):
    """A station as the catalogue hands it to the index; tariff and hours as the JSON text that is stored."""

    pk: int
    station_id: str
    network_id: int
    organization_id: str | None
    organization_name: str | None
    name: str
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    line1: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    lat: float
    lon: float
    time_zone: str
    access: str
    visibility: str
    reservable: bool
    opening_hours: str | None
    tariff: str | None


class PortRecord(NamedTuple):
    """A port as the catalogue hands it to the index."""

    station_pk: int
    port_id: int
    port_number: int
    level: str | None
    mode: str | None
    voltage_v: float | None
    current_a: float | None
    power_kw: float | None
    reservable: bool
    connectors: str


def folded(text: str | None) -> str:
    """Text without case and accents, for comparing."""
    if not text:
        return ""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.translate(_UNDIVIDED))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def in_words(text: str) -> str:
    """Folded, with one space between words, however they are set apart."""
    return _BETWEEN_WORDS.sub(" ", folded(text)).strip()
