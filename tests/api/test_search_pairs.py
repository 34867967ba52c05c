"""What ports are now, asked together with every other parameter: the whole way through, against a plain walk."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask

from demo.guide_stations import guide_stations
from finder.domain.opening_hours import is_open
from finder.domain.station import Port, Station
from tests.api.finder_words import a_report, ids, report
from tests.api.problem_words import problem
from tests.builders import add_stations
from tests.conftest import NOW
from tests.conversation import Conversation
from tests.rules.made_up_stations import stations
from tests.rules.search_oracle import Asked, Walk, contradicts
from tests.rules.test_search_truth import TERMS

ALL = [*guide_stations(), *stations(40)]
WISHES: list[Asked] = [
    {"available": ["true"]},
    {"available": ["false"]},
    {"status": ["AVAILABLE"]},
    {"status": ["IN_USE", "UNREACHABLE"]},
    {"status": ["UNKNOWN"], "available": ["false"]},
    {"max_age_s": ["60"]},
    {"max_age_s": ["2000"], "status": ["AVAILABLE"]},
]
SAID = (("available", 10), ("charging", 10), ("faulted", 10), ("available", 1_500), ("charging", 10_000), None)
TOLD = {"available": "AVAILABLE", "charging": "IN_USE", "faulted": "OUT_OF_SERVICE"}


def said_of(station: Station, port: Port) -> tuple[str, int] | None:
    """What was last said of a port, and how many seconds ago."""
    return SAID[(int(station.station_id.partition(":")[2]) + port.port_number) % len(SAID)]


def fulfils(wish: Asked, station: Station, ports: Sequence[Port]) -> bool:
    """Whether some one of the ports is all that is wished for now."""
    told = [said_of(station, port) or ("unknown", None) for port in ports]
    told = [(word, age) for word, age in told if "max_age_s" not in wish or (age or 1e9) <= int(wish["max_age_s"][0])]
    silent = {"UNREACHABLE": lambda age: age is not None and age > 3600}
    words = ["UNREACHABLE" if silent["UNREACHABLE"](age) else TOLD.get(word, "UNKNOWN") for word, age in told]
    if "status" in wish and not set(words) & set(wish["status"]):
        return False
    can_charge = ("available", 10) in told and is_open(station.opening_hours, station.time_zone, NOW) is not False
    if "available" in wish and can_charge is not (wish["available"] == ["true"]):
        return False
    return bool(told) or not wish.keys() & {"status", "max_age_s"}


@pytest.fixture
def told(app: Flask, api: Conversation) -> Conversation:
    """The app with the made-up stations, and with something said of most of their ports."""
    add_stations(app, *stations(40))
    known = [(one, port, said_of(one, port)) for one in ALL for port in one.ports]
    report(
        api,
        *(
            a_report(said[0], NOW - timedelta(seconds=said[1]), station_id=one.station_id, port=port.port_number)
            for one, port, said in known
            if said
        ),
    )
    return api


def test_a_status_with_any_other_parameter_finds_what_a_walk_finds(told: Conversation) -> None:
    wrong = []
    for place, wish in enumerate(WISHES):
        for term in ({}, *TERMS[place % 2 :: 2]):
            asked = {**term, **wish}
            answer = told.get("/v1/stations", limit=200, **asked)
            walk = Walk(asked, fits=lambda station, ports, wish=wish: fulfils(wish, station, ports))
            if contradicts(asked):
                problem(answer, 400, "invalid_request")
            elif ids(answer) != walk.over(ALL):
                wrong.append(asked)

    assert wrong == []
    assert all(0 < len(ids(told.get("/v1/stations", limit=200, **wish))) < len(ALL) for wish in WISHES)


def test_statuses_take_the_same_places_and_filters(told: Conversation) -> None:
    alone = {"station_id", "sort", "charge_start", "duration_min"}
    asked = [term for term in (*TERMS, *WISHES) if not term.keys() & alone]

    assert [
        one
        for one in asked
        if ids(told.get("/v1/status", limit=200, **one)) != ids(told.get("/v1/stations", limit=200, **one))
    ] == []
