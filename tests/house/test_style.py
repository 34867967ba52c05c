"""The house rules that a machine can read: sizes, docstrings, and where SQL may stand."""

import ast

from tests.house.source import ROOT, functions, modules, name_of, tree_of

LONGEST_MODULE = 250
LONGEST_FUNCTION = 25  # lines without the docstring
ONE_LINE_A_FIELD = {
    "accounts/clients.py:create",
    "demo/guide_stations.py:_american",
    "demo/network.py:_station",
    "finder/domain/guide_columns.py:cells",
    "finder/records.py:station_values",
    "kernel/serving.py:serve",
}  # no longer than the record they fill in or the arguments they take
DRAWERS = {"utils", "util", "helpers", "common", "manager", "misc", "data"}
SQL_MAKERS = {"select", "insert", "update", "delete", "text", "tuple_", "func", "exists", "literal", "union"}


def test_no_module_is_longer_than_it_can_be_read() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in modules()}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_it_can_be_read() -> None:
    lengths = {
        f"{name_of(path)}:{function.name}": _length(function)
        for path in modules()
        for function in functions(tree_of(path))
    }

    assert {name for name, length in lengths.items() if length > LONGEST_FUNCTION} == ONE_LINE_A_FIELD
    assert max(lengths.values()) <= 31


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    said = ast.get_docstring(function, clean=False)
    return (function.end_lineno or 0) - function.lineno + 1 - (said.count("\n") + 1 if said else 0)


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in modules() if not ast.get_docstring(tree_of(path))]

    assert silent == []


def test_there_are_no_drawers() -> None:
    assert [name_of(path) for path in modules() if path.stem in DRAWERS] == []


def test_sql_stands_in_stores_and_tables_only() -> None:
    elsewhere = [path for path in modules() if not _may_hold_sql(name_of(path))]

    assert [f"{name_of(path)}: {sorted(made)}" for path in elsewhere if (made := _sql_made(tree_of(path)))] == []


def _may_hold_sql(name: str) -> bool:
    return name.startswith("kernel/") or name.endswith(("store.py", "tables.py"))


def _sql_made(tree: ast.Module) -> set[str]:
    """Statement makers of SQLAlchemy that the module imports, and modules of it that hold them all."""
    made: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy":
            made |= {alias.name for alias in node.names} & (SQL_MAKERS | {"sql", "dialects"})
        if isinstance(node, ast.Import):
            made |= {alias.name for alias in node.names if alias.name.partition(".")[0] == "sqlalchemy"}
        if isinstance(node, ast.Attribute) and node.attr == "exec_driver_sql":
            made.add(node.attr)
    return made


def test_the_control_sql_outside_of_a_store_is_found() -> None:
    assert _sql_made(ast.parse("from sqlalchemy import select, Text\nfrom sqlalchemy.orm import Session")) == {"select"}
    assert _sql_made(tree_of(ROOT / "finder" / "store.py"))
