"""Requests made from the OpenAPI document by schemathesis: nothing undocumented, and every link followed."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from kernel.clock import FixedClock
from tests.api.operations import openapi
from tests.conversation import Conversation

EVE_OF_THE_EXAMPLES = datetime(2026, 11, 30, 12, tzinfo=UTC)
MOST_EXAMPLES = 8
SEED = 20260310
# `/v1/stations/{station_id}` fits this path too, and Allow names the methods of both.
TWO_RULES = {("allow_header_conformance", "POST /v1/stations/along-route")}
CHECKS = {
    # Its WSGI transport refuses what this check sends; test_bad_input tries every operation without a key instead.
    "ignored_auth": {"enabled": False},
    # Rules between parameters (400) and rules of the trade, such as a start in the past (422), are in no JSON schema.
    "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 401, 403, 404, 409, 422, 429]},
}
LINKS_ONLY = {
    "enabled": False,
    "stateful": {
        "enabled": True,
        "max-steps": 6,
        "inference": {"algorithms": []},
        "generation": {"mode": "positive"},
    },
}


@pytest.fixture
def clock() -> FixedClock:
    """The eve of the document's examples, so that what they reserve lies ahead."""
    return FixedClock(EVE_OF_THE_EXAMPLES)


def test_every_operation_keeps_to_the_document(app: Flask) -> None:
    cases, faults = Counter[str](), []

    for scenario in _scenarios(app, {"stateful": {"enabled": False}}):
        cases[scenario.phase.value] += len(scenario.recorder.interactions)
        faults += _faults(scenario)

    assert faults == []
    assert cases["examples"] >= 5
    assert cases["coverage"] >= 1000
    assert cases["fuzzing"] >= 19


def test_every_documented_link_is_followed(app: Flask) -> None:
    followed, faults = Counter[str](), []

    for scenario in _scenarios(app, LINKS_ONLY, hold_what_can_be_held=True):
        cases = scenario.recorder.cases.values()
        followed.update(case.transition.id for case in cases if case.transition and case.is_transition_applied)
        faults += _faults(scenario)

    assert faults == []
    assert {re.split(r"\] | -> ", link)[2] for link in followed} == set(_documented_links(app)) != set()
    assert followed.total() >= 10


def _documented_links(app: Flask) -> Iterator[str]:
    for methods in openapi(app)["paths"].values():
        for method in methods.keys() - {"parameters"}:
            for response in methods[method]["responses"].values():
                yield from response.get("links", ())


def _scenarios(app: Flask, phases: dict[str, Any], *, hold_what_can_be_held: bool = False) -> Iterator[Any]:
    """What schemathesis did: finished scenarios. Raises where it could not."""
    generation = {"max-examples": MOST_EXAMPLES, "deterministic": True, "database": "none"}
    generation["with-security-parameters"] = False  # `_callers` gives them
    settings = {"seed": SEED, "generation": generation, "checks": CHECKS, "phases": phases}
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    schema = schema.exclude(operation_id="follow_stream")  # it is handed to a process that is not there
    schema.auth(refresh_interval=None)(_callers(app))
    if hold_what_can_be_held:
        schema.hook("map_body")(_with_a_window_that_can_be_held)
    for event in from_schema(schema).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), event
        if isinstance(event, events.ScenarioFinished):
            yield event


def _callers(app: Flask) -> type:
    """Who asks: by the operation's security, and a driver of its own for each logout."""
    client = Conversation(app)
    driver, operator = client.as_driver(), client.as_operator()

    class Callers:
        def get(self, case: Any, _context: Any) -> dict[str, str]:
            spec = case.operation.definition.raw
            if spec["operationId"] == "log_out":
                return client.as_driver().headers
            schemes = {name for scheme in spec["security"] for name in scheme}
            if schemes == {"DriverToken"}:
                return driver.headers
            return client.headers if "DriverToken" in schemes else operator.headers

        def set(self, case: Any, headers: dict[str, str], _context: Any) -> None:
            case.headers.update({**headers, "Accept-Encoding": "identity"})  # WSGI answers are not unpacked

    return Callers


def _with_a_window_that_can_be_held(context: Any, body: Any) -> Any:
    """Made-up stations, starts and cards are refused; a reservation to follow links from needs real ones."""
    if context.operation.definition.raw["operationId"] != "hold_reservation":
        return body
    hour = body["duration_min"] % 24
    wish = {"station_id": "1:41613", "duration_min": 60, "card": "111973"}
    return {**wish, "start": f"2026-12-01T{hour:02}:00:00Z"}


def _faults(scenario: Any) -> list[str]:
    return [
        f"{check.name}: {check.failure_info.failure.operation}: {check.failure_info.failure.message}\n"
        f"{check.failure_info.code_sample}"
        for checks in scenario.recorder.checks.values()
        for check in checks
        if check.failure_info and (check.name, check.failure_info.failure.operation) not in TWO_RULES
    ]
