"""How far the machine goes: `suite` by default, `soak` with `pytest tests/model -n 2 --hypothesis-profile=soak`."""

from tests.rules.conftest import pytest_configure

__all__ = ["pytest_configure"]  # the profiles are the same as those of the rules
