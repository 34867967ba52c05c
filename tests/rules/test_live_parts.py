"""A live part that is held tells at every moment what would be told if everything was made anew."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder import live_parts
from finder.answers import live_members, statuses_object
from finder.domain.freshness import Interruption, StaleReason, Thresholds
from finder.domain.known_ports import KnownPorts
from finder.domain.status import Report, TechnicalStatus
from finder.domain.visibility import Visibility
from finder.live_parts import LiveParts, live_part, tell_members, tell_statuses
from finder.rendered import RenderedPort, RenderedStation
from finder.station_columns import Entry
from tests.rules.test_freshness import NOON, at

PORTS = (1, 2, 3)
USUAL = Thresholds()
MOMENT = timedelta(microseconds=1)

seconds = st.integers(-20, 20) | st.integers(-(10**5), 10**5) | st.floats(-20, 20)
words = st.none() | st.sampled_from(['%d "age_s":5, 100 %', '"age_s":1']) | st.text()
reports = st.builds(
    lambda said, reported, received, word: Report(said, at(reported), 0, at(received), at(reported), word, word),
    st.sampled_from(TechnicalStatus),
    seconds,
    seconds,
    words,
)
limits = st.tuples(st.integers(1, 20), st.integers(1, 20)).map(lambda two: Thresholds(two[0], sum(two)))
knowledge = st.builds(
    KnownPorts,
    st.just(PORTS) | st.just(PORTS[:2]),
    st.dictionaries(st.sampled_from(PORTS), reports),
    st.frozensets(st.sampled_from(PORTS)),
    limits | st.just(USUAL),
    st.none() | st.builds(Interruption, st.sampled_from(StaleReason), st.none() | seconds.map(at)),
    st.just(()),
)


def a_station(pk: int = 1, voltage_v: int = 230) -> RenderedStation:
    ports = tuple(RenderedPort(port_id, b'{"voltage_v":%d,"mode":"100 %%"' % voltage_v) for port_id in PORTS)
    return RenderedStation(pk, ZoneInfo("UTC"), b"{", b"null", b"null", None, None, ports, {})


def an_entry(pk: int = 1, ports: tuple[int, ...] = PORTS) -> Entry:
    everyone = Visibility.EVERYONE
    return Entry(pk, 0, 1, "1:100 %", 0.0, 0.0, 1, ports, ports, ports, "UTC", "", everyone, None, None, ())


def anew(station: RenderedStation, known: KnownPorts, now: datetime) -> bytes:
    return live_members(station, known.statuses(now), maintenance=known.maintenance)


def statuses_anew(entry: Entry, known: KnownPorts, now: datetime) -> bytes:
    return statuses_object(entry, list(known.statuses(now).values()), known.maintenance)


def known_of(report: Report | None) -> KnownPorts:
    return KnownPorts(PORTS, {1: report} if report else {}, frozenset(), USUAL, None, ())


def a_report() -> Report:
    return Report(TechnicalStatus.AVAILABLE, NOON, 0, NOON, NOON)


@given(knowledge, seconds, st.integers(0, 10**5))
def test_until_its_limit_a_part_tells_what_would_be_made_anew(known: KnownPorts, began: float, later: int) -> None:
    part = live_part(a_station(), known, at(began), tell_members)

    last = min(at(began + later), part.until - MOMENT)
    for moment in (at(began), at(began) + (last - at(began)) / 2, last):
        assert part.at(moment) == anew(part.shown, known, moment)


@given(knowledge, seconds, st.integers(0, 10**5))
def test_statuses_alone_tell_what_would_be_made_anew(known: KnownPorts, began: float, later: int) -> None:
    part = live_part(an_entry(ports=known.port_ids), known, at(began), tell_statuses)

    moment = min(at(began + later), part.until - MOMENT)
    assert part.at(moment) == statuses_anew(part.shown, known, moment)


@pytest.mark.parametrize(("began_s", "limit_s"), [(0, 901), (900, 901), (901, 3601), (3600, 3601)])
def test_a_limit_a_second_too_late_would_be_seen(began_s: int, limit_s: int) -> None:
    known = known_of(a_report())
    part = live_part(a_station(), known, at(began_s), tell_members)

    assert part.until == at(limit_s)
    assert part.at(at(limit_s) - MOMENT) == anew(part.shown, known, at(limit_s) - MOMENT)
    assert part.at(at(limit_s)) != anew(part.shown, known, at(limit_s))


@pytest.mark.parametrize("report", [a_report(), None])
def test_what_has_gone_silent_stays_so_for_as_long_as_nothing_else_is_known(report: Report | None) -> None:
    part = live_part(a_station(), known_of(report), at(3601), tell_members)

    assert part.until > at(10**9)
    assert part.at(at(10**6)) == anew(part.shown, part.known, at(10**6))


@given(st.lists(st.tuples(knowledge, seconds), min_size=1, max_size=3), st.data())
def test_whatever_is_known_and_whenever_it_is_asked_nothing_older_is_told(known, data) -> None:
    held, stations = LiveParts(tell_members), [a_station(1), a_station(1, 400), a_station(2)]
    asked = st.tuples(st.sampled_from(stations), st.sampled_from([one for one, _ in known]), seconds)

    for station, ports, second in data.draw(st.lists(asked, max_size=8)):
        assert held.of(station, ports, at(second)) == anew(station, ports, at(second))


def test_a_part_is_made_once_for_what_is_known_until_its_limit() -> None:
    held, station, parts = LiveParts(tell_members), a_station(), []

    for second in (0, 900, 901, 3600):
        held.of(station, known_of(a_report()), at(second))
        parts.append(held._held[station.pk])

    assert parts[0] is parts[1] is not parts[2] is parts[3]


def test_no_more_parts_are_held_than_there_is_room_for(monkeypatch) -> None:
    monkeypatch.setattr(live_parts, "_HELD", 2)
    held = LiveParts(tell_members)

    for pk in range(5):
        held.of(a_station(pk), known_of(None), NOON)

    assert len(held._held) <= 2
