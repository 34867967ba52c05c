"""Snapshots made ahead: what is asked for, once the catalogue is quiet, by one of all processes, and nothing else."""

import threading
from pathlib import Path

import pytest

from finder import export_store
from finder.catalogue import StationCatalogue
from finder.export_forms import CSV, GEOJSON
from finder.exports import SnapshotNotReady, StationExports
from finder.exports_ahead import SnapshotsAhead
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.installation import Installation
from tests.builders import a_station
from tests.statements import counted


@pytest.fixture
def catalogue(database: Database, clock: FixedClock) -> StationCatalogue:
    return StationCatalogue(database, clock)


@pytest.fixture
def exports(database: Database, tmp_path: Path) -> StationExports:
    return StationExports(database, Installation(database), tmp_path / "snapshots")


@pytest.fixture
def ahead(database: Database, clock: FixedClock, exports: StationExports, tmp_path: Path) -> SnapshotsAhead:
    return SnapshotsAhead(database, clock, exports, tmp_path / "snapshots")


def put(catalogue: StationCatalogue, *numbers: int, phone: str = "1") -> None:
    stations = [a_station(f"7:{number}", phone=phone) for number in numbers]
    catalogue.merge(stations, source="test", complete=False, force=False)


def kept(folder: Path) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in (folder / "snapshots").glob("stations.*"))


def test_what_nobody_asks_for_is_not_made(ahead, catalogue, clock, tmp_path) -> None:
    put(catalogue, 1)
    clock.advance(hours=1)

    assert ahead.make() == 0
    assert not (tmp_path / "snapshots").exists()


def test_who_asked_before_finds_it_made_once_the_catalogue_is_quiet(ahead, exports, catalogue, clock, database) -> None:
    put(catalogue, 1)
    ahead.note(CSV)
    clock.advance(seconds=59)
    assert ahead.make() == 0
    clock.advance(seconds=1)

    assert (ahead.make(), ahead.make()) == (1, 0)
    with counted(database) as sent, exports.opened(CSV).file as file:
        assert file.read().count(b"\r\n") == 2
    assert [statement for statement in sent if "FROM stations" in statement] == []


def test_each_form_is_made_for_those_who_ask_for_it(ahead, catalogue, clock, tmp_path) -> None:
    put(catalogue, 1)
    ahead.note(GEOJSON)
    clock.advance(minutes=1)
    assert (ahead.make(), kept(tmp_path)) == (1, ["stations.geojson1"])

    ahead.note(CSV)

    assert (ahead.make(), kept(tmp_path)) == (1, ["stations.csv1", "stations.geojson1"])


def test_while_changes_go_on_it_is_made_after_a_quarter_of_an_hour(ahead, catalogue, clock) -> None:
    ahead.note(CSV)
    made = []
    for minute in range(31):
        put(catalogue, 1, phone=str(minute))
        made.append(ahead.make())
        clock.advance(seconds=59)

    assert [minute for minute, count in enumerate(made) if count] == [16]


def test_what_was_asked_for_longer_than_a_day_ago_is_not_made(ahead, catalogue, clock) -> None:
    put(catalogue, 1)
    ahead.note(CSV)
    clock.advance(days=1, seconds=1)
    assert ahead.make() == 0

    ahead.note(CSV)

    assert ahead.make() == 1


def test_what_a_caller_had_made_is_not_made_again(ahead, exports, catalogue, clock) -> None:
    put(catalogue, 1)
    ahead.note(CSV)
    exports.opened(CSV).file.close()
    clock.advance(hours=1)

    assert ahead.make() == 0


def test_worker_and_callers_make_it_once(ahead, catalogue, clock, database, tmp_path, monkeypatch) -> None:
    put(catalogue, 1)
    ahead.note(CSV)
    clock.advance(minutes=1)
    made, real = [], export_store.whole_catalogue
    monkeypatch.setattr(export_store, "whole_catalogue", lambda session: made.append(1) or real(session))
    elsewhere = StationExports(database, Installation(database), tmp_path / "snapshots")
    callers = [threading.Thread(target=lambda: elsewhere.opened(CSV).file.close()) for _ in range(4)]

    for one in callers:
        one.start()
    ahead.make()
    for one in callers:
        one.join()

    assert made == [1]


def test_a_disk_that_takes_nothing_is_tried_again_a_quarter_of_an_hour_later(ahead, catalogue, clock, tmp_path) -> None:
    put(catalogue, 1)
    ahead.note(CSV)
    in_the_way = tmp_path / "snapshots" / "csv.lock"
    in_the_way.mkdir()
    clock.advance(minutes=1)
    assert ahead.make() == 0
    in_the_way.rmdir()

    assert ahead.make() == 0
    clock.advance(minutes=15)
    assert ahead.make() == 1


def test_where_nothing_can_be_noted_the_caller_is_answered_all_the_same(ahead, catalogue, clock, tmp_path) -> None:
    put(catalogue, 1)
    (tmp_path / "snapshots").write_text("in the way")

    ahead.note(CSV)

    clock.advance(hours=1)
    assert ahead.make() == 0


def test_what_could_not_be_finished_leaves_no_file(exports, catalogue, tmp_path, monkeypatch) -> None:
    put(catalogue, 1)

    def disk_full(session):
        yield from ()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export_store, "whole_catalogue", disk_full)

    with pytest.raises(SnapshotNotReady):
        exports.opened(CSV)
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == ["csv.lock"]
