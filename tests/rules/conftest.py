"""How far the properties look: `suite` by default, `soak` with `pytest tests/rules --hypothesis-profile=soak`."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("suite", deadline=None, derandomize=True)  # a busy machine is no fault, and a run repeats
settings.register_profile(
    "soak", deadline=None, max_examples=10_000, derandomize=False, suppress_health_check=[HealthCheck.too_slow]
)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("hypothesis_profile", None) is None:
        settings.load_profile("suite")
