"""Reservations against the book, step by step, whatever drivers, clock, sweepers, owner, ports and faults do.

The same examples every time; the soak, `pytest tests/model -n 2 --hypothesis-profile=soak`, goes further and elsewhere.
"""

from random import SystemRandom

from hypothesis import settings

from tests.model.runs import run

EXAMPLES, STEPS = {"sqlite": 200, "postgresql": 100}, 40
SOAK_EXAMPLES, SOAK_STEPS = 5000, 60


def test_the_desk_does_what_the_book_says(ground) -> None:
    is_soak = settings.get_current_profile_name() == "soak"
    examples = SOAK_EXAMPLES if is_soak else EXAMPLES[ground.database.engine.dialect.name]
    first_seed = SystemRandom().randrange(2**32) if is_soak else 0

    run(ground, examples=examples, steps=SOAK_STEPS if is_soak else STEPS, first_seed=first_seed)

    assert ground.begun >= examples
