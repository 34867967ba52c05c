"""The API's grammar: resources with documented errors, and the OpenAPI document they make."""

from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, request
from flask.blueprints import BlueprintSetupState
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields
from werkzeug.exceptions import BadRequest

from kernel.bodies import refuse_large_body
from kernel.caching import DOCUMENTED
from kernel.degraded import DEGRADED_DOC, HEADER
from kernel.errors import InvalidRequest
from kernel.idempotency import KEY_DOC
from kernel.paging import next_link
from kernel.parsing import StrictParser, without_key

PROBLEM_TYPE = "application/problem+json"
View = TypeVar("View", bound=Callable[..., Any])
_STATUS_NAMES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    410: "GONE",
    412: "PRECONDITION_FAILED",
    413: "CONTENT_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "UNPROCESSABLE_CONTENT",
    429: "TOO_MANY_REQUESTS",
    503: "SERVICE_UNAVAILABLE",
}


NEXT_PAGE = {
    "Link": {
        "schema": {"type": "string"},
        "description": 'The next page, rel="next"; absent on the last one (RFC 8288)',
    }
}


class FaultSchema(Schema):
    """One fault in a request."""

    pointer = fields.String(required=True, metadata={"description": "Where: a JSON pointer or a parameter's name"})
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """An RFC 9457 problem."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable, for programs"})
    response_code = fields.String(
        required=True, allow_none=True, metadata={"description": "Number of section 4 of the 4.1 guide"}
    )
    errors = fields.List(fields.Nested(FaultSchema), required=True)
    request_id = fields.String(required=True, allow_none=True)


class Resource(Blueprint):
    """A blueprint of the API: strict arguments, an operationId from the view's name, documented errors."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, **kwargs: Any) -> None:
        super().__init__(name, import_name, **kwargs)
        self._prepare_doc_cbks.append(_operation_doc)
        self.before_request(refuse_large_body)
        self.before_request(_refuse_what_nobody_takes)

    def query(self, schema: type[Schema]) -> Callable[[View], View]:
        """The view's query parameters; a view without any refuses all.

        One instance serves all requests: making one copies every field, which took a seventh of a search.
        """
        parsing = self.arguments(schema(), location="query", error_status_code=400)

        def taking(view: View) -> View:
            taker = parsing(view)
            taker.takes_query = True
            return taker  # type: ignore[no-any-return]

        return taking

    def body(self, schema: type[Schema], example: Mapping[str, Any] | None = None) -> Callable[[View], View]:
        """The view's JSON body; one instance of the schema serves all requests."""
        return self.arguments(schema(), location="json", error_status_code=422, example=example)  # type: ignore[no-any-return]

    def problem(self, name: str, schema: type[Schema]) -> dict[str, str]:
        """A problem that tells more than others, as a documented response that operations refer to."""

        def document(state: BlueprintSetupState) -> None:
            response = {"description": _described(name), "content": {PROBLEM_TYPE: {"schema": schema}}}
            api: ProblemApi = state.app.extensions["portside-api"]
            api.later(partial(api.spec.components.response, name, response))

        self.record(document)
        return {"$ref": f"#/components/responses/{name}"}

    def register_views_in_doc(self, api: "ProblemApi", *where: Any, **named: Any) -> None:
        """Only when the document is asked for: most processes never show it, and it takes longer than all the rest."""
        api.later(partial(super().register_views_in_doc, api, *where, **named))

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method in options.get("methods", ("GET",)):
            doc = self._docs[endpoint][method.lower()]
            doc["operation_id"] = endpoint
            doc["guard"] = getattr(obj, "guard", None)
            doc["idempotent"] = getattr(obj, "honours_idempotency_key", False)


def link_to_next(cursor: str | None) -> dict[str, str]:
    """The header that leads to the next page of the list that is being answered, where there is one."""
    return {"Link": next_link(request.path, request.args.to_dict(flat=False), cursor)} if cursor else {}


def _described(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _refuse_what_nobody_takes() -> None:
    """Refuse, before any view: text that is not UTF-8, and a query where none is taken."""
    if not request.query_string:
        return
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The query is not UTF-8.") from error
    if not getattr(current_app.view_functions[request.endpoint or ""], "takes_query", False):
        unknown = list(without_key(request.args))
        if unknown:
            raise InvalidRequest(errors=[{"pointer": name, "detail": "Unknown field."} for name in unknown])


def _operation_doc(doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """What every operation of the API can answer besides its own success."""
    statuses = [400, 401, 403, 404, 429, 503]
    if method != "get":
        statuses += [409, 413, 415, 422]
    if method in ("put", "patch", "delete"):
        statuses.append(412)
    known = doc.setdefault("responses", {})
    for status in sorted(statuses):
        known[status] = {"$ref": f"#/components/responses/{_STATUS_NAMES[status]}"}
    if method == "get":
        for answered in {"200", 200} & known.keys():
            known[answered].setdefault("headers", {}).update({HEADER: DEGRADED_DOC, **DOCUMENTED})
        known[304] = {"description": "The caller has this answer already: If-None-Match named its ETag"}
    if doc_info["idempotent"]:
        doc.setdefault("parameters", []).append(KEY_DOC)
    doc["operationId"] = doc_info["operation_id"]
    if doc_info["guard"] is not None:
        doc["security"] = doc_info["guard"]
    return doc


class ProblemApi(Api):
    """flask-smorest's Api whose errors are documented, and given, as problems."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._owed: list[Callable[[], object]] = []
        self._one_at_a_time = Lock()
        super().__init__(app)

    def later(self, add: Callable[[], object]) -> None:
        """Add something to the document when it is asked for."""
        self._owed.append(add)

    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        with self._one_at_a_time:
            while self._owed:
                self._owed[0]()
                del self._owed[0]
            made: dict[str, Any] = self.spec.to_dict()
            return made

    def _register_error_handlers(self) -> None:
        """Errors are turned into HTTP in `kernel.problems`."""

    def _register_responses(self) -> None:
        for status, name in _STATUS_NAMES.items():
            content = {PROBLEM_TYPE: {"schema": ProblemSchema}}
            headers = {"Retry-After": {"schema": {"type": "string"}}} if status in (429, 503) else {}
            self.spec.components.response(
                name,
                {"description": _described(name), "content": content, "headers": headers},
            )
