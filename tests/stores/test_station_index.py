"""The station index: held against a plain walk over all stations, and kept current from the change log."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from finder.catalogue import StationCatalogue
from finder.domain.geo import HALF_AROUND_M, distance_m
from finder.domain.station import Network, Station
from finder.index import StationIndex, brought_up
from finder.index import loaded as loaded_from
from finder.indexed import PortRecord, StationRecord
from finder.question import Circle, Question, candidates
from finder.snapshot import Snapshot
from kernel.box import Box
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.errors import TemporarilyUnavailable
from tests.builders import a_station

latitudes = st.floats(-90, 90) | st.sampled_from((-90.0, 0.0, 52.0, 52.05, 52.1, 90.0))
longitudes = st.floats(-180, 180) | st.sampled_from((-180.0, -179.95, 0.0, 5.0, 5.05, 5.1, 179.95, 180.0))
points = st.tuples(latitudes, longitudes)
radii_m = st.sampled_from((0.0, 1.0, 5_000.0, 100_000.0, HALF_AROUND_M)) | st.floats(0, HALF_AROUND_M)
boxes = st.builds(
    lambda one, other: Box(one[1], min(one[0], other[0]), other[1], max(one[0], other[0])), points, points
)

FOR_EVERYONE = {"time_zone": "UTC", "access": "PUBLIC", "visibility": "EVERYONE", "reservable": False}


def record(pk: int, lat: float, lon: float, name: str = "One") -> StationRecord:
    nothing = dict.fromkeys(StationRecord._fields)
    known = {"pk": pk, "station_id": f"7:{pk}", "network_id": 7, "name": name, "lat": lat, "lon": lon}
    return StationRecord(**nothing | known | FOR_EVERYONE)


def loaded(places: list[tuple[float, float]]) -> Snapshot:
    return loaded_from(1, [([record(pk, *place) for pk, place in enumerate(places, 1)], [])])


def found(question: Question, snapshot: Snapshot) -> list[int]:
    fitting = candidates(question, snapshot)
    return [candidate.entry.pk for candidate in fitting.first(len(fitting))]


def away_m(centre: tuple[float, float], place: tuple[float, float]) -> float:
    return round(distance_m(*centre, *place), 3)


@given(st.lists(points, max_size=30), points, radii_m)
@example([(89.99, 0.0), (89.99, 180.0), (89.99, -90.0)], (90.0, 77.0), 5_000.0)
@example([(0.0, 180.0), (0.0, -180.0), (0.0, 179.999)], (0.0, -179.999), 1_000.0)
def test_near_a_point_is_every_station_within_the_radius_nearest_first(places, centre, radius_m) -> None:
    away = [(away_m(centre, place), pk) for pk, place in enumerate(places, 1)]

    near = found(Question(circle=Circle(*centre, radius_m)), loaded(places))

    assert near == [pk for metres, pk in sorted(away) if metres <= round(radius_m, 3)]


@given(st.lists(points, min_size=1, max_size=30), points, st.data())
def test_a_station_exactly_on_the_edge_of_the_circle_belongs_to_it(places, centre, data) -> None:
    edge = data.draw(st.integers(1, len(places)))
    radius_m = distance_m(*centre, *places[edge - 1])

    assert edge in found(Question(circle=Circle(*centre, radius_m)), loaded(places))


@given(points, st.integers(1, 5))
def test_radius_nought_finds_all_that_stand_on_the_very_spot(place, copies) -> None:
    snapshot = loaded([place] * copies)

    assert found(Question(circle=Circle(*place, 0)), snapshot) == list(range(1, copies + 1))


@given(st.lists(points, max_size=30), boxes)
@example([(52.0, 5.01), (52.0, 5.05), (52.0, 5.09)], Box(5.08, 51.0, 5.02, 53.0))
@example([(1.0, 179.95), (1.0, -179.95), (1.0, 0.0)], Box(179.9, 0.0, -179.9, 2.0))
def test_in_a_box_is_every_station_inside_once_in_a_steady_order(places, box) -> None:
    inside = found(Question(box=box), loaded(places))

    assert inside == [pk for pk, place in enumerate(places, 1) if box.contains(*place)]


def test_keys_too_large_for_four_bytes_are_told_as_they_are() -> None:
    pks = [1, 2**31, 2**53 + 1]
    ports = [PortRecord(pk, pk + 1, 1, "L2", None, None, 30.0, 7.4, True, '["J1772"]') for pk in pks]
    snapshot = loaded_from(2**40, [([record(pk, 1.0, 2.0) for pk in pks], ports)])

    entries = [snapshot.named(f"7:{pk}") for pk in pks]
    assert [(one.pk, one.version, one.port_ids, one.draws) for one in entries] == [
        (pk, 2**40, (pk + 1,), ((7.4, 30.0),)) for pk in pks
    ]
    assert found(Question(circle=Circle(1.0, 2.0, 1.0)), snapshot) == pks


changes = st.lists(st.tuples(st.integers(1, 8), st.none() | points), max_size=12)


@given(st.lists(points, max_size=6), st.lists(changes, max_size=4))
def test_a_patched_snapshot_is_the_one_that_a_fresh_load_makes(places, rounds) -> None:
    stations = {pk: record(pk, *place) for pk, place in enumerate(places, 1)}
    patched = loaded_from(0, [(list(stations.values()), [])])

    for seq, changed in enumerate(rounds, 1):
        for pk, place in changed:
            stations.pop(pk, None)
            stations |= {pk: record(pk, *place, name=f"Round {seq}")} if place else {}
        touched = {pk for pk, _ in changed}
        newer = [stations[pk] for pk in sorted(touched & stations.keys())]
        patched = brought_up(patched, seq, sorted(touched), [(newer, [])])

    assert as_told(patched) == as_told(loaded_from(len(rounds), [(list(stations.values()), [])]))


def as_told(snapshot: Snapshot) -> tuple[Any, ...]:
    """What a snapshot tells of every station, by row, by id and by place."""
    entries = {row: snapshot.entry(row)._replace(row=0, version=0) for row in snapshot.rows().tolist()}
    ids = [entry.station_id for entry in entries.values()]
    named = {station_id: snapshot.named(station_id)._replace(row=0, version=0) for station_id in ids}
    placed = {snapshot.columns.ids[row] for row in snapshot.rows_inside(Box(-180, -90, 180, 90)).tolist()}
    assert placed == set(ids)
    names = {snapshot.columns.ids[row]: snapshot.columns.names[row] for row in entries}
    return snapshot.seq, {entry.pk: entry for entry in entries.values()}, named, names


@pytest.fixture
def catalogue(database: Database, clock: FixedClock) -> StationCatalogue:
    made = StationCatalogue(database, clock)
    made.add_networks([Network(7, "SEVEN")])
    return made


def put(catalogue: StationCatalogue, *stations: Station, complete: bool = False) -> None:
    catalogue.merge(stations, source="test", complete=complete, force=True)


def ids(index: StationIndex) -> set[str]:
    index.look_again()
    snapshot = index.snapshot()
    return {snapshot.columns.ids[row] for row in snapshot.rows().tolist()}


def test_an_index_without_stations_is_empty(database) -> None:
    assert ids(StationIndex(database)) == set()


def test_what_is_added_changed_and_removed_is_seen(database, catalogue) -> None:
    index = StationIndex(database)
    put(catalogue, a_station("7:1"), a_station("7:2"))
    assert ids(index) == {"7:1", "7:2"}

    put(catalogue, a_station("7:2", lat=10.0), a_station("7:3"), complete=True)

    assert ids(index) == {"7:2", "7:3"}
    assert index.snapshot().named("7:2").lat == 10.0


def test_a_removed_station_vanishes_from_every_question_and_can_come_back(database, catalogue) -> None:
    index = StationIndex(database)
    put(catalogue, a_station("7:1"), a_station("7:2"))
    put(catalogue, a_station("7:2"), complete=True)

    assert ids(index) == {"7:2"}
    near = Question(circle=Circle(52.09, 5.12, 100))
    (candidate,) = candidates(near, index.snapshot()).first(10)
    assert candidate.entry.station_id == "7:2"

    put(catalogue, a_station("7:1"))
    assert ids(index) == {"7:1", "7:2"}


def test_another_process_change_is_seen(empty_url, clock) -> None:
    here, there = Database(empty_url), Database(empty_url)
    index, elsewhere = StationIndex(here), StationCatalogue(there, clock)
    assert ids(index) == set()

    put(elsewhere, a_station("7:1"))

    assert ids(index) == {"7:1"}
    here.close()
    there.close()


def test_the_change_log_is_not_asked_again_within_a_second(database, catalogue) -> None:
    index = StationIndex(database)
    before = index.snapshot()

    put(catalogue, a_station("7:1"))

    assert index.snapshot() is before
    index.look_again()
    assert index.snapshot() is not before


def test_after_many_changes_it_is_what_a_fresh_load_is(database, catalogue) -> None:
    index = StationIndex(database)
    for step in range(6):
        put(catalogue, *(a_station(f"7:{number}", lat=step + number / 100) for number in range(step, step + 4)))
        put(catalogue, a_station(f"7:{step}"), a_station(f"7:{step + 2}"), complete=True)
        ids(index)

    assert as_told(index.snapshot()) == as_told(StationIndex(database).snapshot())


def test_a_change_of_ports_is_seen(database, catalogue) -> None:
    index = StationIndex(database)
    two_ports = a_station("7:1")
    put(catalogue, two_ports)
    first = index.snapshot().named("7:1").port_ids

    put(catalogue, replace(two_ports, ports=()))
    ids(index)

    assert len(first) == 1
    assert index.snapshot().named("7:1").port_ids == ()


def test_with_the_database_away_the_last_snapshot_stays(database, catalogue) -> None:
    index = StationIndex(database)
    put(catalogue, a_station("7:1"))
    held = index.snapshot()

    index._database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    index.look_again()

    assert index.snapshot() is held


def test_without_any_snapshot_and_database_it_says_so() -> None:
    index = StationIndex(Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))

    with pytest.raises(TemporarilyUnavailable):
        index.snapshot()
