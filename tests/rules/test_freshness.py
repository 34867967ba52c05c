"""Freshness by the second: fresh, stale, unreachable, with nothing written in between; and clocks that run wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.availability import PortStatus, port_status
from finder.domain.freshness import Freshness, Interruption, StaleReason, Thresholds, age_of, believed_time
from finder.domain.status import Report, Status, TechnicalStatus, status_of

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
USUAL = Thresholds()

seconds = st.integers(-(10**6), 10**6)
thresholds = st.tuples(st.integers(1, 10**5), st.integers(1, 10**5)).map(lambda two: Thresholds(two[0], sum(two)))


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def a_report(reported: float = 0, received: float = 0, said: TechnicalStatus = TechnicalStatus.AVAILABLE) -> Report:
    return Report(said, at(reported), 0, at(received), at(reported))


def told(report: Report | None, second: float, limits: Thresholds = USUAL) -> PortStatus:
    return port_status(report, reserved=False, now=at(second), thresholds=limits)


@pytest.mark.parametrize(
    ("age_s", "freshness", "status"),
    [
        (0, "FRESH", "AVAILABLE"),
        (899, "FRESH", "AVAILABLE"),
        (900, "FRESH", "AVAILABLE"),
        (901, "STALE", "AVAILABLE"),
        (3599, "STALE", "AVAILABLE"),
        (3600, "STALE", "AVAILABLE"),
        (3601, "STALE", "UNREACHABLE"),
    ],
)
def test_a_silent_port_is_told_as_is_then_as_stale_then_as_unreachable(age_s, freshness, status) -> None:
    found = told(a_report(), age_s)

    assert (found.age.age_s, found.age.freshness, found.status) == (age_s, freshness, status)
    assert found.age.stale_reason == (None if freshness == "FRESH" else "silent")
    assert found.technical_status is TechnicalStatus.AVAILABLE


@given(seconds, thresholds, st.sampled_from(TechnicalStatus))
def test_the_thresholds_are_the_ones_that_were_set(age_s: int, limits: Thresholds, said: TechnicalStatus) -> None:
    found = told(a_report(said=said), age_s, limits)

    assert (found.age.freshness is Freshness.FRESH) is (age_s <= limits.stale_after_s)
    assert found.status is (Status.UNREACHABLE if age_s > limits.unreachable_after_s else status_of(said))


@given(seconds, seconds, st.integers(0, 10**6))
def test_the_age_counts_from_the_earlier_of_the_two_times_and_is_never_negative(reported, received, now) -> None:
    age_s = age_of(a_report(reported, received), at(now), USUAL).age_s

    assert age_s == max(0, now - min(reported, received))


@given(seconds, st.integers(0, 10**5))
def test_a_status_only_gets_older(now: int, later: int) -> None:
    report = a_report()
    first, then = age_of(report, at(now), USUAL), age_of(report, at(now + later), USUAL)

    assert first.age_s <= then.age_s
    assert (first.freshness, then.freshness) != (Freshness.STALE, Freshness.FRESH)
    assert first.is_silent_too_long <= then.is_silent_too_long


@pytest.mark.parametrize(("ahead_s", "clamped"), [(-600, False), (0, False), (119, False), (120, False), (121, True)])
def test_a_clock_is_believed_up_to_120_seconds_ahead(ahead_s, clamped) -> None:
    assert believed_time(at(ahead_s), NOON) == (NOON if clamped else at(ahead_s), clamped)


@pytest.mark.parametrize(("skew_s", "age_s"), [(600, 0), (100, 0), (-600, 600)])
def test_a_skewed_clock_never_makes_a_status_fresher_than_its_arrival(skew_s, age_s) -> None:
    reported_at, clamped = believed_time(at(skew_s), NOON)
    report = Report(TechnicalStatus.AVAILABLE, reported_at, 0, NOON, reported_at, clamped=clamped)

    assert age_of(report, NOON, USUAL).age_s == age_s


def test_a_port_that_never_reported_is_unknown_and_not_unreachable() -> None:
    found = told(None, 0)

    assert (found.status, found.technical_status) == (Status.UNKNOWN, TechnicalStatus.UNKNOWN)
    assert (found.age.freshness, found.age.age_s, found.as_of) == (Freshness.STALE, None, None)


def test_only_a_fresh_report_makes_a_port_surely_free() -> None:
    assert told(a_report(), 900).is_surely_free
    assert not told(a_report(), 901).is_surely_free
    assert not port_status(a_report(), reserved=True, now=NOON, thresholds=USUAL).is_surely_free


@pytest.mark.parametrize("reason", [StaleReason.MAINTENANCE, StaleReason.UPSTREAM_OUTAGE])
def test_an_interruption_of_unknown_beginning_says_why_and_changes_nothing_else(reason) -> None:
    for age_s in (0, 900, 901, 3601):
        silent, interrupted = (age_of(a_report(), at(age_s), USUAL, one) for one in (None, Interruption(reason)))

        assert interrupted.stale_reason == (reason if age_s > 900 else None)
        assert (interrupted.freshness, interrupted.is_silent_too_long) == (silent.freshness, silent.is_silent_too_long)


@pytest.mark.parametrize(("stale_s", "gone_s"), [(1, 2), (60, 300), (900, 3600), (86_400, 604_800)])
def test_a_second_before_and_after_each_threshold(stale_s, gone_s) -> None:
    limits = Thresholds(stale_s, gone_s)
    told_at = [told(a_report(), age_s, limits) for age_s in (stale_s - 1, stale_s + 1, gone_s - 1, gone_s + 1)]

    assert [one.age.freshness for one in told_at][:2] == ["FRESH", "STALE"]
    assert told_at[3].status is Status.UNREACHABLE
    assert told_at[2].status is Status.AVAILABLE


@given(seconds, thresholds, seconds)
def test_an_interruption_explains_only_what_grew_stale_since(age_s: int, limits: Thresholds, began: int) -> None:
    outage = Interruption(StaleReason.UPSTREAM_OUTAGE, since=at(began))

    age = age_of(a_report(), at(age_s), limits, outage)

    assert age.freshness is age_of(a_report(), at(age_s), limits).freshness
    if age.freshness is Freshness.STALE:
        was_stale = began > limits.stale_after_s
        assert age.stale_reason is (StaleReason.SILENT if was_stale else StaleReason.UPSTREAM_OUTAGE)
