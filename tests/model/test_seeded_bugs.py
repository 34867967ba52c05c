"""Bugs put in on purpose: the machine finds every one of them within a bounded number of examples."""

import pytest

from tests.model.fronts import AtTheDesk
from tests.model.machine import ReservationMachine
from tests.model.runs import hunt
from tests.model.seeded_bugs import BUGS, seeded

MOST_EXAMPLES = 100


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)  # a bug in the desk is one on both databases
@pytest.mark.parametrize("name", BUGS)
def test_a_bug_put_in_is_found(ground, name) -> None:
    with seeded(ground, BUGS[name]):
        found = hunt(lambda: ReservationMachine(ground, AtTheDesk(ground)), examples=MOST_EXAMPLES, steps=40)

    assert found, f"THE CONTROL FAILED: {MOST_EXAMPLES} examples without finding {name}"


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_where_no_bug_was_put_in_none_is_found(ground) -> None:
    assert hunt(lambda: ReservationMachine(ground, AtTheDesk(ground)), examples=5, steps=40) is None
