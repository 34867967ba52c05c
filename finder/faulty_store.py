"""SQL of faults: the ports whose latest report says that they are out of order."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.domain.status import Status, TechnicalStatus, status_of
from finder.tables import PortStatusRow

_OUT = [one.value for one in TechnicalStatus if status_of(one) is Status.OUT_OF_SERVICE]
_AT_ONCE = 5000


def out_of_service(session: Session, port_ids: Collection[int]) -> dict[int, tuple[TechnicalStatus, datetime]]:
    """Of these ports those that are out of service: what they said, and since when."""
    wanted = sorted(port_ids)
    found: dict[int, tuple[TechnicalStatus, datetime]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(PortStatusRow.port_id, PortStatusRow.technical_status, PortStatusRow.status_changed_at).where(
            PortStatusRow.port_id.in_(wanted[start : start + _AT_ONCE]), PortStatusRow.technical_status.in_(_OUT)
        )
        found |= {port_id: (TechnicalStatus(word), since) for port_id, word, since in session.execute(query)}
    return found
