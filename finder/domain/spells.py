"""Spells: the history of a port in few rows, each a time in which it kept one status and was never silent for long."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from finder.domain.status import Report, TechnicalStatus, in_order

LATEST = timedelta(hours=20)  # a report that comes later than this is logged, and the history stays as it is


class Spell(NamedTuple):
    """A spell begins with a report of another status, or with the first one after a long silence.

    `heard_before` is the last time before it at which the port was heard of, `reports_before` how many reports
    there had been by then. `status_changed_at` is when the status began, through silences.
    """

    technical_status: TechnicalStatus
    began_at: datetime
    sequence: int
    weight: int
    status_changed_at: datetime
    heard_before: datetime | None
    reports_before: int

    @property
    def order(self) -> tuple[datetime, int, int]:
        """The order of the report that it began with."""
        return (self.began_at, self.sequence, self.weight)


class State(NamedTuple):
    """Where a walk through a port's reports stands: what it said last, since when, and how often it spoke."""

    technical_status: TechnicalStatus
    status_changed_at: datetime
    heard_at: datetime | None
    reports: int


def walk(state: State | None, reports: Iterable[Report], *, longest_gap_s: int) -> tuple[list[Spell], State | None]:
    """The spells that these reports begin, in the order of the reports, and where the walk ends.

    The result depends on what was said and when, never on the order in which it came.
    """
    longest_gap = timedelta(seconds=longest_gap_s)
    spells: list[Spell] = []
    for report in in_order(reports):
        changed = state is None or state.technical_status is not report.technical_status
        changed_at = report.reported_at if state is None or changed else state.status_changed_at
        heard, count = (None, 0) if state is None else (state.heard_at, state.reports)
        if changed or (heard is not None and report.reported_at - heard > longest_gap):
            spells.append(Spell(report.technical_status, *report.order, changed_at, heard, count))
        state = State(report.technical_status, changed_at, report.reported_at, count + 1)
    return spells, state


def state_after(report: Report) -> State:
    """Where a walk stands after a port's latest report."""
    return State(report.technical_status, report.status_changed_at, report.reported_at, report.reports)


def retold(
    known: Sequence[Spell], reports: Iterable[Report], *, since: datetime, reports_before: int, longest_gap_s: int
) -> tuple[list[Spell], State | None]:
    """The spells from a moment on, told anew because of a late report, and where the port then stands.

    `known` are the spells so far, with the one into which the moment falls; `reports` are all since that moment,
    each once; `reports_before` is how many there had been by then.
    """
    several = in_order(reports)
    base = next((spell for spell in reversed(known) if spell.began_at < since), None)
    first = next((spell for spell in known if spell.began_at >= since), None)
    if base is None:
        return walk(None, several, longest_gap_s=longest_gap_s)
    same = first is not None and bool(several) and first.order == several[0].order
    heard_before = first.heard_before if first is not None and same else None
    state = State(base.technical_status, base.status_changed_at, heard_before, reports_before)
    return walk(state, several, longest_gap_s=longest_gap_s)
