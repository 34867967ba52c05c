"""Reliability: shares of the observed time, by the rule of the UK regulations of 2023."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finder.domain.reliability import Interval, Record, intervals, record_of, reliability_of, tally
from finder.domain.spells import walk
from finder.domain.status import Report, Status, TechnicalStatus

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
STALE_S, GONE_S = 900, 3600

hours = st.integers(0, 200).map(lambda number: NOON + number * timedelta(minutes=10))
several = st.lists(st.tuples(hours, st.sampled_from(TechnicalStatus)), min_size=1, max_size=12)


def history(*said: tuple[datetime, str]):
    """Spells and the latest report of a port that said these words at these moments."""
    reports = [Report(TechnicalStatus(word), moment, 0, moment, moment) for moment, word in said]
    spells, state = walk(None, reports, longest_gap_s=STALE_S)
    newest = max(reports, key=lambda one: one.order)
    return spells, Report(newest.technical_status, newest.reported_at, 0, NOON, NOON, reports=state.reports)


def talking(since: datetime, until: datetime, word: str) -> list[tuple[datetime, str]]:
    """A word every ten minutes."""
    return [(since + number * HOUR / 6, word) for number in range((until - since) // (HOUR / 6))]


def test_a_day_of_every_kind_is_shared_out() -> None:
    said = [
        *talking(NOON, NOON + 10 * HOUR, "available"),
        *talking(NOON + 10 * HOUR, NOON + 14 * HOUR, "charging"),
        *talking(NOON + 14 * HOUR, NOON + 16 * HOUR, "faulted"),
        *talking(NOON + 16 * HOUR, NOON + 20 * HOUR, "unknown"),
    ]

    found = reliability_of(record_of(*history(*said), NOON, NOON + 20 * HOUR, GONE_S))

    assert found.observed == 16 * HOUR
    assert found.working == Fraction(14, 16)
    assert found.shares[Status.OUT_OF_SERVICE] == Fraction(2, 16)
    assert found.reports == len(said)


def test_silence_past_the_threshold_is_unreachable_and_is_judged_neither_way() -> None:
    found = reliability_of(record_of(*history((NOON, "available")), NOON, NOON + 4 * HOUR, GONE_S))

    assert found.shares[Status.UNREACHABLE] == Fraction(3, 4)
    assert found.working == 1


def test_silence_between_two_reports_counts_as_silence_also_once_it_is_over() -> None:
    spells, latest = history((NOON, "available"), (NOON + 5 * HOUR, "available"))

    times = tally(intervals(spells, latest, NOON + 5 * HOUR, GONE_S), NOON, NOON + 5 * HOUR)

    assert (times[Status.AVAILABLE], times[Status.UNREACHABLE]) == (HOUR, 4 * HOUR)


def test_a_port_that_never_reported_has_no_shares() -> None:
    found = reliability_of(record_of((), None, NOON, NOON + HOUR, GONE_S))

    assert (found.shares, found.working, found.observed, found.reports) == (None, None, timedelta(0), 0)


@given(several, hours)
def test_the_shares_add_up_to_one(said, start) -> None:
    found = reliability_of(record_of(*history(*said), start, NOON + 100 * HOUR, GONE_S))

    assert found.shares is None or sum(found.shares.values()) == 1
    assert found.observed <= NOON + 100 * HOUR - start


@given(several)
def test_the_intervals_follow_each_other_without_a_gap(said) -> None:
    spells, latest = history(*said)

    found = intervals(spells, latest, NOON + 100 * HOUR, GONE_S)

    assert found[0].start == min(moment for moment, _ in said)
    assert [one.end for one in found] == [*(one.start for one in found[1:]), NOON + 100 * HOUR]


@given(several, st.lists(hours, max_size=4))
def test_splitting_intervals_changes_nothing(said, cuts) -> None:
    whole = intervals(*history(*said), NOON + 100 * HOUR, GONE_S)
    split = [
        Interval(one.status, start, end)
        for one in whole
        for edges in [sorted({one.start, one.end, *(cut for cut in cuts if one.start < cut < one.end)})]
        for start, end in pairwise(edges)
    ]

    assert tally(split, NOON, NOON + 100 * HOUR) == tally(whole, NOON, NOON + 100 * HOUR)


def test_a_station_is_its_ports_together() -> None:
    one = record_of(*history((NOON, "available")), NOON, NOON + HOUR, GONE_S)
    other = record_of(*history((NOON, "faulted")), NOON, NOON + HOUR, GONE_S)

    assert reliability_of(one + other + Record()).working == Fraction(1, 2)
