"""Reports are kept by their own time, in SQL and in the cache alike, however late, often or crosswise they come."""

from contextlib import closing
from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder import status_cache
from finder.domain.status import TechnicalStatus
from finder.live_status import LiveStatus
from finder.said import EARLIEST, Outcome, Said, Verdict
from kernel.cache import Cache
from kernel.database import Database
from tests.stores.status_words import Ports, said

NOWHERE = "unix:///nowhere/cache.sock"

statuses = st.sampled_from([status.value for status in TechnicalStatus])
several = st.lists(
    st.builds(lambda at, seq, status: said(at, status, sequence=seq), st.integers(-9, 0), st.integers(0, 3), statuses),
    min_size=1,
    max_size=8,
)


@given(several, st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_arrival_with_repeats_ends_in_one_state(ports: Ports, reports: list[Said], data) -> None:
    repeats = data.draw(st.lists(st.sampled_from(reports), max_size=4))
    arrival = data.draw(st.permutations([*reports, *repeats]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(arrival)), max_size=3)))
    ports.forget()

    for start, end in zip([0, *cuts], [*cuts, len(arrival)], strict=True):
        ports.live.take(arrival[start:end])

    came = (ports.in_sql(), ports.in_cache(), ports.told(), ports.changed(), ports.spells())
    assert ports.logged() == len(arrival)
    ports.forget()
    for one in sorted(reports, key=lambda one: (one.reported_at, one.sequence)):
        ports.live.take([one])
    assert came == (ports.in_sql(), ports.in_cache(), ports.told(), ports.changed(), ports.spells())
    assert ports.in_sql() == ports.in_cache() == ports.told()


def test_each_report_has_its_outcome_in_its_place(ports) -> None:
    too_old = Said(station_id="7:1", port_number=1, technical_status="charging", reported_at=EARLIEST - timedelta(1))
    ports.live.take([said(-5)])

    outcomes = ports.take(said(-6), said(-4), said(-3), said(-3, port=9), too_old, said(-3, station_id="7:2"))

    assert outcomes == ["older", "older", "accepted", "unknown_port", "invalid", "unknown_port"]


def test_the_same_report_again_changes_nothing(ports) -> None:
    first = ports.take(said(-5), said(-5))
    again = ports.take(said(-5))

    assert (first, again) == ([Outcome.ACCEPTED, Outcome.ACCEPTED], [Outcome.OLDER])


def test_at_one_moment_the_higher_sequence_wins(ports) -> None:
    ports.live.take([said(-5, "charging", sequence=2)])
    ports.live.take([said(-5, "available", sequence=1)])

    assert ports.told() == {ports.port_ids[0]: ("charging", -5.0, 2)}


def test_large_sequences_are_told_apart_in_the_cache_too(ports) -> None:
    most = 2**53 - 1
    ports.live.take([said(-5, "charging", sequence=most - 1)])
    ports.live.take([said(-5, "available", sequence=most)])

    assert ports.in_cache() == ports.in_sql() == {ports.port_ids[0]: ("available", -5.0, most)}


def test_a_clock_far_ahead_is_set_back_to_ours_and_flagged(ports) -> None:
    ports.live.take([said(600), said(120, port=2)])

    reports = ports.live.latest([ports.pk])[0][ports.pk]
    found = {port_id: (one.reported_at, one.clamped) for port_id, one in reports.items()}
    now = ports.clock.now()
    assert found == {ports.port_ids[0]: (now, True), ports.port_ids[1]: (now + timedelta(seconds=120), False)}


def test_a_repeated_status_keeps_the_time_of_its_change(ports) -> None:
    for at_s, status in ((-30, "available"), (-20, "charging"), (-10, "charging")):
        ports.live.take([said(at_s, status)])

    (report,) = ports.live.latest([ports.pk])[0][ports.pk].values()
    assert (report.status_changed_at, report.reported_at) == (at(ports, -20), at(ports, -10))


def at(ports: Ports, second: float) -> datetime:
    return ports.clock.now() + timedelta(seconds=second)


