"""What a search should find, by a plain walk over station records; knows nothing of columns, codes or masks."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import inf

from finder.domain.connectors import standard
from finder.domain.geo import METRES, distance_m
from finder.domain.opening_hours import is_open
from finder.domain.pricing import estimate
from finder.domain.station import Port, Station, Visibility
from finder.domain.usage import Question, usage_of
from finder.domain.visibility import ANYBODY, Viewer
from kernel.box import Box

Asked = Mapping[str, Sequence[str]]
NAMES = {"united states": "us", "usa": "us", "germany": "de"}
EQUIPMENT = {"connector", "level", "mode", "voltage_v", "current_a", "min_power_kw", "max_power_kw"}
CHARGE = ("charge_start", "duration_min", "energy_kwh", "vehicle_power_kw")


def plain(text: str | None) -> str:
    letters = unicodedata.normalize("NFKD", (text or "").replace("ø", "o").replace("Ø", "o"))
    return "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Me", "Mc")).casefold()


def is_like(pattern: str, text: str) -> bool:
    """Whether a text is the pattern, letter by letter."""
    if not pattern or not text:
        return not pattern.strip("*") and not text
    if pattern[0] == "*":
        return is_like(pattern[1:], text) or is_like(pattern, text[1:])
    return pattern[0] in ("?", text[0]) and is_like(pattern[1:], text[1:])


def contradicts(asked: Asked) -> bool:
    """Whether the contract refuses these parameters together."""
    places = {"address", "city", "state", "country", "postal_code"} & asked.keys()
    ways = [way for way in ("lat", "bbox", "station_id") if way in asked]
    sort = asked.get("sort", [""])[0]
    return (
        len(ways) > 1
        or ("station_id" in asked and bool(places))
        or ("radius" in asked and "lat" not in asked)
        or (sort == "distance" and "lat" not in asked)
        or (sort == "price" and not asked.keys() & set(CHARGE))
        or ("connector_match" in asked and "connector" not in asked)
        or number(asked, "min_power_kw", 0) > number(asked, "max_power_kw", inf)
    )


def number(asked: Asked, name: str, otherwise: float) -> float:
    return float(asked[name][0]) if name in asked else otherwise


@dataclass(frozen=True)
class Walk:
    """A walk over stations in the order of their keys; `fits` says what else a station's able ports must be."""

    asked: Asked
    viewer: Viewer = ANYBODY
    fits: Callable[[Station, Sequence[Port]], bool] = lambda station, ports: True

    def over(self, stations: Iterable[Station]) -> list[str]:
        found = [(self.rank(one), place, one) for place, one in enumerate(stations) if self.takes(one)]
        return [station.station_id for _, _, station in sorted(found, key=lambda row: row[:2])]

    def takes(self, station: Station) -> bool:
        return all(test(station) for test in (self.is_seen, self.stands_there, self.is_one, self.is_equipped))

    def is_seen(self, station: Station) -> bool:
        units, owner = self.asked.get("demo_serial_number"), station.organization
        if station.visibility is Visibility.DEMONSTRATION or units:
            is_asked_for = plain(station.serial_number) in map(plain, units or ()) and station.serial_number is not None
            return station.visibility is Visibility.DEMONSTRATION and is_asked_for
        owns = owner is not None and owner.organization_id == self.viewer.organization_id
        return station.visibility is Visibility.EVERYONE or owns or self.viewer.operator

    def rank(self, station: Station) -> float:
        sort = self.asked.get("sort", ["distance"])[0]
        if sort == "power":
            return -max((port.power_kw or -inf for port in station.ports), default=-inf)
        if sort == "price":
            return min((self.price(station, port) for port in station.ports), default=inf)
        return self.away_m(station) if "lat" in self.asked else 0

    def price(self, station: Station, port: Port) -> float:
        numbers = {name: Decimal(self.asked[name][0]) if name in self.asked else None for name in CHARGE[1:]}
        start = datetime.fromisoformat(self.asked["charge_start"][0])
        usage, _ = usage_of(Question(start=start, **numbers), port.power_kw, start, port_current_a=port.current_a)
        total = estimate(station.tariff, station.time_zone, usage).total
        return inf if total is None else float(total)

    def away_m(self, station: Station) -> float:
        here = float(self.asked["lat"][0]), float(self.asked["lon"][0])
        return round(distance_m(*here, station.lat, station.lon), 3)

    def stands_there(self, station: Station) -> bool:
        if "lat" in self.asked:
            radius_m = number(self.asked, "radius", 5) * METRES[self.asked.get("unit", ["mi"])[0]]
            if self.away_m(station) > round(radius_m, 3):
                return False
        if "bbox" in self.asked:
            return Box(*map(float, self.asked["bbox"][0].split(","))).contains(station.lat, station.lon)
        return True

    def is_one(self, station: Station) -> bool:
        owner, address = station.organization, station.address
        own_words = {
            "city": [address.city],
            "state": [address.state],
            "postal_code": [address.postal_code],
            "organization": [owner and owner.organization_id, owner and owner.name],
            "manufacturer": [station.manufacturer],
            "model": [station.model],
            "serial_number": [station.serial_number],
            "station_id": [station.station_id],
            "network": [str(station.network_id)],
            "access": [station.access],
            "reservable": [str(station.reservable)],
        }
        asked = [
            (set(map(plain, own)), map(plain, self.asked[name]))
            for name, own in own_words.items()
            if name in self.asked
        ]
        return all(own & set(texts) for own, texts in asked) and self.is_named_and_open(station)

    def is_named_and_open(self, station: Station) -> bool:
        address, asked = station.address, self.asked
        names = [station.name, *station.name.split(" / ", 1)] + (
            [station.organization.name] if station.organization else []
        )
        whole = words(" ".join(filter(None, (address.line1, address.city, address.state, address.postal_code))))
        country = plain(address.country)
        given = plain(asked.get("country", [""])[0])
        return (
            ("name" not in asked or any(is_like(plain(asked["name"][0]), plain(name)) for name in names))
            and ("address" not in asked or is_part(asked["address"][0], whole, country))
            and ("country" not in asked or NAMES.get(given, given) == country)
            and ("open_at" not in asked or self.is_open(station))
        )

    def is_open(self, station: Station) -> bool:
        return (
            is_open(station.opening_hours, station.time_zone, datetime.fromisoformat(self.asked["open_at"][0])) is True
        )

    def is_equipped(self, station: Station) -> bool:
        wanted = [standard(word) for word in self.asked.get("connector", ())]
        able = [port for port in station.ports if self.has_the_rest(port)]
        plugged = [port for port in able if not wanted or set(wanted) & set(port.connectors)]
        if "all" in self.asked.get("connector_match", ()):
            plugged = plugged if all(any(name in port.connectors for port in able) for name in wanted) else []
        nothing_asked = not self.asked.keys() & EQUIPMENT
        return (nothing_asked or bool(plugged)) and self.fits(station, plugged)

    def has_the_rest(self, port: Port) -> bool:
        own = {"level": port.level, "mode": port.mode, "voltage_v": port.voltage_v, "current_a": port.current_a}
        for name, value in own.items():
            asked = self.asked.get(name, ())
            if (
                asked
                and str(value) not in asked
                and not (isinstance(value, float | int) and value in map(float, asked))
            ):
                return False
        if not {"min_power_kw", "max_power_kw"} & self.asked.keys():
            return True
        least, most = number(self.asked, "min_power_kw", 0), number(self.asked, "max_power_kw", inf)
        return port.power_kw is not None and least <= port.power_kw <= most


def words(text: str) -> str:
    return " ".join(plain(text).replace(",", " ").split())


def is_part(address: str, whole: str, country: str) -> bool:
    """Whether the address is a part of the whole one; a country at its end has to be the station's own."""
    given = words(address)
    for name, code in NAMES.items():
        if given.endswith(f" {name}"):
            return code == country and whole.endswith(given.removesuffix(f" {name}"))
    return bool(given) and given in f"{whole} {country}"
