"""Spells: the same history and the same latest status whatever the order in which reports come."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from finder.domain.spells import Spell, retold, state_after, walk
from finder.domain.status import Report, TechnicalStatus

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=1)
GAP_S = 40
PERMUTATIONS = 5_000

words = st.sampled_from(("available", "charging", "faulted"))
said = st.builds(
    lambda second, sequence, word, error: a_report(second, word, sequence, error),
    st.integers(0, 120),
    st.integers(0, 2),
    words,
    st.sampled_from((None, "E1", "E2")),
)


def a_report(second: int, word: str, sequence: int = 0, error: str | None = None) -> Report:
    moment = NOON + timedelta(seconds=second)
    return Report(TechnicalStatus(word), moment, sequence, NOON, moment, error_code=error)


def one_by_one(reports: list[Report]) -> tuple[list[Spell], Report | None]:
    """As an intake does it: what is newer goes on, what is late has the history told anew."""
    spells: list[Spell] = []
    seen: dict[object, Report] = {}
    latest: Report | None = None
    for report in reports:
        if report.order in seen:
            continue
        late = latest is not None and report.order < latest.order
        seen[report.order] = report
        if late:
            spells, state = retold(spells, seen.values(), since=LONG_AGO, reports_before=0, longest_gap_s=GAP_S)
        else:
            begun, state = walk(latest and state_after(latest), [report], longest_gap_s=GAP_S)
            spells = [*spells, *begun]
        newest = max(seen.values(), key=lambda one: one.order)
        latest = as_latest(newest, state)
    return spells, latest


def as_latest(newest: Report, state) -> Report:
    return Report(
        newest.technical_status,
        newest.reported_at,
        newest.sequence,
        newest.received_at,
        state.status_changed_at,
        error_code=newest.error_code,
        reports=state.reports,
    )


@given(st.lists(said, min_size=1, max_size=7), st.randoms(use_true_random=False))
@settings(max_examples=500, deadline=None)
def test_any_order_with_repeats_ends_in_one_state_and_one_history(reports: list[Report], dice) -> None:
    in_order = one_by_one(sorted(reports, key=lambda one: one.order))

    for _ in range(PERMUTATIONS // 500):
        arrival = [*reports, *dice.choices(reports, k=3)]
        dice.shuffle(arrival)
        assert one_by_one(arrival) == in_order


@given(st.lists(said, min_size=1, max_size=12))
def test_a_spell_begins_with_another_status_or_after_a_silence_and_at_no_other_time(reports: list[Report]) -> None:
    in_order = sorted({report.order: report for report in reports}.values(), key=lambda one: one.order)
    begins = [in_order[0].order] + [
        after.order
        for before, after in pairwise(in_order)
        if before.technical_status is not after.technical_status
        or (after.reported_at - before.reported_at).total_seconds() > GAP_S
    ]

    spells, state = walk(None, reversed(in_order), longest_gap_s=GAP_S)

    assert [spell.order for spell in spells] == begins
    assert state is not None
    assert state.reports == len(in_order)


def test_a_late_report_in_the_middle_moves_the_time_of_the_last_change() -> None:
    first, last = a_report(0, "available"), a_report(20, "available")
    late = a_report(10, "charging")

    _, latest = one_by_one([first, last, late])

    assert latest is not None
    assert latest.status_changed_at == last.reported_at


def test_of_two_words_of_one_moment_the_more_cautious_one_stays() -> None:
    pair = [a_report(0, "available"), a_report(0, "faulted")]

    assert [one_by_one(order)[1].technical_status for order in (pair, pair[::-1])] == ["faulted", "faulted"]
