"""The catalogue: merged all or nothing, the same again changes nothing, and little is removed without being forced."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from finder.catalogue import ShrinksTooMuch, StationCatalogue, StationOfAnotherSource, UnknownPort, UnknownStation
from finder.catalogue import port_numbered as port_of
from finder.domain.station import Network, Station
from finder.imports.account import Merge
from kernel.clock import FixedClock
from kernel.database import Database
from tests.builders import a_port, a_station
from tests.conftest import NOW

TWENTY = tuple(a_station(f"7:{number}") for number in range(1, 21))


@pytest.fixture
def catalogue(database: Database, clock: FixedClock) -> StationCatalogue:
    return StationCatalogue(database, clock)


def merge(catalogue: StationCatalogue, *stations: Station, complete: bool = False, force: bool = False) -> Merge:
    return catalogue.merge(iter(stations), source="test", complete=complete, force=force)


def everything(database: Database) -> list[list[tuple[object, ...]]]:
    """All that the catalogue has written, the change log too."""
    tables = ("networks", "stations", "ports", "station_changes")
    with database.reading() as session:
        return [sorted(map(tuple, session.execute(text(f"SELECT * FROM {table}"))), key=repr) for table in tables]


def ids(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(text("SELECT station_id FROM stations WHERE removed_at IS NULL")))


def test_the_same_again_changes_nothing_at_all(catalogue, database, clock) -> None:
    assert merge(catalogue, *TWENTY) == Merge(added=20, changed=0, unchanged=0)
    before = everything(database)

    clock.advance(days=1)

    assert merge(catalogue, *reversed(TWENTY)) == Merge(added=0, changed=0, unchanged=20)
    assert everything(database) == before


def test_a_change_is_counted_and_moves_the_time_of_that_station_only(catalogue, clock) -> None:
    merge(catalogue, *TWENTY)
    clock.advance(days=1)

    done = merge(catalogue, *TWENTY[1:], replace(TWENTY[0], phone="555"))

    assert done == Merge(added=0, changed=1, unchanged=19)
    assert updated(catalogue, "7:1", "7:2") == [NOW + timedelta(days=1), NOW]


def updated(catalogue: StationCatalogue, *station_ids: str) -> list[datetime]:
    return [catalogue.listed(station_id).updated_at for station_id in station_ids]


def test_without_complete_nothing_is_removed(catalogue, database) -> None:
    merge(catalogue, *TWENTY)

    assert merge(catalogue, TWENTY[0]) == Merge(added=0, changed=0, unchanged=1)
    assert len(ids(database)) == 20


def test_with_complete_what_is_missing_is_removed_and_can_come_back(catalogue, database) -> None:
    merge(catalogue, *TWENTY)

    assert merge(catalogue, *TWENTY[:18], complete=True) == Merge(added=0, changed=0, unchanged=18, removed=2)
    assert len(ids(database)) == 18
    with pytest.raises(UnknownStation):
        catalogue.listed("7:20")

    assert merge(catalogue, *TWENTY, complete=True) == Merge(added=0, changed=2, unchanged=18)
    assert catalogue.listed("7:20").station == TWENTY[19]


def test_stations_of_another_source_are_not_missing(catalogue, database) -> None:
    catalogue.merge([a_station("8:1")], source="other", complete=True, force=False)
    merge(catalogue, *TWENTY, complete=True)

    assert "8:1" in ids(database)


@pytest.mark.parametrize("kept", [17, 1, 0])
def test_a_shrink_of_more_than_a_tenth_is_refused_and_nothing_is_changed(catalogue, database, kept) -> None:
    merge(catalogue, *TWENTY)
    before = everything(database)

    with pytest.raises(ShrinksTooMuch):
        merge(catalogue, a_station("7:99"), *(replace(one, phone="555") for one in TWENTY[:kept]), complete=True)

    assert everything(database) == before


def test_a_shrink_of_more_than_a_tenth_can_be_forced(catalogue, database) -> None:
    merge(catalogue, *TWENTY)

    assert merge(catalogue, TWENTY[0], complete=True, force=True).removed == 19
    assert ids(database) == {"7:1"}


def torn(number: int) -> Iterator[Station]:
    """Stations that end in a fault, as a file that is cut off does."""
    for one in range(number):
        yield a_station(f"7:{one}", name="New")
    raise EOFError


@pytest.mark.parametrize("number", [0, 1, 600])
def test_a_fault_midway_leaves_nothing(catalogue, database, number) -> None:
    merge(catalogue, *TWENTY)
    before = everything(database)

    with pytest.raises(EOFError):
        catalogue.merge(torn(number), source="test", complete=True, force=True)

    assert everything(database) == before


def test_nobody_is_told_of_what_did_not_happen(database, clock) -> None:
    told: list[str] = []
    catalogue = StationCatalogue(database, clock, changed=lambda: told.append("changed"))
    with pytest.raises(EOFError):
        catalogue.merge(torn(3), source="test", complete=False, force=False)
    assert told == []

    merge(catalogue, *TWENTY)

    assert told == ["changed"]


def test_a_station_of_another_source_is_left_alone(catalogue, database) -> None:
    merge(catalogue, *TWENTY)
    before = everything(database)

    with pytest.raises(StationOfAnotherSource):
        catalogue.merge([a_station("8:1"), a_station("7:1", name="Mine")], source="other", complete=False, force=False)

    assert everything(database) == before


def test_a_port_that_vanishes_is_kept_as_removed_and_comes_back_as_itself(catalogue, database) -> None:
    both = a_station("7:1", ports=(a_port(1), a_port(2)))
    merge(catalogue, both)
    first = [port.port_id for port in catalogue.listed("7:1").ports]

    merge(catalogue, replace(both, ports=(a_port(2),)))
    with pytest.raises(UnknownPort):
        port_of(catalogue.listed("7:1"), 1)
    assert flags(database) == {first[0]: True, first[1]: False}

    merge(catalogue, both)
    assert [port.port_id for port in catalogue.listed("7:1").ports] == first


def flags(database: Database) -> dict[int, bool]:
    with database.reading() as session:
        rows = session.execute(text("SELECT id, removed FROM ports"))
        return {row[0]: bool(row[1]) for row in rows}


def test_what_the_owner_said_of_reserving_outlives_imports(catalogue) -> None:
    merge(catalogue, TWENTY[0])
    catalogue.set_reservable("7:1", reservable=True)

    merge(catalogue, replace(TWENTY[0], phone="555"))

    found = catalogue.listed("7:1").station
    assert (found.phone, found.reservable, found.ports[0].reservable) == ("555", True, True)


def test_every_part_of_a_station_comes_back_as_it_was(catalogue) -> None:
    whole = a_station("7:1", description="Ünder the brîdge", ports=(a_port(1), a_port(2, power_kw=None, level=None)))

    merge(catalogue, whole)

    assert catalogue.listed("7:1").station == whole


def test_a_network_that_nobody_announced_is_named_after_its_first_owner(catalogue) -> None:
    catalogue.add_networks([Network(8, "EIGHT")])

    merge(catalogue, TWENTY[0], a_station("8:1"), a_station("9:1", organization=None))

    assert [(one.network_id, one.name) for one in catalogue.networks()] == [
        (7, "CORNERS"),
        (8, "EIGHT"),
        (9, "Network 9"),
    ]
