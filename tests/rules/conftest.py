"""How far the properties look: `suite` by default, `soak` with `pytest tests/rules --hypothesis-profile=soak`."""

import pytest
from hypothesis import HealthCheck, settings

_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}  # a busy machine is no fault
settings.register_profile("suite", derandomize=True, **_PATIENT)  # a run repeats
settings.register_profile("soak", max_examples=10_000, derandomize=False, **_PATIENT)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("hypothesis_profile", None) is None:
        settings.load_profile("suite")
