"""Snapshots: one state of the catalogue, made once, in constant memory, with a tag that is known without reading."""

import threading
import tracemalloc
from pathlib import Path

import orjson
import pytest

from finder import export_store
from finder.catalogue import StationCatalogue
from finder.export_forms import CSV, GEOJSON
from finder.exports import SnapshotNotReady, StationExports
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.installation import Installation
from tests.builders import a_station
from tests.statements import counted
from tests.stores.bulk_words import snapshot


@pytest.fixture
def catalogue(database: Database, clock: FixedClock) -> StationCatalogue:
    return StationCatalogue(database, clock)


@pytest.fixture
def exports(database: Database, tmp_path: Path) -> StationExports:
    return StationExports(database, Installation(database), tmp_path / "snapshots")


def put(catalogue: StationCatalogue, *numbers: int, phone: str = "1", complete: bool = False) -> None:
    stations = [a_station(f"7:{number}", phone=phone) for number in numbers]
    catalogue.merge(stations, source="test", complete=complete, force=True)


def content(exports: StationExports, form=CSV) -> bytes:
    with exports.opened(form).file as file:
        return file.read()


def test_an_empty_catalogue_is_a_header_and_an_empty_collection(exports) -> None:
    assert content(exports).count(b"\r\n") == 1
    collection = orjson.loads(content(exports, GEOJSON))
    assert (collection["features"], collection["generated_at"], collection["total"]) == ([], None, 0)
    assert collection["content_hash"] == "0" * 64


def test_the_same_state_is_made_once_and_a_change_makes_another(exports, catalogue, database) -> None:
    put(catalogue, 1, 2)
    first = exports.opened(CSV)
    first.file.close()

    with counted(database) as sent:
        again = exports.opened(CSV)
        again.file.close()

    assert (again.etag, again.head) == (first.etag, first.head)
    assert [statement for statement in sent if "FROM stations" in statement] == []
    put(catalogue, 2, phone="2")
    assert exports.etag(CSV) != first.etag
    assert content(exports).count(b"\r\n") == 3


def test_equal_tags_are_equal_bytes_wherever_they_are_made(exports, catalogue, database, tmp_path) -> None:
    put(catalogue, 1, 2)
    elsewhere = StationExports(database, Installation(database), tmp_path / "another machine")

    for form in (CSV, GEOJSON):
        assert exports.etag(form) == elsewhere.etag(form)
        assert content(exports, form) == content(elsewhere, form)


def test_only_the_newest_is_kept_and_who_reads_an_older_one_reads_on(exports, catalogue, tmp_path) -> None:
    put(catalogue, 1)
    older = exports.opened(CSV)
    put(catalogue, 2)
    content(exports)

    with older.file as file:
        assert file.read().count(b"\r\n") == 2
    kept = [path.name for path in (tmp_path / "snapshots").glob("stations.*")]
    assert len(kept) == 1


def _writing_between(monkeypatch: pytest.MonkeyPatch, write) -> None:
    """One station a batch, and a write of somebody else's after the first."""
    real = export_store.whole_catalogue

    def interrupted(session):
        for number, batch in enumerate(real(session)):
            yield batch
            if number == 0:
                writer = threading.Thread(target=write)
                writer.start()
                writer.join()

    monkeypatch.setattr(export_store, "_AT_ONCE", 1)
    monkeypatch.setattr(export_store, "whole_catalogue", interrupted)


def test_a_snapshot_is_of_one_moment_though_others_write_meanwhile(exports, catalogue, monkeypatch) -> None:
    put(catalogue, 1, 2, 3)
    _writing_between(monkeypatch, lambda: put(catalogue, 3, 4, phone="2", complete=True))

    holder, _ = snapshot(exports)

    assert {one: station["phone"] for one, (_, station) in holder.held.items()} == {"7:1": "1", "7:2": "1", "7:3": "1"}


@pytest.mark.parametrize("templates", ["postgresql"], indirect=True)
def test_the_control_without_one_moment_the_write_is_seen(exports, catalogue, database, monkeypatch) -> None:
    put(catalogue, 1, 2, 3)
    _writing_between(monkeypatch, lambda: put(catalogue, 3, 4, phone="2", complete=True))
    monkeypatch.setattr(database, "reading_one_moment", database.reading)

    holder, _ = snapshot(exports)

    assert {one: station["phone"] for one, (_, station) in holder.held.items()} != {"7:1": "1", "7:2": "1", "7:3": "1"}


def test_many_who_ask_at_once_wait_for_one_who_makes_it(exports, catalogue, monkeypatch) -> None:
    put(catalogue, 1, 2)
    made, real = [], export_store.whole_catalogue
    monkeypatch.setattr(export_store, "whole_catalogue", lambda session: made.append(1) or real(session))
    found: list[bytes] = []

    askers = [threading.Thread(target=lambda: found.append(content(exports))) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert (len(made), len(found), len(set(found))) == (1, 6, 1)


def test_where_nothing_can_be_kept_it_says_so_and_leaves_nothing_half_done(database, catalogue, tmp_path) -> None:
    put(catalogue, 1)
    (tmp_path / "snapshots").write_text("in the way")

    with pytest.raises(SnapshotNotReady):
        StationExports(database, Installation(database), tmp_path / "snapshots").opened(CSV)


def _peak_bytes(exports: StationExports) -> int:
    tracemalloc.start()
    try:
        exports.opened(GEOJSON).file.close()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_four_times_the_stations_take_no_more_memory(exports, catalogue, monkeypatch) -> None:
    monkeypatch.setattr(export_store, "_AT_ONCE", 50)
    put(catalogue, *range(1, 501))
    _peak_bytes(exports)  # what is loaded once
    put(catalogue, 1, phone="2")
    few = _peak_bytes(exports)
    put(catalogue, *range(501, 2001))

    assert _peak_bytes(exports) < 1.5 * few
