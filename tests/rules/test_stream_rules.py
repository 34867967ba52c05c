"""Who hears of what, and what can be told again, as properties."""

import socket
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from feeds.audience import Audience
from feeds.domain.interest import Interest
from feeds.domain.replay import Replay, Told
from feeds.listener import Listener
from kernel.box import Box

LATITUDES, LONGITUDES = st.sampled_from([-90.0, -10.0, 0.0, 10.0, 90.0]), st.sampled_from([-180.0, -170.0, 0.0, 170.0])
STATIONS = st.sampled_from(["1:a", "1:b", "2:a", "22:a"])
BOXES = st.builds(
    lambda west, east, one, other: Box(west, min(one, other), east, max(one, other)),
    LONGITUDES,
    LONGITUDES,
    LATITUDES,
    LATITUDES,
)
INTERESTS = st.one_of(
    st.builds(lambda box: Interest(box=box), BOXES),
    st.builds(lambda ids: Interest(station_ids=ids), st.frozensets(STATIONS, min_size=1)),
    st.builds(lambda number: Interest(network_id=number), st.sampled_from([1, 2, 22])),
)


@st.composite
def _stations_told(draw: st.DrawFn) -> dict[str, Any]:
    station_id = draw(STATIONS)
    network_id = int(station_id.partition(":")[0])
    return {"station_id": station_id, "network_id": network_id, "lat": draw(LATITUDES), "lon": draw(LONGITUDES)}


@given(st.lists(INTERESTS, max_size=6), _stations_told())
def test_the_audience_finds_exactly_those_whom_an_event_concerns(interests: list[Interest], told: Any) -> None:
    ours, theirs = socket.socketpair()
    audience = Audience()
    listeners = [Listener(ours, who="me", interest=interest, now=0.0) for interest in interests]
    for listener in listeners:
        audience.add(listener)

    assert audience.concerned(told) == {one for one in listeners if one.interest.concerns(told)}

    for listener in listeners:
        audience.remove(listener)
    assert (len(audience), audience.concerned(told), audience.of("me")) == (0, set(), 0)
    ours.close()
    theirs.close()


@given(BOXES, LATITUDES, LONGITUDES)
def test_a_box_across_the_antimeridian_is_its_two_halves(box: Box, lat: float, lon: float) -> None:
    halves = [box]
    if box.west > box.east:
        halves = [Box(box.west, box.south, 180.0, box.north), Box(-180.0, box.south, box.east, box.north)]

    assert box.contains(lat, lon) == any(half.contains(lat, lon) for half in halves)


@given(_stations_told(), INTERESTS, st.booleans())
def test_maintenance_reaches_whoever_may_be_hit(told: dict[str, Any], interest: Interest, by_network: bool) -> None:
    scope = {"network_id": told["network_id"]} if by_network else {"station_ids": [told["station_id"]]}

    assert interest.concerns({"scope": scope}) or not interest.concerns(told)


@given(st.lists(st.integers(1, 5), max_size=40), st.integers(1, 10), st.integers(0, 250))
def test_a_replay_tells_all_that_was_missed_or_says_that_it_cannot(gaps: list[int], depth: int, after: int) -> None:
    positions = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    replay = Replay(0, 0, depth)
    replay.add(Told(position, {}, b"") for position in positions)

    missed = replay.after(after)

    expected = [position for position in positions if position > after]
    if missed is None:
        assert len(expected) > depth or after > replay.last
    else:
        assert [event.position for event in missed] == expected
