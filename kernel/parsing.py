"""Strict parsing: what is unknown, given twice or malformed is refused at its pointer, in a query as in a body."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson
from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from kernel.errors import InvalidBody, InvalidRequest


class StrictParser(FlaskParser):
    """Refuses what is unknown, given twice or malformed: 400 in query, path and headers, 422 in a body."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE, "json": None, "headers": None}  # noqa: RUF012

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The parameters, each with one value or all; not a dict, so that a field sees that it is not in a body."""
        given, lists = without_key(req.args).to_dict(flat=False), _lists(schema)
        twice = [name for name, values in given.items() if len(values) > 1 and name not in lists]
        if twice:
            raise ValidationError({name: ["Given more than once."] for name in twice})
        return MappingProxyType({name: values if name in lists else values[0] for name, values in given.items()})

    def _raw_load_json(self, req: Request) -> Any:
        if req.mimetype != "application/json":
            raise UnsupportedMediaType("The body must be application/json.")
        try:
            return orjson.loads(req.get_data(cache=True))
        except orjson.JSONDecodeError as error:
            raise BadRequest("The body is not valid JSON.") from error

    def handle_error(self, error: ValidationError, req: Any, schema: Any, **_: Any) -> Any:
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        location, faults = next(iter(messages.items()))
        in_body = location == "json"
        refusal = InvalidBody if in_body else InvalidRequest
        raise refusal(errors=_faults(faults, "/" if in_body else "")) from error


@lru_cache(maxsize=256)
def _lists(schema: Schema) -> frozenset[str]:
    """The parameters that may be repeated."""
    return frozenset(name for name, field in schema.load_fields.items() if isinstance(field, fields.List))


def without_key(query: MultiDict[str, str]) -> MultiDict[str, str]:
    """The parameters of the call itself: a publishable key may travel beside them."""
    if not query.get("key", "").startswith("pk_"):
        return query
    return MultiDict((name, value) for name, value in query.items(multi=True) if name != "key")


def _faults(messages: Any, path: str) -> list[dict[str, str]]:
    """Marshmallow's nested messages as a flat list of `{pointer, detail}`."""
    if isinstance(messages, Mapping):
        joined = path if path in ("", "/") else f"{path}/"
        return [fault for key, inner in messages.items() for fault in _faults(inner, f"{joined}{key}")]
    if isinstance(messages, list):
        return [fault for inner in messages for fault in _faults(inner, path)]
    return [{"pointer": path.removesuffix("/_schema").removesuffix("_schema") or "/", "detail": str(messages)}]
