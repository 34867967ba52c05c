"""Makes places.txt.gz, the offline gazetteer: `python -m finder.gazetteer.make DATA > places.txt.gz`."""

import csv
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from finder.domain.geo import distance_m
from finder.great_circle import distances_m
from finder.offline_gazetteer import spelled

HERE = Path(__file__).parent
APART_M = 25_000.0  # the same name nearer than this is the same place
WIDELY_KNOWN = {"EU": 50_000, "NA": 50_000, "SA": 50_000, "OC": 50_000}  # inhabitants, by continent
ELSEWHERE = 500_000

City = dict[str, Any]
States = dict[tuple[str, str], tuple[str, list[str]]]  # by country and GeoNames' code: our code, names


class Entry(NamedTuple):
    """One line of the file."""

    kind: str
    name: str
    country: str
    state: str
    thousands: int
    lat: float
    lon: float

    def __str__(self) -> str:
        return "\t".join(map(str, self[:5])) + f"\t{self.lat:.3f}\t{self.lon:.3f}"


def rows(name: str) -> list[dict[str, str]]:
    """A table beside this file."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def known_states(us_states: dict[str, Any]) -> States:
    """The states whose names are known: those of states.csv, and of the USA."""
    ours = {(r["country"], r["geonames"]): (r["code"], r["names"].split("|")) for r in rows("states.csv")}
    return ours | {("US", code): (code, [state["name"]]) for code, state in us_states.items()}


def city_entries(cities: Iterable[City], countries: dict[str, Any], states: States) -> Iterator[Entry]:
    """Each city by its own name and, where it is large enough, by the names it is also known by."""
    for city in cities:
        country = city["countrycode"]
        state, _ = states.get((country, city["admin1code"]), ("", []))
        where = (country, state, thousands(city["population"]), city["latitude"], city["longitude"])
        own = spelled(city["name"])
        yield Entry("city", own, *where)
        if city["population"] >= WIDELY_KNOWN.get(countries[country]["continentcode"], ELSEWHERE):
            also = {spelled(name) for name in city["alternatenames"] if is_latin(name)}
            yield from (Entry("also", name, *where) for name in sorted(also - {own}))


def thousands(inhabitants: int) -> int:
    """At least one."""
    return max(1, round(inhabitants / 1000))


def is_latin(name: str) -> bool:
    """Whether a name is written in Latin letters and not an abbreviation or a transliteration by rule."""
    return name[:1].isupper() and not name.isupper() and len(name) > 2 and spelled(name).isascii()


def without_doubles(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Of the places of one name that lie near each other in a country, the largest."""
    kept: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (-entry.thousands, entry)):
        same = kept[entry.name, entry.country]
        if all(distance_m(entry.lat, entry.lon, one.lat, one.lon) > APART_M for one in same):
            same.append(entry)
            yield entry


def central(cities: list[City]) -> City:
    """The city that the inhabitants of all are nearest to, together."""
    lats, lons, people = (np.array([c[of] for c in cities], float) for of in ("latitude", "longitude", "population"))
    ways = [float((distances_m(lat, lon, lats, lons) * people).sum()) for lat, lon in zip(lats, lons, strict=True)]
    return cities[int(np.argmin(ways))]


def region_entries(kind: str, names: Iterable[str], code: tuple[str, str], cities: list[City]) -> Iterator[Entry]:
    """A country or a state by each of its names, at its central city."""
    middle, inhabitants = central(cities), thousands(sum(city["population"] for city in cities))
    for name in sorted({spelled(name) for name in names}):
        yield Entry(kind, name, *code, inhabitants, middle["latitude"], middle["longitude"])


def entries(cities: list[City], countries: dict[str, Any], states: States) -> Iterator[Entry]:
    """Everything that the file holds."""
    inside: dict[tuple[str, str], list[City]] = defaultdict(list)
    for city in cities:
        for state in {"", city["admin1code"]}:
            inside[city["countrycode"], state].append(city)
    more = {r["code"]: r["names"].split("|") for r in rows("countries.csv")}
    yield from without_doubles(city_entries(cities, countries, states))
    for code, country in countries.items():
        names = [country["name"].removeprefix("The "), country["name"], code, country["iso3"], *more.get(code, [])]
        if (code, "") in inside:
            yield from region_entries("country", names, (code, ""), inside[code, ""])
    for (code, theirs), (ours, names) in states.items():
        if (code, theirs) in inside:
            yield from region_entries("state", [ours, *names], (code, ours), inside[code, theirs])


if __name__ == "__main__":
    read = [
        json.loads((Path(sys.argv[1]) / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("cities15000", "countries", "us_states")
    ]
    lines = sorted(str(entry).encode() for entry in entries(list(read[0].values()), read[1], known_states(read[2])))
    sys.stdout.buffer.write(gzip.compress(b"".join(line + b"\n" for line in lines), 9, mtime=0))
