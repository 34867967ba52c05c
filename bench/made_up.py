"""Made-up stations, statuses and questions in any number: the same for the same seed, spread as real stations are."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from demo.cities import KM_PER_DEGREE, City, cities
from demo.dice import Dice
from demo.equipment import MANUFACTURER, kit_for, numbered
from demo.owners import NETWORK_OF, address, description, hours, owner, place_name
from demo.price_lists import CURRENCIES, UNKNOWN_TEXTS, price_list
from finder.domain.station import Station
from finder.domain.status import Report, TechnicalStatus
from finder.said import Said

SOURCE = "bench"
CENTRES = 400
_STRAYS = 0.12  # stations by the road, far from every centre
_FIRST_IDENTIFIER = 1_000_000
_STATUSES = (
    ("available", 55),
    ("charging", 28),
    ("completed", 4),
    ("faulted", 5),
    ("unavailable", 4),
    ("offline", 4),
)
_ERROR = "GROUND_FAILURE"


@dataclass(frozen=True, slots=True)
class Place:
    """A point that somebody asks about, WGS 84 degrees."""

    lat: float
    lon: float


def made_up_stations(count: int, *, seed: int) -> Iterator[Station]:
    """So many stations: most around one of 400 centres whose sizes fall off as those of real towns, some far out."""
    chance = Random(seed)
    towns = centres(chance)
    totals = list(accumulate(1 / rank**0.55 for rank in range(1, len(towns) + 1)))
    for number in range(count):
        city = chance.choices(towns, cum_weights=totals)[0]
        away_km = chance.uniform(15, 120) if chance.random() < _STRAYS else chance.expovariate(1 / city.reach_km)
        yield _station(number, city, moved(city.lat, city.lon, chance.uniform(0, 360), away_km))


def made_up_reports(stations: Iterable[Station], now: datetime, *, seed: int) -> Iterator[Said]:
    """One report of every port, from the ten minutes before `now`."""
    chance = Random(seed)
    words, weights = zip(*_STATUSES, strict=True)
    for station in stations:
        for port in station.ports:
            word = chance.choices(words, weights)[0]
            yield Said(
                station_id=station.station_id,
                port_number=port.port_number,
                technical_status=word,
                reported_at=now - timedelta(seconds=chance.randrange(1, 600)),
                error_code=_ERROR if word == "faulted" else None,
            )


def as_report(said: Said) -> Report:
    """What was said, as it is kept by whoever keeps it."""
    return Report(
        technical_status=TechnicalStatus(said.technical_status),
        reported_at=said.reported_at,
        sequence=said.sequence,
        received_at=said.reported_at,
        status_changed_at=said.reported_at,
        error_code=said.error_code,
    )


def places_among(stations: Sequence[Station], count: int, *, seed: int) -> list[Place]:
    """So many places, each up to two kilometres from some station: many ask where there are many stations."""
    chance = Random(seed)
    near = [chance.choice(stations) for _ in range(count)]
    return [Place(*moved(at.lat, at.lon, chance.uniform(0, 360), chance.uniform(0, 2))) for at in near]


def centres(chance: Random) -> list[City]:
    """The demo network's real cities and, up to 250 km from them, towns that do not exist, in random order of size."""
    known = cities()
    towns = [replace(city, reach_km=chance.uniform(5, 14)) for city in known]
    while len(towns) < CENTRES:
        near = chance.choice(known)
        lat, lon = moved(near.lat, near.lon, chance.uniform(0, 360), chance.uniform(20, 250))
        towns.append(replace(near, lat=lat, lon=lon, reach_km=chance.uniform(3, 10)))
    return sorted(towns, key=lambda _: chance.random())


def moved(lat: float, lon: float, bearing: float, away_km: float) -> tuple[float, float]:
    """The place so far away in this direction, in degrees from north."""
    angle, degrees = math.radians(bearing), away_km / KM_PER_DEGREE
    east = degrees * math.sin(angle) / math.cos(math.radians(lat))
    return round(lat + degrees * math.cos(angle), 6), round(lon + east, 6)


def _station(number: int, city: City, spot: tuple[float, float]) -> Station:
    network_id = NETWORK_OF[city.country]
    station_id = f"{network_id}:{_FIRST_IDENTIFIER + number}"
    dice = Dice(station_id)
    kit, organization = kit_for(city.country, dice), owner(city, dice)
    tariff = price_list(city.country, dice, fast=kit.fast)
    reservable = tariff is not None and number % 2 == 0
    return Station(
        station_id=station_id,
        network_id=network_id,
        name=f"{organization.name} / {place_name(dice)}",
        lat=spot[0],
        lon=spot[1],
        time_zone=city.time_zone,
        organization=organization,
        manufacturer=MANUFACTURER,
        model=kit.model,
        description=description(dice),
        phone=dice.digits("phone", city.phone),
        address=address(city, dice),
        opening_hours=hours(dice),
        reservable=reservable,
        currency=CURRENCIES[city.country],
        tariff=tariff,
        price_text=dice.one_of("price text", UNKNOWN_TEXTS) if tariff is None else None,
        ports=numbered(kit.parts, reservable=reservable),
    )
