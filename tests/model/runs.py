"""Examples of the machine, so many and so long, each different from the others."""

from collections.abc import Callable, Iterator

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test

from tests.model.machine import ReservationMachine

_AT_ONCE = 10
"""After its first ten examples Hypothesis fills up with copies that differ in a step or two; we begin anew instead."""


def run(machine: Callable[[], ReservationMachine], *, examples: int, steps: int, first_seed: int = 0) -> None:
    """The same examples for the same seed. One that fails is made smaller and told with its steps."""
    for number, length in enumerate(_lengths(examples, steps)):
        seed(first_seed + number)(get_state_machine_test(machine, settings=length))()


def hunt(machine: Callable[[], ReservationMachine], *, examples: int, steps: int) -> str | None:
    """What the first example that fails says; None where none does. Found is enough: nothing is made smaller."""
    for number, length in enumerate(_lengths(examples, steps)):
        only = settings(length, phases=[Phase.generate], report_multiple_bugs=False)
        try:
            seed(number)(get_state_machine_test(machine, settings=only))()
        except AssertionError as found:
            return repr(found)
    return None


def _lengths(examples: int, steps: int) -> Iterator[settings]:
    while examples > 0:
        yield settings(
            max_examples=min(examples, _AT_ONCE),
            stateful_step_count=steps,
            derandomize=False,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        examples -= _AT_ONCE