def test_an_unknown_word_is_kept_as_it_came(ports) -> None:
    ports.live.take([said(-5, "Wartung ü", error_code="E 7")])
    ports.told()

    (cached,) = ports.live.latest([ports.pk])[0][ports.pk].values()
    assert (cached.technical_status, cached.raw_status, cached.error_code) == ("unknown", "Wartung ü", "E 7")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda client, key: client.delete(key), id="gone"),
        pytest.param(lambda client, key: client.set(key, "text"), id="another type"),
        pytest.param(lambda client, key: client.hset(key, "7", "nonsense"), id="a value that is not ours"),
        pytest.param(lambda client, key: client.hset(key, b"\xff", b"\xff"), id="not text"),
        pytest.param(lambda client, key: client.flushall(), id="flushed"),
    ],
)
def test_whatever_happens_to_a_key_the_answer_is_the_same(ports, spoil) -> None:
    ports.live.take([said(-5), said(-4, "available", port=2)])
    before = ports.told()

    ports.cache.attempt(lambda client: spoil(client, ports.status_cache._key(ports.pk)))

    assert ports.told() == ports.told() == before == ports.in_sql()


def test_a_spoilt_value_is_mended_by_the_next_report(ports) -> None:
    ports.live.take([said(-5)])
    key, port_id = ports.status_cache._key(ports.pk), ports.port_ids[0]
    ports.cache.attempt(lambda client: client.hset(key, str(port_id), "nonsense"))

    ports.live.take([said(-4)])

    assert ports.in_cache() == ports.in_sql()


def test_a_flush_never_leaves_the_word_that_there_is_nothing(ports, monkeypatch) -> None:
    ports.live.take([said(-5)])
    ports.cache.attempt(lambda client: client.flushall())
    scripts = []
    monkeypatch.setattr(status_cache, "_run", lambda keys, stations, client: scripts.append(stations))

    ports.told()

    [[[station_pk, _, fields]]] = map(orjson.loads, scripts)
    assert station_pk == ports.pk
    assert fields[::2] == [str(ports.port_ids[0]), status_cache._WHOLE.decode()]


def test_with_cache_and_database_away_nothing_is_known_and_nothing_raised(ports) -> None:
    with closing(Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")) as nothing, closing(Cache(NOWHERE)) as no:
        assert ports.writer(nothing, no).latest([ports.pk]) == ({}, False)


def test_with_cache_and_database_away_what_was_known_last_is_told(ports) -> None:
    ports.live.take([said(-5)])
    known = ports.told()
    ports.database.outage._away_since = 0.0  # as its watcher would
    ports.cache.attempt(lambda client: client.flushall())

    assert ports.told() == known
    ports.database.outage._away_since = None
    assert ports.told() == known == ports.in_cache()


def test_without_the_cache_reports_are_kept_and_told_from_sql(ports) -> None:
    with closing(Cache(NOWHERE)) as nowhere:
        cut_off = ports.writer(ports.database, nowhere)

        assert cut_off.take([said(-5)]) == [Verdict(Outcome.ACCEPTED)]
        assert ports.held(cut_off.latest([ports.pk])[0][ports.pk]) == ports.in_sql()


@pytest.mark.parametrize("away_min", [1, 50, 1000])
def test_what_the_cache_missed_is_told_to_it_however_long_it_was_away(ports, clock, away_min) -> None:
    ports.live.take([said(-5)])
    assert ports.told() == ports.in_sql()
    ports.live.reconcile()
    with closing(Cache(NOWHERE)) as nowhere:
        ports.writer(ports.database, nowhere).take([said(-4, "available")])
    assert ports.told() != ports.in_sql()

    clock.advance(minutes=away_min)
    ports.live.reconcile()

    assert ports.held(ports.live.latest([ports.pk])[0][ports.pk]) == ports.in_sql()


def test_a_sweep_that_does_not_reach_the_cache_is_made_up_for(ports, clock) -> None:
    ports.live.reconcile()
    with closing(Cache(NOWHERE)) as nowhere:
        cut_off: LiveStatus = ports.writer(ports.database, nowhere)
        cut_off.take([said(-4)])
        clock.advance(minutes=10)
        cut_off.reconcile()

        assert cut_off._told_at is None
