"""The streamer on a real outbox: who hears what, what is told again, and who is cut off."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.domain.interest import Interest
from feeds.handover import Answer
from feeds.listener import MOST_PENDING
from kernel.box import Box
from kernel.database import Database
from tests.stores.stream_words import Streaming, streaming


@pytest.fixture
def stream(database: Database, tmp_path: Path) -> Iterator[Streaming]:
    with streaming(database, tmp_path / "s.sock", most=6) as found:
        yield found


def test_a_follower_hears_what_it_asked_for_in_order(stream: Streaming) -> None:
    some = stream.follow(Interest(station_ids=frozenset({"1:2", "1:3"})))
    here = stream.follow(Interest(box=Box(170.0, 0.0, -170.0, 20.0)))

    stream.happen(1, 2, 3)
    stream.happen(4, lon=-175.0)
    stream.happen(2)

    assert [some.hear().data["station_id"] for _ in range(3)] == ["1:2", "1:3", "1:2"]
    assert here.hear().data["station_id"] == "1:4"


def test_ids_grow_and_the_event_says_when_it_happened(stream: Streaming) -> None:
    follower = stream.follow()

    stream.happen(1, 2)

    first, second = follower.hear(), follower.hear()
    assert (first.kind, first.event_id < second.event_id) == ("status_changed", True)
    assert first.data["at"].endswith("Z")


def test_who_comes_back_hears_what_happened_meanwhile_and_nothing_twice(stream: Streaming) -> None:
    follower = stream.follow()
    stream.happen(1, 2)
    last = follower.hear().event_id
    follower.close()
    stream.happen(3)

    back = stream.follow(after=last)

    assert [back.hear().data["station_id"] for _ in range(2)] == ["1:2", "1:3"]


def test_a_restarted_streamer_forgets_nothing(database: Database, tmp_path: Path) -> None:
    with streaming(database, tmp_path / "s.sock") as stream:
        follower = stream.follow()
        stream.happen(1)
        last = follower.hear().event_id
    stream.happen(2, 3)

    with streaming(database, tmp_path / "s.sock") as stream:
        back = stream.follow(after=last)

        assert [back.hear().data["station_id"] for _ in range(2)] == ["1:2", "1:3"]


def test_an_id_that_cannot_be_resumed_is_told_to_begin_anew(stream: Streaming) -> None:
    follower = stream.follow(after=10**9)

    told = follower.hear()
    stream.happen(1)

    assert (told.kind, told.data) == ("reset", {"reason": "too_old"})
    assert follower.hear().event_id > told.event_id


def test_a_quiet_stream_beats_and_moves_the_last_id_on(database: Database, tmp_path: Path) -> None:
    with streaming(database, tmp_path / "s.sock", heartbeat_s=0.05) as stream:
        loud, quiet = stream.follow(), stream.follow(Interest(station_ids=frozenset({"9:9"})))
        stream.happen(1)
        last = loud.hear().event_id

        while quiet.last_id != last:
            quiet.hear_beat()


def test_there_are_so_many_places_and_a_caller_has_half(stream: Streaming) -> None:
    followers = [stream.follow(who=who) for who in ("a", "a", "a", "b", "b")]

    assert stream.ask(who="a")[0] is Answer.TOO_MANY_OF_YOURS
    promised, place = stream.ask(who="b")
    assert promised is Answer.WELCOME
    assert stream.ask(who="c")[0] is Answer.FULL
    place.leave()  # a web worker that went away with its promise
    followers.append(_soon(stream, "c"))
    followers.pop(0).close()
    followers.append(_soon(stream, "a"))


def _soon(stream: Streaming, who: str) -> object:
    """A place, once the streamer has noticed that somebody left."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        answer, place = stream.ask(who=who)
        place.leave()
        if answer is Answer.WELCOME:
            return stream.follow(who=who)
    raise AssertionError("the place was not given back")


def test_who_takes_nothing_is_cut_off_and_the_others_hear_all(stream: Streaming) -> None:
    slow, quick = stream.follow(who="slow"), stream.follow(who="quick")
    size, number = 100_000, 2 * MOST_PENDING // 100_000

    for turn in range(number):
        stream.happen(turn, padding="x" * size)
        assert quick.hear().data["station_id"] == f"1:{turn}"

    slow.hear_end()
    back = stream.follow(after=slow.last_id, who="slow")
    assert back.hear().event_id == (slow.last_id or 0) + 1


@pytest.mark.parametrize("read_already", [False, True])
def test_a_long_absence_is_caught_up_with_however_much_was_missed(stream: Streaming, read_already: bool) -> None:
    follower, witness = stream.follow(), stream.follow(who="witness")
    begun = follower.last_id
    follower.close()
    stream.happen(*range(20), padding="x" * 50_000)
    if read_already:  # else some of it is read while the follower is told the rest
        assert [witness.hear().data["station_id"] for _ in range(20)][-1] == "1:19"

    back = stream.follow(after=begun)

    assert [back.hear().data["station_id"] for _ in range(20)] == [f"1:{turn}" for turn in range(20)]


def test_nobody_is_cut_off_for_how_much_comes_at_once(stream: Streaming) -> None:
    follower = stream.follow()

    stream.happen(*range(30), padding="x" * (MOST_PENDING // 40))

    assert [follower.hear().data["station_id"] for _ in range(30)] == [f"1:{turn}" for turn in range(30)]


def test_what_names_no_station_is_told_to_everybody(stream: Streaming) -> None:
    follower = stream.follow(Interest(station_ids=frozenset({"5:1"})))
    in_box = stream.follow(Interest(box=Box(0, 0, 1, 1)))

    stream.announce("stations_changed", {"changes": {"changed": 500}})
    stream.announce("maintenance_started", {"scope": {"network_id": 5, "station_ids": []}})
    stream.announce("maintenance_started", {"scope": {"network_id": 6, "station_ids": []}})
    stream.announce("maintenance_ended", {"scope": {"network_id": None, "station_ids": ["5:1"]}})

    assert [follower.hear().kind for _ in range(3)] == ["stations_changed", "maintenance_started", "maintenance_ended"]
    assert [in_box.hear().kind for _ in range(4)][-1] == "maintenance_ended"


def test_an_event_that_does_not_say_where_reaches_who_named_its_station(stream: Streaming) -> None:
    by_name = stream.follow(Interest(station_ids=frozenset({"1:5"})))
    in_box = stream.follow(Interest(box=Box(0.0, 0.0, 30.0, 30.0)))

    stream.announce("status_changed", {"station_id": "1:5"})
    stream.happen(6)

    assert by_name.hear().data["station_id"] == "1:5"
    assert in_box.hear().data["station_id"] == "1:6"
