"""What others are told of reports: how a port changed, in the order in which it did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from finder.domain.status import Report, Status, in_order, status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A port has become something, or a card was read there. `late`: something newer was known already."""

    port_id: int
    status: Status
    before: Status | None
    reported_at: datetime
    card: str | None
    late: bool = False


def heard_of(port_id: int, before: Report | None, came: Iterable[Report]) -> Iterator[Heard]:
    """What came of a port, in the order of its being said; repetitions without a card are left out."""
    latest = before
    for report in in_order(came):
        late = latest is not None and report.order <= latest.order
        status = status_of(report.technical_status)
        was = None if latest is None else status_of(latest.technical_status)
        if report.card is not None or (status is not was and not late):
            yield Heard(
                port_id=port_id,
                status=status,
                before=was,
                reported_at=report.reported_at,
                card=report.card,
                late=late,
            )
        latest = latest if late else report
