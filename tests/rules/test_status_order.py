"""The order of reports: what the charger says of its time decides, never what came when."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finder.domain.freshness import CLOCK_TOLERANCE, believed_time
from finder.domain.status import Report, TechnicalStatus

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)

moments = st.integers(-300, 300).map(lambda seconds: NOON + timedelta(seconds=seconds))
reports = st.builds(
    Report,
    technical_status=st.sampled_from(TechnicalStatus),
    reported_at=moments,
    sequence=st.integers(0, 2**53 - 1),
    received_at=moments,
    status_changed_at=st.just(NOON),
)


@given(st.lists(reports, min_size=1, unique_by=lambda report: report.order), st.randoms(use_true_random=False))
def test_the_newest_is_the_same_whatever_the_order_of_arrival(several: list[Report], dice) -> None:
    shuffled = dice.sample(several, len(several))

    assert max(several, key=lambda report: report.order) is max(shuffled, key=lambda report: report.order)


@given(st.lists(reports, min_size=2))
def test_the_sequence_counts_only_between_reports_of_one_moment(several: list[Report]) -> None:
    in_order = sorted(several, key=lambda report: report.order)

    assert all(
        older.reported_at < newer.reported_at
        or (older.reported_at == newer.reported_at and older.sequence <= newer.sequence)
        for older, newer in pairwise(in_order)
    )


@given(reports, moments)
def test_the_time_of_arrival_does_not_change_the_order(report: Report, received_at: datetime) -> None:
    again = report._replace(received_at=received_at)

    assert again.order == report.order


@given(moments, moments)
def test_no_report_counts_for_a_time_far_ahead_of_ours(reported_at: datetime, received_at: datetime) -> None:
    believed, clamped = believed_time(reported_at, received_at)

    assert believed <= received_at + CLOCK_TOLERANCE
    assert clamped is (believed != reported_at)
    assert believed == (received_at if clamped else reported_at)
