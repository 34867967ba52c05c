"""Fifty drivers want one port at one moment: one gets it, and a control without lock and guard sells it twice."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from faults.guard import drop_guard
from faults.sites import Answer, Racer, Site, a_wish, add_drivers, at_once, site

RACERS = 50


@pytest.fixture
def unguarded(guide_url, cache_server, tmp_path) -> Iterator[Site]:
    with site(tmp_path / "var", guide_url, cache_server.url, fault="paired") as running:
        drop_guard(running.database)
        yield running


def race(running: Site) -> tuple[list[Answer], int]:
    """Every driver's answer to the same hold, sent by all at once; and how many holds there then are."""
    drivers = add_drivers(running.database, RACERS)

    def hold(driver: Racer, ready: Any) -> Answer:
        return running.post("/v1/reservations", a_wish(driver), token=driver.token, ready=ready)

    answers = at_once([partial(hold, driver) for driver in drivers])
    return answers, running.held_by(*drivers)


def test_of_fifty_at_once_exactly_one_gets_the_port(shipped: Site) -> None:
    answers, held = race(shipped)

    assert Counter((answer.status, answer.code) for answer in answers) == {(201, None): 1, (409, "port_taken"): 49}
    assert held == 1


def test_without_lock_and_guard_the_port_is_oversold(unguarded: Site) -> None:
    answers, held = race(unguarded)

    sold = sum(answer.status == 201 for answer in answers)
    assert sold == held
    assert sold > 1, "THE CONTROL FAILED: nothing was oversold, so the race above tests nothing"
