"""The import contract of pyproject.toml is kept, and it knows every package."""

import os
import subprocess
import sys
import tomllib

from tests.house.source import PACKAGES, ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
NO_PRODUCT = {"bench", "faults", "migrations", "tests", "var"}


def test_the_import_contract_is_kept() -> None:
    command = [sys.executable, "-c", LINT, "--no-logo", "--no-cache"]

    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_the_contract_knows_every_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NO_PRODUCT

    assert set(settings["root_packages"]) == there
    assert there <= set(PACKAGES)
