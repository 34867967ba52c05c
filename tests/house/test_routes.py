"""Every route has its guard, every change honours an idempotency key, and decorators read the same everywhere."""

import ast
import inspect
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app import create_app
from kernel.settings import read_settings
from tests.house.source import ROOT, functions, name_of, tree_of

OF_PASSWORDS = {"/v1/login", "/v1/me/password"}  # nothing of what they are told or answer may be kept
ORDER = ("route", "guard", "idempotent", "arguments", "response", "doc")
KINDS = {
    **dict.fromkeys(("client_may", "operator_only", "driver_only"), "guard"),
    **dict.fromkeys(("query", "body", "arguments"), "arguments"),
    **{name: name for name in ("route", "idempotent", "response", "doc")},
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(read_settings({"PORTSIDE_VAR": str(tmp_path_factory.mktemp("var"))}))


def _routes(app: Flask) -> Iterator[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")]
    assert len(found) > 15
    yield from found


def test_every_route_says_whom_it_lets_in(app: Flask) -> None:
    unguarded = [rule.rule for rule in _routes(app) if not getattr(app.view_functions[rule.endpoint], "guard", None)]

    assert unguarded == []


def test_no_view_and_no_hook_is_a_coroutine(app: Flask) -> None:
    """The application does not look for them (`kernel/application.py`)."""
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    called = [hook for of_blueprint in hooks for some in of_blueprint.values() for hook in some]
    called += [*app.view_functions.values(), *app.teardown_appcontext_funcs]
    called += [
        handler for codes in app.error_handler_spec.values() for some in codes.values() for handler in some.values()
    ]

    assert len(called) > 50
    assert [one for one in called if inspect.iscoroutinefunction(one)] == []


def test_every_change_honours_an_idempotency_key(app: Flask) -> None:
    changing = [rule for rule in _routes(app) if (rule.methods or set()) & {"POST"} and rule.rule not in OF_PASSWORDS]

    without = [
        r.rule for r in changing if not getattr(app.view_functions[r.endpoint], "honours_idempotency_key", False)
    ]

    assert without == []


def test_decorators_stand_in_the_same_order() -> None:
    for path in sorted(ROOT.glob("*/routes.py")):
        for view in functions(tree_of(path)):
            kinds = [_kind(decorator) for decorator in view.decorator_list]
            if "route" in kinds and "guard" in kinds:
                assert None not in kinds, f"{name_of(path)}: {view.name}"
                ranks = [ORDER.index(str(kind)) for kind in kinds]
                assert ranks == sorted(set(ranks)), f"{name_of(path)}: {view.name}"
                assert "response" in kinds, f"{name_of(path)}: {view.name}"


def _kind(decorator: ast.expr) -> str | None:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return KINDS.get(name)


def test_only_what_anybody_may_see_stands_outside_of_the_api(app: Flask) -> None:
    outside = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(("/v1/", "/docs", "/map/"))}

    assert outside == {"/", "/healthz", "/readyz", "/metrics", "/openapi.json"}
