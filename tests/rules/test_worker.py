"""The background worker: a job that fails or takes long holds up no other."""

import signal
import threading
from collections.abc import Iterator

import pytest

from kernel.worker import Job, run_until_stopped


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGTERM, signal.SIGINT)}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


def _until_the_third(turns: list[int]) -> Job:
    """A job that stops the worker at its third turn."""

    def work() -> int:
        turns.append(len(turns))
        if len(turns) == 3:
            signal.raise_signal(signal.SIGTERM)
        return 0

    return Job("short", 0, work)


def test_a_job_that_fails_is_done_again_and_holds_up_no_other() -> None:
    turns: list[int] = []

    run_until_stopped([Job("fails", 0, lambda: turns[len(turns) + 1]), _until_the_third(turns)])

    assert turns == [0, 1, 2]


@pytest.mark.parametrize(("apart", "begun_and_others"), [(True, (1, 3)), (False, (1, 1))])
def test_a_long_job_is_begun_once_and_holds_up_others_unless_it_is_apart(apart, begun_and_others) -> None:
    free, begun, turns = threading.Event(), [], []

    def long() -> int:
        begun.append(1)
        free.wait(0.5 if not apart else 10)
        if not apart:
            signal.raise_signal(signal.SIGTERM)
        return 0

    run_until_stopped([Job("short", 0, _until_the_third(turns).work), Job("long", 0, long, apart=apart)])

    assert (len(begun), len(turns)) == begun_and_others
    free.set()
