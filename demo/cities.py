"""The real cities that the demo network's made-up stations stand around, and places to stand near each."""

import csv
from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin
from pathlib import Path

from demo.dice import Dice

KM_PER_DEGREE = 111.2
FIRST_IDENTIFIER = 100_000
PER_CITY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A real city: its centre (WGS 84 degrees), how many stations it gets and how far out, in kilometres.

    `avoid` are compass arcs, clockwise and in degrees, where water or another state lies; `phone` is a pattern
    of numbers that the country keeps free for fiction.
    """

    number: int
    name: str
    state: str
    country: str
    postal_code: str
    lat: float
    lon: float
    time_zone: str
    stations: int
    reach_km: float
    avoid: tuple[tuple[int, int], ...]
    phone: str

    def identifier(self, place: int) -> int:
        """The part after the colon of the id of the city's station number `place`, from 1."""
        return FIRST_IDENTIFIER + self.number * PER_CITY + place


@cache
def cities() -> tuple[City, ...]:
    """All cities, in the order of their numbers."""
    with Path(__file__).with_name("cities.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_city(row) for row in csv.DictReader(file))


def city_of(station_id: str) -> City:
    """The city that a demo station stands around; ids of another scheme, as the guide's, count for the first."""
    number = (int(station_id.split(":")[1]) - FIRST_IDENTIFIER) // PER_CITY
    return cities()[number - 1 if 0 < number <= len(cities()) else 0]


def spot(city: City, dice: Dice) -> tuple[float, float]:
    """A latitude and longitude around the city, denser near its centre and off its avoided arcs."""
    bearing = radians(dice.one_of("bearing", _bearings(city.avoid)) + dice.share("minutes of bearing"))
    away = (0.15 + dice.share("away") * (city.reach_km - 0.15)) / KM_PER_DEGREE
    lon = city.lon + away * sin(bearing) / cos(radians(city.lat))
    return round(city.lat + away * cos(bearing), 6), round(lon, 6)


@cache
def _bearings(avoid: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    return tuple(degree for degree in range(360) if not any(_within(degree, arc) for arc in avoid))


def _within(degree: int, arc: tuple[int, int]) -> bool:
    return (degree - arc[0]) % 360 < (arc[1] - arc[0]) % 360


def _city(row: dict[str, str]) -> City:
    return City(
        number=int(row["number"]),
        name=row["name"],
        state=row["state"],
        country=row["country"],
        postal_code=row["postal_code"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        time_zone=row["time_zone"],
        stations=int(row["stations"]),
        reach_km=float(row["reach_km"]),
        avoid=tuple(_arc(words) for words in row["avoid"].split()),
        phone=row["phone"],
    )


def _arc(words: str) -> tuple[int, int]:
    begin, end = words.split("-")
    return int(begin), int(end)
