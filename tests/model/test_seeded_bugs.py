"""Bugs put in on purpose: the machine finds every one of them within a bounded number of examples."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.fronts import AtTheDesk
from tests.model.ground import Ground
from tests.model.machine import ReservationMachine
from tests.model.seeded_bugs import BUGS, seeded

MOST_EXAMPLES = 100
# Found is enough: nothing is made smaller, and the same examples are tried each time.
HUNT = settings(
    max_examples=MOST_EXAMPLES,
    stateful_step_count=40,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def hunt(ground: Ground) -> str | None:
    """What the machine found, None where it found nothing."""
    try:
        run_state_machine_as_test(lambda: ReservationMachine(ground, AtTheDesk(ground)), settings=HUNT)
    except AssertionError as found:
        return str(found) or "an assertion"
    return None


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_put_in_is_found(ground, name) -> None:
    with seeded(ground, BUGS[name]):
        assert hunt(ground), f"THE CONTROL FAILED: {MOST_EXAMPLES} examples without finding {name}"
