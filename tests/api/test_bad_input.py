"""Bad input, made from the OpenAPI document for every operation: a 4xx problem each, no 500, and nothing changes."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.drivers import DriverAccess
from kernel.database import Base, Database
from tests.api.operations import START, Callers, Operation, operations
from tests.api.problem_words import faults, problem
from tests.conversation import Conversation

MIB = 1024 * 1024
JSON = "application/json"


@pytest.fixture
def callers(app: Flask) -> Callers:
    return Callers(app)


@pytest.fixture
def handle(callers: Callers) -> str:
    """A hold of the demo driver's."""
    wish = {"station_id": "1:41613", "start": START, "duration_min": 60, "card": "111973"}
    made: str = callers.driver.post("/v1/reservations", wish).json["handle"]
    return made


@pytest.fixture
def every(app: Flask, handle: str) -> list[Operation]:
    """Every operation, with a request that goes well."""
    return operations(app, handle=handle)


@pytest.fixture
def stranger(app: Flask, callers: Callers) -> Conversation:
    """Another driver."""
    drivers: DriverAccess = app.extensions["portside"][DriverAccess]
    drivers.create("eve", "a secret of eve")
    return callers.client.as_driver("eve", "a secret of eve")


@pytest.fixture(autouse=True)
def nothing_changes(request: pytest.FixtureRequest, app: Flask, every: list[Operation]) -> Iterator[None]:
    if "stranger" in request.fixturenames:
        request.getfixturevalue("stranger")
    before = _everything(app)
    yield
    assert _everything(app) == before


