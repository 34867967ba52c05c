"""Every operation of the OpenAPI document, with a request that goes well, to be sent as it is or spoilt."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from kernel.documentation import document_text
from kernel.fields import moment_text
from tests.conversation import Conversation

START = "2026-03-10T17:00:00Z"
OWN = {
    "list_openings": {"station_id": "1:41613", "start": START, "end": "2026-03-10T20:00:00Z"},
    "follow_stream": {"bbox": "-122,37,-121,38"},
    "find_clusters": {"bbox": "-123,36,-121,38", "zoom": "8"},
    "find_stations": {"lat": "37.2615", "lon": "-121.9577"},
}


def openapi(app: Flask) -> dict[str, Any]:
    """The OpenAPI document as a client reads it."""
    read: dict[str, Any] = orjson.loads(document_text(app))
    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation and a request for it that goes well."""

    method: str
    route: str
    name: str
    parameters: tuple[Mapping[str, Any], ...]
    statuses: frozenset[int]
    schemes: frozenset[str]
    body_schema: Mapping[str, Any] | None
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)

    def taking(self, place: str, *kinds: str) -> Iterator[str]:
        """Names of the parameters of this place and these JSON types; of a list the type of its items."""
        for parameter in self.parameters:
            schema = parameter["schema"].get("items", parameter["schema"])
            if parameter["in"] == place and (not kinds or schema.get("type") in kinds):
                yield parameter["name"]

    def schema_of(self, name: str) -> Mapping[str, Any]:
        [found] = [p["schema"] for p in self.parameters if p["name"] == name]
        return dict(found.get("items", found))

    def asking(self, **query: Any) -> "Operation":
        return replace(self, query={**self.query, **query})

    def at(self, **path: str) -> "Operation":
        return replace(self, path={**self.path, **path})

    def saying(self, body: Any) -> "Operation":
        return replace(self, body=body)

    def send(self, caller: Conversation, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        if self.body is not None and "data" not in more:
            more["json"] = self.body
        path = self.route.format(**self.path)
        return caller.request(self.method, path, headers=headers, query_string=dict(self.query), **more)


def operations(app: Flask, *, handle: str = "rsv_unknown", maintenance_id: str = "mnt_unknown") -> list[Operation]:
    """Every operation of the document; `handle` is a reservation of the driver's, `maintenance_id` a window."""
    document, found = openapi(app), []
    paths = {"station_id": "1:41613", "handle": handle, "maintenance_id": maintenance_id}
    for route, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, spec in methods.items():
            if method != "parameters":
                found.append(_operation(document, method, route, {**spec, "parameters": _all(spec, shared)}, paths))
    return found


def _all(spec: Mapping[str, Any], shared: list[Any]) -> list[Any]:
    return [*shared, *spec.get("parameters", [])]


def _operation(document: Any, method: str, route: str, spec: Mapping[str, Any], paths: Mapping[str, str]) -> Operation:
    content = spec.get("requestBody", {}).get("content", {}).get("application/json", {})
    taken = {p["name"] for p in spec["parameters"] if p["in"] == "path"}
    return Operation(
        method=method.upper(),
        route=route,
        name=spec["operationId"],
        parameters=tuple(spec["parameters"]),
        statuses=frozenset(int(status) for status in spec["responses"]),
        schemes=frozenset(name for scheme in spec["security"] for name in scheme),
        body_schema=_resolved(document, content.get("schema")),
        body=_now(content.get("example")),
        path={name: value for name, value in paths.items() if name in taken},
        query=OWN.get(spec["operationId"], {}),
    )


def _now(example: Any) -> Any:
    """The example with a start that lies ahead of the tests' clock, and an end as long after it."""
    changed = deepcopy(example)
    if changed and "start" in changed:
        ahead = datetime.fromisoformat(START) - datetime.fromisoformat(changed["start"])
        if "end" in changed:
            changed["end"] = moment_text(datetime.fromisoformat(changed["end"]) + ahead)
        changed["start"] = START
    return changed


def _resolved(document: Any, schema: Any) -> Any:
    """A schema with its references put in."""
    if isinstance(schema, list):
        return [_resolved(document, part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _resolved(document, target)
    return {name: _resolved(document, part) for name, part in schema.items()}


class Callers:
    """The callers that the document's security schemes stand for."""

    def __init__(self, app: Flask) -> None:
        self.client = Conversation(app)
        self.operator = self.client.as_operator()
        self.driver = self.client.as_driver()

    def may(self, operation: Operation) -> Conversation:
        """One that the operation lets in."""
        if operation.schemes == {"DriverToken"}:
            return self.driver
        return self.client if "DriverToken" in operation.schemes else self.operator
