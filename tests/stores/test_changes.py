"""Changes since a cursor: who applies them holds what the snapshot holds, from wherever it began."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from finder import export_store
from finder.catalogue import StationCatalogue
from finder.change_cursors import CursorTooOld, cursor_at
from finder.changes import Gone, StationChanges
from finder.domain.tariff import simple
from finder.exports import StationExports
from finder.index import StationIndex
from finder.question import Question
from kernel.box import Box
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.installation import Installation
from kernel.paging import InvalidCursor
from tests.builders import a_station
from tests.stores.bulk_words import Holder, snapshot

HERE = Question(box=Box(0, 50, 10, 55))
IDS = [f"7:{number}" for number in range(1, 7)]


@dataclass(frozen=True)
class Scene:
    """A catalogue, its snapshots and its changes."""

    database: Database
    clock: FixedClock
    catalogue: StationCatalogue
    exports: StationExports
    changes: StationChanges

    def put(self, *ids: str, complete: bool = False, lat: float = 52.09) -> None:
        stations = [a_station(one, lat=lat, phone=str(self.clock.moment)) for one in ids]
        self.catalogue.merge(stations, source="test", complete=complete, force=True)

    def remove(self, gone: str) -> None:
        """Take one out, and leave the others just as they are."""
        with self.database.reading() as session:
            query = text("SELECT station_id FROM stations WHERE removed_at IS NULL AND station_id <> :gone")
            rest = list(session.execute(query, {"gone": gone}).scalars())
        if rest:
            left = [self.catalogue.listed(one).station for one in rest]
            self.catalogue.merge(left, source="test", complete=True, force=True)

    def entries(self) -> int:
        with self.database.reading() as session:
            return int(session.execute(text("SELECT count(*) FROM station_changes")).scalar_one())


@pytest.fixture
def scene(database: Database, clock: FixedClock, tmp_path: Path) -> Scene:
    return Scene(
        database,
        clock,
        StationCatalogue(database, clock),
        StationExports(database, Installation(database), tmp_path / "snapshots"),
        StationChanges(database, clock, StationIndex(database)),
    )


def _known(scene: Scene, station_id: str) -> bool:
    with scene.database.reading() as session:
        query = text("SELECT count(*) FROM stations WHERE removed_at IS NULL AND station_id = :one")
        return bool(session.execute(query, {"one": station_id}).scalar_one())


EDITS: dict[str, Callable[[Scene, str], None]] = {
    "add or change": lambda scene, one: scene.put(one),
    "move away": lambda scene, one: scene.put(one, lat=10.0),
    "price": lambda scene, one: scene.catalogue.set_tariff(one, simple("EUR", per_kwh=Decimal("0.4"))) and None,
    "no price": lambda scene, one: scene.catalogue.set_tariff(one, None) and None,
    "reservable": lambda scene, one: scene.catalogue.set_reservable(one, reservable=True),
    "remove": lambda scene, one: scene.remove(one),
    "wait": lambda scene, _: scene.clock.advance(hours=7) and None,
}
edits = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.sampled_from(IDS)), max_size=12)


def _do(scene: Scene, what: str, station_id: str) -> None:
    if what in ("add or change", "move away", "wait") or _known(scene, station_id):
        EDITS[what](scene, station_id)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(edits, st.integers(1, 4))
def test_from_any_cursor_a_holder_comes_to_what_the_snapshot_holds(scene: Scene, edited: list, limit: int) -> None:
    held = [snapshot(scene.exports)[0]]
    for what, station_id in edited:
        _do(scene, what, station_id)
        held.append(held[-1].after(scene.changes) if len(held) % 3 else snapshot(scene.exports)[0])
        scene.changes.forget_old()
    whole, content_hash = snapshot(scene.exports)

    for one in held:
        after = one.after(scene.changes, limit=limit)
        assert after.held == whole.held
        assert after.content_hash() == content_hash


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(edits, edits)
def test_who_follows_a_place_holds_what_is_there_now(scene: Scene, before: list, after: list) -> None:
    for what, station_id in before:
        _do(scene, what, station_id)
    start = _inside(snapshot(scene.exports)[0])
    for what, station_id in after:
        _do(scene, what, station_id)

    assert start.after(scene.changes, HERE, limit=2).held == _inside(snapshot(scene.exports)[0]).held


def _inside(holder: Holder) -> Holder:
    held = {one: told for one, told in holder.held.items() if told[1]["location"]["lat"] > 50}
    return Holder(holder.cursor, held)


def test_the_control_a_removal_that_is_not_told_is_noticed(scene, monkeypatch) -> None:
    scene.put(*IDS)
    start, _ = snapshot(scene.exports)
    scene.remove(IDS[0])
    real = export_store.changed_between
    monkeypatch.setattr(export_store, "changed_between", lambda *a: [one for one in real(*a) if one[1] is None])

    assert start.after(scene.changes).content_hash() != snapshot(scene.exports)[1]


def test_a_station_that_leaves_the_place_is_told_as_gone_from_it(scene) -> None:
    scene.put("7:1", "7:2")
    cursor = snapshot(scene.exports)[0].cursor
    scene.put("7:1", lat=10.0)
    scene.remove("7:2")

    page = scene.changes.since(cursor, HERE, limit=10)

    assert [(one.listed.station.station_id, one.gone) for one in page.changes] == [
        ("7:1", Gone.NO_LONGER_MATCHES),
        ("7:2", Gone.REMOVED),
    ]


def test_without_a_cursor_the_answer_is_the_cursor_of_now(scene) -> None:
    scene.put("7:1")
    page = scene.changes.since(None, Question(), limit=10)
    scene.put("7:2")

    later = scene.changes.since(page.next_cursor, Question(), limit=10)

    assert (page.changes, page.has_more) == ((), False)
    assert [one.listed.station.station_id for one in later.changes] == ["7:2"]


def test_a_cursor_of_thirty_days_counts_and_an_older_one_is_refused(scene) -> None:
    scene.put("7:1", "7:2")
    scene.put("7:2")
    old, _ = snapshot(scene.exports)
    scene.clock.advance(days=2)
    scene.put("7:3")
    scene.put("7:3", "7:4")
    younger, _ = snapshot(scene.exports)
    scene.clock.advance(days=29)
    scene.put("7:5")

    assert scene.changes.forget_old() > 0
    assert scene.changes.forget_old() == 0
    scene.clock.advance(days=10)
    assert scene.changes.forget_old() > 0

    with pytest.raises(CursorTooOld):
        scene.changes.since(cursor_at(1), Question(), limit=10)
    with pytest.raises(CursorTooOld):
        old.after(scene.changes)
    assert younger.after(scene.changes).content_hash() == snapshot(scene.exports)[1]


def test_after_a_long_silence_the_newest_entry_and_its_cursor_are_still_there(scene) -> None:
    scene.put(*IDS)
    newest, _ = snapshot(scene.exports)
    scene.clock.advance(days=400)

    assert scene.changes.forget_old() == len(IDS) - 1
    assert scene.entries() == 1
    scene.put("7:1")
    assert newest.after(scene.changes).content_hash() == snapshot(scene.exports)[1]


def test_a_cursor_of_another_database_is_too_old_and_one_made_up_is_refused(scene) -> None:
    with pytest.raises(CursorTooOld):
        scene.changes.since(cursor_at(2**63), Question(), limit=10)
    for made_up in ("nonsense", cursor_at(-1)):
        with pytest.raises(InvalidCursor):
            scene.changes.since(made_up, Question(), limit=10)
