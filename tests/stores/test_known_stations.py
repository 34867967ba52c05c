"""Stations from memory: asked for again without being read, and never older than the last committed change."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from finder.catalogue import StationCatalogue
from finder.domain.tariff import free
from finder.index_store import latest_change
from finder.known_stations import HELD, KnownStations
from kernel.clock import FixedClock
from kernel.database import Database
from reservations.domain.policy import InvalidDuration, NotReservable
from reservations.policies import StationPolicies
from tests.statements import counted
from tests.stores.reservation_words import STATION_ID, Scene


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Scene:
    return Scene(database, clock)


@pytest.fixture
def another_process(scene: Scene) -> Iterator[Database]:
    """A way to the database that shares nothing with the desk's."""
    opened = Database(scene.database.engine.url.render_as_string(hide_password=False))
    yield opened
    opened.close()


def newest(scene: Scene) -> int:
    with scene.database.reading() as session:
        return latest_change(session)


def test_a_station_that_did_not_change_is_read_once(scene) -> None:
    first = scene.catalogue.listed_at(STATION_ID, newest(scene))

    change = newest(scene)
    with counted(scene.database) as sent:
        again = scene.catalogue.listed_at(STATION_ID, change)

    assert (again, sent) == (first, [])


def test_what_another_process_has_changed_is_so_for_the_next_hold(scene, another_process, clock) -> None:
    scene.hold(port=1)

    StationCatalogue(another_process, clock).set_reservable(STATION_ID, reservable=False)

    with pytest.raises(NotReservable):
        scene.hold(port=2)


def test_two_changes_at_the_same_moment_of_a_clock_that_stands_still_are_both_seen(
    scene, another_process, clock
) -> None:
    other, currencies = StationCatalogue(another_process, clock), []

    for currency in ("EUR", "JPY"):
        other.set_tariff(STATION_ID, free(currency))
        currencies.append(scene.hold(port=len(currencies) + 1).price.currency)

    assert currencies == ["EUR", "JPY"]


def test_a_policy_that_another_process_has_kept_is_for_the_next_hold(scene, another_process) -> None:
    scene.hold(port=1, lasts_min=60)

    StationPolicies(another_process, scene.catalogue).keep(STATION_ID, {"longest_min": 30})

    with pytest.raises(InvalidDuration):
        scene.hold(port=2, lasts_min=60)


def test_what_was_read_while_it_was_being_changed_is_read_again(scene) -> None:
    known, old = KnownStations(), scene.catalogue.listed(STATION_ID)
    new = replace(old, pk=old.pk + 1)
    known.of(STATION_ID, 7, lambda: (7, old))

    told = known.of(STATION_ID, 8, lambda: (8, new))

    assert told == new
    assert known.of(STATION_ID, 7, lambda: (7, old)) == new


def test_only_so_many_are_kept(scene) -> None:
    known, station = KnownStations(), scene.catalogue.listed(STATION_ID)

    for number in range(HELD + 1):
        known.of(str(number), 1, lambda: (1, station))

    assert len(known._held) == HELD