def _everything(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table."""
    database: Database = app.extensions["portside"][Database]
    with database.reading() as session:
        return {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
        }


def _with_body(every: list[Operation]) -> list[Operation]:
    found = [operation for operation in every if operation.body_schema]
    assert len(found) >= 4
    return found


def test_no_key_or_a_wrong_one_lets_nobody_in(app: Flask, every: list[Operation]) -> None:
    wrong = ({}, {"X-API-Key": "ck_nobody.secret"}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "demo.secret"})

    for operation in every:
        for headers in wrong:
            problem(operation.send(Conversation(app, headers)), 401)


def test_an_unknown_parameter_is_never_ignored(callers: Callers, every: list[Operation]) -> None:
    for operation in every:
        answer = operation.asking(conector="CCS1").send(callers.may(operation))

        problem(answer, 400, "invalid_request")
        assert "conector" in faults(answer)


def test_a_control_character_in_a_parameter_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in every:
        for name in operation.taking("query"):
            for letter in ("\x00", "\x1b", "\n"):
                problem(operation.asking(**{name: f"a{letter}b"}).send(callers.may(operation)), 400)


def test_text_that_is_not_utf8_is_refused(callers: Callers, every: list[Operation]) -> None:
    lone_surrogate, half_a_letter = "%ED%A0%80", "%C3"

    for operation in every:
        path = operation.route.format(**operation.path)
        for text in (lone_surrogate, half_a_letter):
            answer = callers.may(operation).request(operation.method, f"{path}?city={text}", json=operation.body)
            problem(answer, 400)


def test_an_id_that_names_nothing_is_not_found(callers: Callers, every: list[Operation]) -> None:
    for operation in every:
        for name in operation.taking("path"):
            for text in ("1:99999999", "a%00b", "%ED%A0%80", "%F0%9F%94%8C", "x" * 5000, "..", "%27--"):
                problem(operation.at(**{name: text}).send(callers.may(operation)), 404)


NO_NUMBERS = ("", "x", "NaN", "Infinity", "-Infinity", "1e999", "1_0", "٣", "0x10", " 1", "9" * 5000)


def test_what_is_not_a_number_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in every:
        for name in operation.taking("query", "number", "integer"):
            for text in NO_NUMBERS:
                answer = operation.asking(**{name: text}).send(callers.may(operation))

                problem(answer, 400, "invalid_request")
                assert name in {fault.partition("/")[0] for fault in faults(answer)}


def test_a_number_beyond_its_limits_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in every:
        for name in operation.taking("query", "number", "integer"):
            schema = operation.schema_of(name)
            for number in (schema["minimum"] - 1, schema["maximum"] + 1, 10**9 * schema["maximum"]):
                answer = operation.asking(**{name: number}).send(callers.may(operation))
                problem(answer, 400, "invalid_request")


IMPOSSIBLE: tuple[dict[str, Any], ...] = (
    {"lat": 91, "lon": 0},
    {"lat": "NaN", "lon": 0},
    {"lat": 0, "lon": -181},
    {"lat": 0, "lon": 0, "radius": -1},
    {"lat": 0, "lon": 0, "radius": 10**9},
    {"limit": 0},
    {"limit": 10**6},
    {"bbox": "nan,0,1,1"},
    {"bbox": "0,0,181,1"},
)


def test_places_and_pages_that_cannot_be_are_refused(callers: Callers) -> None:
    for path in ("/v1/stations", "/v1/status"):
        for asked in IMPOSSIBLE:
            problem(callers.client.get(path, **asked), 400, "invalid_request")


def test_a_foreign_cursor_is_refused(callers: Callers, every: list[Operation]) -> None:
    foreign = callers.client.get("/v1/stations", city="Campbell", limit=1).json["next_cursor"]

    for operation in every:
        if "cursor" in operation.taking("query"):
            for cursor in (foreign, "x", "=", "W10", "bnVsbA", "é", "[]", "{}", "WyJhIixbXV0", "A" * 500):
                answer = operation.asking(cursor=cursor).send(callers.may(operation))
                problem(answer, 400, "invalid_cursor")
            problem(operation.asking(cursor="A" * 501).send(callers.may(operation)), 400, "invalid_request")


def test_an_idempotency_key_that_is_none_is_refused(callers: Callers, every: list[Operation]) -> None:
    honouring = [operation for operation in every if "Idempotency-Key" in operation.taking("header")]
    assert len(honouring) >= 6

    for operation in honouring:
        for key in ("", "k" * 256, "clé", "a\tb"):
            answer = operation.send(callers.may(operation), headers={"Idempotency-Key": key})
            problem(answer, 400, "invalid_idempotency_key")


def test_a_body_of_a_mebibyte_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in every:
        if operation.method != "GET":
            size = 2 * MIB if operation.name == "find_along_route" else MIB
            for headers in ({}, {"Idempotency-Key": "large"}):
                answer = _sent(operation, callers, b'{"a":"' + b"x" * size + b'"}', headers=headers)
                problem(answer, 413, "body_too_large")


def _sent(operation: Operation, callers: Callers, data: bytes, content_type: str = JSON, **more: Any) -> TestResponse:
    return operation.send(callers.may(operation), data=data, content_type=content_type, **more)


NO_JSON = (
    *(b"", b"{", b"\x00", b"[" * 10_000, b'{"a":' * 10_000),
    *(b'{"a": NaN}', b'{"a": "\xed\xa0\x80"}', b'{"a": "\\ud800"}'),
)


def test_what_is_not_json_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in _with_body(every):
        for text in NO_JSON:
            for headers in ({}, {"Idempotency-Key": "malformed"}):
                problem(_sent(operation, callers, text, headers=headers), 400, "malformed_request")


def test_a_body_of_another_type_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in _with_body(every):
        for content_type in ("", "text/plain", "application/xml", "application/x-www-form-urlencoded"):
            problem(_sent(operation, callers, b"{}", content_type), 415, "unsupported_media_type")


def test_a_body_of_another_shape_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in _with_body(every):
        for body in ([], "text", 1, True, {}, [{}], {"unknown": 1}, {"a\x00b": 1}):
            answer = operation.saying(body).send(callers.may(operation))

            problem(answer, 422)
            assert faults(answer)


def test_null_is_not_a_body(callers: Callers, every: list[Operation]) -> None:
    for operation in _with_body(every):
        problem(_sent(operation, callers, b"null"), 422, "invalid_body")


def test_a_member_too_many_or_too_few_is_refused(callers: Callers, every: list[Operation]) -> None:
    for operation in _with_members(every):
        caller = callers.may(operation)
        for extra in ("state", "price", "driver_id", "handle", "hold_expires_at"):
            answer = operation.saying({**operation.body, extra: 7}).send(caller)
            problem(answer, 422, "invalid_body")
            assert faults(answer) == {f"/{extra}"}
        for name in (operation.body_schema or {}).get("required", ()):
            less = {member: value for member, value in operation.body.items() if member != name}
            assert f"/{name}" in faults(operation.saying(less).send(caller))


READ_ONLY = (
    *(
        "state",
        "price",
        "total",
        "driver_id",
        "handle",
        "account_handle",
        "hold_expires_at",
        "expires_at",
        "created_at",
    ),
    *("updated_at", "confirmed_at", "cancel_until", "received_at", "id", "plan", "operator", "role", "pays", "demo"),
    *("active", "has_payment_method", "disabled_at", "client_id", "requests_per_min", "allowed_origins"),
)


def test_what_only_we_decide_is_never_taken_from_a_body(callers: Callers, every: list[Operation]) -> None:
    ours = dict.fromkeys(READ_ONLY, "x")
    for operation in _with_members(every):
        deep = deepcopy(operation.body)
        lists = ((name, value[0]) for name, value in deep.items() if isinstance(value, list))
        inside = {f"/{name}/0": first for name, first in lists if isinstance(first, dict)}
        for place, member in {"": deep, **inside}.items():
            taken = dict(member)
            member |= ours | taken
            answer = operation.saying(deep).send(callers.may(operation))
            problem(answer, 422, "invalid_body")
            named = (operation.body_schema or {})["properties"].keys() if not place else set()  # a filter: state
            assert faults(answer) >= {f"{place}/{name}" for name in ours.keys() - taken.keys() - named}


def _with_members(every: list[Operation]) -> list[Operation]:
    """Those whose document says what is in the body; a tariff is one of two forms and says it in words."""
    return [operation for operation in _with_body(every) if (operation.body_schema or {}).get("properties")]


WRONG: dict[str, list[Any]] = {
    "string": [1, True, [], {}, None, "", "a\x00b", "a\x1bb", "\ud800", "x" * 10_000],
    "decimal": [True, [], {}, "", "x", "NaN", "1e9999", "a\x00b"],
    "integer": ["1", 1.5, True, [], {}, 2**63, -(2**63), 10**30],
    "number": ["1", True, [], {}, None, "NaN"],
    "array": ["x", {}, 1, None],
    "object": ["x", [], 1, None],
}


def test_a_member_of_another_kind_is_refused(callers: Callers, every: list[Operation]) -> None:
    tried = 0
    for operation in _with_members(every):
        for path, schema in _members(operation.body_schema, operation.body):
            for value in _wrong(schema):
                answer = _sent(operation, callers, _spoilt(operation.body, path, value))
                tried += 1
                assert answer.status_code in (400, 404, 422), (operation.name, path, value, answer.text)
                problem(answer, answer.status_code)

    assert tried > 150


def _members(schema: Any, example: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each member that the schema names, with its path in the example; of a list the members of its first item."""
    for name, member in schema.get("properties", {}).items():
        if name in example:
            yield (*path, name), member
        if name in example and _kind(member) == "array" and example[name]:
            yield from _members(member["items"], example[name][0], (*path, name, 0))
        if name in example and _kind(member) == "object":
            yield from _members(member, example[name], (*path, name))


def _wrong(schema: Any) -> list[Any]:
    return [value for value in WRONG[_kind(schema)] if value is not None or "null" not in schema["type"]]


def _kind(schema: Any) -> str:
    kind = schema["type"]
    first = str(kind[0] if isinstance(kind, list) else kind)
    return "decimal" if schema.get("format") == "decimal" else first


def _spoilt(body: Any, path: tuple[Any, ...], value: Any) -> bytes:
    spoilt = deepcopy(body)
    place = spoilt
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return json.dumps(spoilt).encode()


def test_a_foreign_handle_is_told_exactly_as_one_that_does_not_exist(
    every: list[Operation], stranger: Conversation, handle: str
) -> None:
    absent = "rsv_" + "a" * (len(handle) - 4)

    for operation in every:
        if "handle" in operation.path:
            foreign, nobody_s = (
                operation.at(handle=one).send(stranger, headers={"X-Request-ID": "same"}) for one in (handle, absent)
            )
            problem(foreign, 404, "handle_unknown")
            assert foreign.text.replace(handle, absent) == nobody_s.text
            assert _lasting(foreign) == _lasting(nobody_s)


def _lasting(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if not name.startswith("RateLimit")}


NO_HOLDS: tuple[tuple[dict[str, Any], int, str | None], ...] = (
    ({"start": "2026-03-10T11:00:00Z"}, 422, "start_in_past"),
    ({"start": "0001-01-01T00:00:00+14:00"}, 422, None),
    ({"start": "9999-12-31T23:59:59Z"}, 422, None),
    ({"start": "2026-03-10T17:00:00.5Z"}, 422, None),
    ({"duration_min": 0}, 422, "invalid_duration"),
    ({"duration_min": -60}, 422, "invalid_duration"),
    ({"duration_min": 10**9}, 422, "invalid_duration"),
    ({"port_number": 9}, 404, "unknown_port"),
    ({"port_number": 0}, 422, "invalid_body"),
    ({"station_id": "1:999999"}, 404, "unknown_station"),
    ({"station_id": "nonsense"}, 404, "unknown_station"),
    ({"station_id": "1:34"}, 409, "not_reservable"),
    ({"card": "0"}, 422, "card_invalid"),
    ({"quote_id": "q_unknown"}, 422, "quote_mismatch"),
)


def test_a_hold_that_cannot_be_is_refused(callers: Callers, every: list[Operation]) -> None:
    [hold] = [operation for operation in every if operation.name == "hold_reservation"]

    for changes, status, code in NO_HOLDS:
        problem(hold.saying({**hold.body, **changes}).send(callers.driver), status, code)
