"""Examples of the machine, so many and so long, each different from the others."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import get_state_machine_test

from tests.model.ground import Ground
from tests.model.machine import ReservationMachine

AT_ONCE = 10
"""After its first ten examples Hypothesis fills up with copies that differ in a step or two; we begin anew instead."""


def run(ground: Ground, *, examples: int, steps: int, first_seed: int, done: Callable[[int], None]) -> None:
    """The same examples for the same seed. One that fails is made smaller and told with its steps.

    `done` is told now and then how many there were.
    """
    begun = ground.begun
    for number, length in enumerate(_lengths(examples, steps)):
        _once(ground, first_seed + number, length)
        done(ground.begun - begun)


def hunt(ground: Ground, *, examples: int, steps: int, first_seed: int = 0) -> tuple[int, str] | None:
    """After how many examples one failed, and what it said; None where none does. Nothing is made smaller."""
    begun = ground.begun
    for number, length in enumerate(_lengths(examples, steps)):
        only = settings(length, phases=[Phase.generate], report_multiple_bugs=False)
        try:
            _once(ground, first_seed + number, only)
        except HypothesisException:
            raise
        except Exception as found:  # whatever it is: the product says it where it should have said nothing
            repeated = 1  # Hypothesis shows the example that failed once more
            return ground.begun - begun - repeated, repr(found)
    return None


def _once(ground: Ground, number: int, length: settings) -> None:
    machine: Any = partial(ReservationMachine, ground)
    test: Callable[[], None] = get_state_machine_test(machine, settings=length)
    seed(number)(test)()


def _lengths(examples: int, steps: int) -> Iterator[settings]:
    while examples > 0:
        yield settings(
            max_examples=min(examples, AT_ONCE),
            stateful_step_count=steps,
            derandomize=False,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        examples -= AT_ONCE
