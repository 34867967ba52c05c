"""Reservations against the book, step by step, whatever drivers, clock, sweepers, owner, ports and faults do.

The same examples every time, in parts that several processes share. The soak, `pytest tests/model -n 2
--hypothesis-profile=soak`, does 5,000 of 60 steps on each database, others every time, and says how far it is.
"""

from random import SystemRandom

import pytest
from hypothesis import settings

from tests.model.runs import AT_ONCE, run

EXAMPLES, STEPS = 300, 40
SOAK_EXAMPLES, SOAK_STEPS = 5000, 60
PARTS = 10


@pytest.mark.parametrize("part", range(PARTS))
def test_the_desk_does_what_the_book_says(ground, progress, part) -> None:
    is_soak = settings.get_current_profile_name() == "soak"
    examples, steps = (SOAK_EXAMPLES, SOAK_STEPS) if is_soak else (EXAMPLES, STEPS)
    each = examples // PARTS
    first_seed = SystemRandom().randrange(2**32) if is_soak else part * each // AT_ONCE

    run(ground, examples=each, steps=steps, first_seed=first_seed, done=progress)

    assert ground.begun >= each
