"""The truth table of the search: every parameter, each with every other, and many at random, against a plain walk."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from finder.charge_prices import ChargePrices
from finder.domain.ranking import Sort
from finder.domain.visibility import ANYBODY, Viewer
from finder.query_schemas import SearchQuerySchema
from finder.question import Question, candidates, most_powerful, nearest
from finder.snapshot import Snapshot
from tests.rules.made_up_stations import SPOTS, snapshot_of, stations
from tests.rules.search_oracle import Asked, Walk, contradicts

Term = Mapping[str, Sequence[str]]
CHARGE = {"charge_start": ["2026-03-10T12:00:00Z"], "duration_min": ["90"]}


def _each(name: str, *values: str | Sequence[str]) -> list[Term]:
    return [{name: [value] if isinstance(value, str) else list(value)} for value in values]


def _near(lat: float, lon: float, radius: str, unit: str) -> Term:
    return {"lat": [str(lat)], "lon": [str(lon)], "radius": [radius], "unit": [unit]}


TERMS: list[Term] = [
    {"lat": ["52.09"], "lon": ["5.12"]},
    _near(52.09, 5.12, "0", "in"),
    _near(52.09, 5.12, "20", "km"),
    _near(0, 180, "2000", "m"),
    _near(90, 7, "1", "nmi"),
    _near(0, 0, "12000", "mi"),
    *_each("bbox", "5,52,6,53", "179.9,-1,-179.9,1", "-180,-90,180,90", "5.12,52.09,5.12,52.09"),
    *_each("address", "dell", "1692 dell ave, campbell", "GROSSE STRASSE 5, zurich", "Campbell California 95008, USA"),
    *_each("address", "1692 Dell Ave, Campbell, California 95008, United States", "%", ","),
    *_each("city", "ZURICH", "Kobenhavn", "koln", "nowhere"),
    *_each("state", "california", "zh"),
    *_each("country", "us", "United States", "CH", "germany"),
    *_each("postal_code", "95008", "8001"),
    *_each(
        "station_id", "7:1001", (*(f"{network}:{key}" for network in (1, 2, 7) for key in range(1001, 1016)), "9:9")
    ),
    *_each("name", "chargepoint", "HQ14", "*lane", "zoe's", "100%*_park", "a?b?c [x]", "cafe_100%", "*", "%", "????"),
    *_each("network", "1", ("2", "7"), "9"),
    *_each("organization", "1:12", "chargepoint", ("Cafe_100%", "9:9"), "nobody"),
    *_each("manufacturer", "coulomb", ("electro", "Coulomb")),
    *_each("model", "ct2100", ("CT2100", "CT2025-HD-GW1-CCR")),
    *_each("serial_number", "0123", ("sn-A", "0123"), "none"),
    *_each("demo_serial_number", "0123", ("sn-A", "9")),
    *_each("connector", "J1772", ("CCS1", "tesla"), "SCHUKO"),
    {"connector": ["CCS1", "CHADEMO"], "connector_match": ["all"]},
    {"connector": ["TYPE_2", "CCS2"], "connector_match": ["all"]},
    {"connector": ["TYPE_2", "CCS2"], "connector_match": ["any"]},
    *_each("level", "L2", ("L1", "DC_FAST")),
    *_each("mode", "3", ("1", "DC_FAST")),
    *_each("voltage_v", "240", ("120", "400.0")),
    *_each("current_a", "32.5", ("16", "30")),
    *_each("min_power_kw", "0", "22", "151"),
    *_each("max_power_kw", "7.2", "50", "7.19"),
    *_each("reservable", "true", "false"),
    *_each("access", "PUBLIC", ("RESTRICTED", "PRIVATE")),
    *_each("open_at", "2026-03-10T12:00:00Z", "2026-03-11T01:30:00Z", "2026-03-08T10:00:00Z"),
    *_each("sort", "power", "distance", "price"),
    CHARGE,
]
SCHEMA = SearchQuerySchema()
STATIONS = stations()
SNAPSHOT = snapshot_of(STATIONS)


def loaded(asked: Asked) -> Question:
    query = MultiDict((name, value) for name, values in asked.items() for value in values)
    question: Question = SCHEMA.load(MultiDictProxy(query, SCHEMA))["question"]
    return question


def found(asked: Asked, snapshot: Snapshot, viewer: Viewer = ANYBODY) -> list[str]:
    """What the columns say, in order."""
    question = replace(loaded(asked), viewer=viewer)
    charge = question.charge and replace(question.charge, start=question.charge.start or datetime.now(UTC))
    ranks = {
        Sort.DISTANCE: nearest,
        Sort.POWER: most_powerful,
        Sort.PRICE: lambda snapshot, rows, _: ChargePrices().cheapest(snapshot, rows, charge),
    }
    fitting = candidates(question, snapshot, ranks[question.sort])
    return [candidate.entry.station_id for candidate in fitting.first(len(fitting))]


def agrees(asked: Asked, snapshot: Snapshot, viewer: Viewer = ANYBODY) -> bool:
    """Whether both find the same stations in the same order, or both refuse."""
    if contradicts(asked):
        with pytest.raises(ValidationError):
            loaded(asked)
        return True
    return found(asked, snapshot, viewer) == Walk(asked, viewer).over(STATIONS)


def test_a_parameter_alone_finds_what_a_walk_finds() -> None:
    assert [asked for asked in TERMS if not agrees(asked, SNAPSHOT)] == []


@pytest.mark.parametrize("viewer", [Viewer(operator=True), Viewer("7:1"), Viewer("7:9")])
def test_a_parameter_finds_what_a_walk_by_somebody_finds(viewer: Viewer) -> None:
    assert [asked for asked in TERMS if not agrees(asked, SNAPSHOT, viewer)] == []


def test_every_two_parameters_together_find_what_a_walk_finds() -> None:
    pairs = [{**one, **other} for one, other in combinations(TERMS, 2) if not one.keys() & other.keys()]

    assert [asked for asked in pairs if not agrees(asked, SNAPSHOT)] == []
    assert len(pairs) > 2_000


def test_the_table_says_something() -> None:
    told = [len(found(asked, SNAPSHOT)) for asked in TERMS if not contradicts(asked)]

    assert sum(0 < count < len(STATIONS) for count in told) > 50


@st.composite
def many_terms(draw: st.DrawFn) -> Asked:
    """A point with any radius, or a box, or everywhere; and up to four filters."""
    spot, near = draw(st.sampled_from(SPOTS)), draw(st.floats(-0.02, 0.02))
    lat, lon = min(90, max(-90, spot[0] + near)), draw(st.sampled_from((spot[1], spot[1] / 2, -spot[1])))
    radius = draw(st.sampled_from(("0", "1", "2500", "20015000")) | st.floats(0, 20_015_000).map(str))
    box = draw(st.tuples(*[st.floats(-180, 180)] * 2, *[st.floats(-90, 90)] * 2))
    where = draw(
        st.sampled_from(
            ({}, _near(lat, lon, radius, "m"), {"bbox": [f"{box[0]},{min(box[2:])},{box[1]},{max(box[2:])}"]})
        )
    )
    chosen = draw(st.lists(st.sampled_from(TERMS), max_size=4))
    return {**{name: values for term in chosen for name, values in term.items()}, **where}


@settings(max_examples=max(300, settings.default.max_examples))
@given(many_terms())
def test_whatever_is_asked_the_columns_find_what_a_walk_finds(asked) -> None:
    assert agrees(asked, SNAPSHOT)


def test_the_control_a_walk_over_other_stations_is_told_apart() -> None:
    others = [replace(one, reservable=not one.reservable) for one in STATIONS]

    assert found({"reservable": ["true"]}, SNAPSHOT) != Walk({"reservable": ["true"]}).over(others)
