"""The API's documentation: the OpenAPI document at /openapi.json, and pages for people at /docs, all from here."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import orjson
from flask import Blueprint, Flask, Response, render_template_string, send_from_directory

from kernel.api import ProblemApi
from kernel.errors import Refusal
from kernel.fields import DecimalText, Flag, Moment, Number, Text, Whole, WholeParameter

_SWAGGER = Path(str(files("flask_swagger_ui"))) / "dist"
_PAGES = Path(__file__).resolve().parent.parent / "openapi"
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

docs = Blueprint("docs", __name__)


def document_api(app: Flask) -> ProblemApi:
    """The API extension, whose blueprints make the document; registered before them."""
    app.config.update(
        API_TITLE="Portside",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": "Find an EV charging station, see if a port is free, know the price, reserve it."},
            "components": {"securitySchemes": _SECURITY},
        },
    )
    api = ProblemApi(app)
    for field, kind, form in (
        (DecimalText, "string", "decimal"),
        (Moment, "string", "date-time"),
        (Text, "string", None),
        (Number, "number", None),
        (Whole, "integer", None),
        (WholeParameter, "integer", None),
        (Flag, "boolean", None),
    ):
        api.register_field(field, kind, form)
    app.extensions["portside-api"] = api
    app.register_blueprint(docs)
    app.add_url_rule("/openapi.json", "openapi_json", lambda: _served(app))
    return api


_SECURITY = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "<key_id>.<secret>"},
    "BasicKey": {"type": "http", "scheme": "basic", "description": "The key id and its secret"},
    "DriverToken": {"type": "http", "scheme": "bearer", "description": "From POST /v1/login"},
}


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the app's routes."""
    api: ProblemApi = app.extensions["portside-api"]
    return api.document()


def document_text(app: Flask) -> str:
    """The document as the repository keeps it."""
    return orjson.dumps(document(app), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"


def _served(app: Flask) -> Response:
    return Response(document_text(app), mimetype="application/json")


@docs.after_request
def _bound_to_this_origin(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@docs.get("/docs")
def docs_page() -> Response:
    return send_from_directory(_PAGES, "docs.html")


@docs.get("/docs/problems")
def problems_page() -> str:
    """Every code that a problem can have; a problem's `type` points at its entry."""
    found = sorted(
        {(kind.code, kind.status, kind.response_code, _said_by(kind)) for kind in _refusals(Refusal)}, key=str
    )
    return render_template_string((_PAGES / "problems.html").read_text(), problems=found)


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _refusals(narrower)


def _said_by(kind: type[Refusal]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


@docs.get("/docs/start.js")
def docs_script() -> Response:
    return send_from_directory(_PAGES, "docs.js")


@docs.get("/docs/assets/<path:name>")
def docs_asset(name: str) -> Response:
    return send_from_directory(_SWAGGER, name, max_age=86_400)


def write_document(app: Flask, file: Path, *, check: bool) -> None:
    """Write the OpenAPI document, or only say whether the file is what the code says."""
    made = document_text(app)
    kept = file.read_text() if file.exists() else ""
    if check and made != kept:
        raise click.ClickException("openapi/openapi.json is not what the code says; run ./dev openapi")
    if not check:
        file.write_text(made)
    click.echo("openapi/openapi.json is up to date")
