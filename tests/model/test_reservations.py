"""Reservations against the book, step by step, whatever drivers, clock, sweepers, owner, ports and faults do."""

from random import SystemRandom

from hypothesis import settings

from tests.model.fronts import AtTheDesk, Front, OverHttp
from tests.model.ground import Ground
from tests.model.machine import ReservationMachine
from tests.model.runs import run


def compare(ground: Ground, front: Front, *, suite: int, soak: int) -> None:
    """So many examples of 40 steps in the suite, always the same; of 60 in the soak, always others."""
    if settings.get_current_profile_name() == "soak":
        first_seed = SystemRandom().randrange(2**32)
        print(f"first seed {first_seed}")  # noqa: T201 - told with a failure
        run(lambda: ReservationMachine(ground, front), examples=soak, steps=60, first_seed=first_seed)
        return
    run(lambda: ReservationMachine(ground, front), examples=suite, steps=40)


def test_the_desk_does_what_the_book_says(ground) -> None:
    compare(ground, AtTheDesk(ground), suite=130, soak=4500)


def test_the_api_does_what_the_book_says(ground, own_cache) -> None:
    compare(ground, OverHttp(ground, own_cache), suite=20, soak=500)
