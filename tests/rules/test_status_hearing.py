"""What listeners are told of a port: its changes, in the order in which they were said."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finder.domain.hearing import heard_of
from finder.domain.status import Report, TechnicalStatus, status_of

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_report(second: int, status: TechnicalStatus, card: str | None = None) -> Report:
    at = NOON + timedelta(seconds=second)
    return Report(status, at, 0, NOON, at, card=card)


reports = st.builds(a_report, st.integers(0, 100), st.sampled_from(TechnicalStatus), st.sampled_from([None, None, "1"]))
batches = st.lists(reports, max_size=6, unique_by=lambda one: one.reported_at)


@given(st.none() | reports, batches)
def test_changes_follow_one_another_whatever_the_order_of_arrival(before, came) -> None:
    told = [one for one in heard_of(1, before, came) if not one.late]

    assert list(heard_of(1, before, reversed(came))) == list(heard_of(1, before, came))
    assert all(first.reported_at < second.reported_at for first, second in pairwise(told))
    assert all(second.before is first.status for first, second in pairwise(told))


@given(st.none() | reports, batches)
def test_what_is_older_than_what_is_known_is_late_and_told_only_for_its_card(before, came) -> None:
    older = {one.reported_at for one in came if before is not None and one.order <= before.order}

    for one in heard_of(1, before, came):
        assert one.late == (one.reported_at in older)
        assert one.card or not one.late


@given(reports)
def test_the_same_again_is_not_told_without_a_card(before) -> None:
    again = a_report(101, before.technical_status)

    assert list(heard_of(1, before, [again])) == []
    [told] = heard_of(1, before, [a_report(101, before.technical_status, "1")])
    assert (told.before, told.status) == (status_of(before.technical_status),) * 2
