"""Reservations against the reference, step by step, whatever drivers, clock, sweeper, owner and faults do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from app import create_app
from kernel.clock import FixedClock
from kernel.settings import read_settings
from tests.conftest import close
from tests.model.fronts import AtTheDesk
from tests.model.ground import BEGINNING, Ground
from tests.model.machine import ReservationMachine

@pytest.fixture
def ground(guide_url, cache_server, tmp_path):
    environ = {
        "PORTSIDE_DATABASE_URL": guide_url,
        "PORTSIDE_REDIS_URL": cache_server.url,
        "PORTSIDE_VAR": str(tmp_path),
    }
    clock = FixedClock(BEGINNING)
    app = create_app(read_settings(environ), clock=clock)
    yield Ground(app, clock)
    close(app)

def test_the_desk_does_what_the_book_says(ground) -> None:
    run_state_machine_as_test(lambda: ReservationMachine(ground, AtTheDesk(ground)), settings=settings(max_examples=50, stateful_step_count=40, deadline=None))
