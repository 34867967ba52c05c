"""The charging networks: a conversation with GET /v1/networks."""

from flask import Flask

from tests.api.problem_words import faults, problem
from tests.builders import a_station, add_stations
from tests.conversation import Conversation


def test_the_networks_that_have_stations_are_listed(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1"))

    answer = api.get("/v1/networks")

    assert [network["network_id"] for network in answer.json["data"]] == [1, 7]
    assert answer.json["data"][0] == {
        "network_id": 1,
        "name": "USA",
        "description": "Demo: made-up stations, North America",
        "stale_after_s": 900,
        "unreachable_after_s": 3600,
    }
    assert (answer.json["has_more"], answer.json["next_cursor"], answer.json["total"]) == (False, None, 2)


def test_a_parameter_that_the_call_does_not_take_is_refused(api: Conversation) -> None:
    answer = api.get("/v1/networks", limit=5)

    problem(answer, 400, "invalid_request")
    assert faults(answer) == {"limit"}
