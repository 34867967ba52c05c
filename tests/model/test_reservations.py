"""Reservations against the book, step by step, whatever drivers, clock, sweeper, owner and faults do."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.fronts import AtTheDesk, Front, OverHttp
from tests.model.ground import Ground
from tests.model.machine import ReservationMachine


def run(ground: Ground, front: Front, *, suite: int, soak: int) -> None:
    """So many examples of 40 steps in the suite, of 60 in the soak; each is printed with its steps where it fails."""
    is_soak = settings.get_current_profile_name() == "soak"
    length = settings(max_examples=soak if is_soak else suite, stateful_step_count=60 if is_soak else 40)
    run_state_machine_as_test(lambda: ReservationMachine(ground, front), settings=length)


def test_the_desk_does_what_the_book_says(ground) -> None:
    run(ground, AtTheDesk(ground), suite=130, soak=4500)


def test_the_api_does_what_the_book_says(ground, own_cache) -> None:
    run(ground, OverHttp(ground, own_cache), suite=20, soak=500)
