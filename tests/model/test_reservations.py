"""Reservations against the book, step by step, whatever drivers, clock, sweepers, owner, ports and faults do.

The same examples every time, and few: each costs a fifth of a second or more. `./dev faults bugs` does 300, and the
soak, `pytest tests/model -n 2 --hypothesis-profile=soak`, 5,000 of 60 steps on each database, others every time.
"""

from random import SystemRandom

from hypothesis import settings

from tests.model.runs import run

EXAMPLES, STEPS = {"sqlite": 60, "postgresql": 30}, 40
SOAK_EXAMPLES, SOAK_STEPS = 5000, 60


def test_the_desk_does_what_the_book_says(ground) -> None:
    is_soak = settings.get_current_profile_name() == "soak"
    examples = SOAK_EXAMPLES if is_soak else EXAMPLES[ground.database.engine.dialect.name]
    first_seed = SystemRandom().randrange(2**32) if is_soak else 0

    run(ground, examples=examples, steps=SOAK_STEPS if is_soak else STEPS, first_seed=first_seed)

    assert ground.begun >= examples
