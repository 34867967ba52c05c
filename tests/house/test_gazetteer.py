"""The offline gazetteer is what it says: sorted lines of places on earth, each of them once and found by its name."""

import gzip
import re
from collections import Counter
from itertools import combinations, groupby, pairwise

import pytest

from finder.domain.geo import distance_m
from finder.offline_gazetteer import FILE, OfflineGazetteer, spelled
from finder.question import Around
from tests.house.source import ROOT

CITIES, REGIONS = {"city", "also"}, {"country", "state"}


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return gzip.decompress(FILE.read_bytes()).split(b"\n")


@pytest.fixture(scope="module")
def entries(lines: list[bytes]) -> list[list[str]]:
    return [line.decode().split("\t") for line in lines[:-1]]


def test_the_file_is_small_and_its_lines_are_sorted(lines: list[bytes]) -> None:
    assert FILE.stat().st_size < 1_000_000
    assert lines.pop() == b""
    assert all(one < next_one for one, next_one in pairwise(lines))


def test_every_line_is_a_place_on_earth(entries: list[list[str]]) -> None:
    for kind, name, country, state, thousands, lat, lon in entries:
        assert kind in CITIES | REGIONS
        assert name == spelled(name) != ""
        assert re.fullmatch("[A-Z]{2}", country)
        assert re.fullmatch("([A-Z]{2,3})?", state)
        assert int(thousands) >= 1
        assert (abs(float(lat)) <= 90, abs(float(lon)) <= 180) == (True, True)
        assert {len(degrees.partition(".")[2]) for degrees in (lat, lon)} == {3}


def test_no_place_is_there_twice(entries: list[list[str]]) -> None:
    regions = Counter(tuple(entry[:4]) for entry in entries if entry[0] in REGIONS)
    cities = sorted((entry[1:3], float(entry[5]), float(entry[6])) for entry in entries if entry[0] in CITIES)

    assert max(regions.values()) == 1
    for _, namesakes in groupby(cities, key=lambda city: city[0]):
        assert all(distance_m(*one[1:], *other[1:]) > 24_500 for one, other in combinations(namesakes, 2))


def test_states_of_cities_are_states_of_the_file(entries: list[list[str]]) -> None:
    known = {(country, state) for kind, _, country, state, *_ in entries if kind == "state"}
    countries = {country for kind, _, country, *_ in entries if kind == "country"}

    for kind, _, country, state, *_ in entries:
        assert country in countries
        assert kind == "country" or not state or (country, state) in known


def test_every_hundredth_line_is_found_by_its_name(entries: list[list[str]]) -> None:
    gazetteer = OfflineGazetteer()

    for kind, name, country, state, thousands, lat, lon in (*entries[::100], entries[0], entries[-1]):
        said = {"city" if kind == "also" else kind: name}
        found = [(one.country, one.state, one.lat, one.lon) for one in gazetteer.named(Around(**said))]
        assert (country, state, float(lat), float(lon)) in found, (name, thousands)


def test_its_source_is_named_where_its_licence_wants_it() -> None:
    provenance = (ROOT / "finder/gazetteer/PROVENANCE.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for said in ("GeoNames", "CC BY 4.0"):
        assert said in provenance
        assert said in readme
