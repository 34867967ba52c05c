"""SQL of the status board: what every port said last, as plain rows."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from finder.tables import PortStatusRow, StatusReportRow

_AT_ONCE = 50_000
_SAID = (
    PortStatusRow.port_id,
    PortStatusRow.technical_status,
    PortStatusRow.raw_status,
    PortStatusRow.reported_at,
    PortStatusRow.received_at,
)
Said = Sequence[Row[int, str, str | None, datetime, datetime]]


def everything_said(session: Session) -> Iterator[Said]:
    """Port key, technical status, raw status and both times of every port that was ever heard of, some at a time."""
    after = -1
    while True:
        query = select(*_SAID).where(PortStatusRow.port_id > after).order_by(PortStatusRow.port_id).limit(_AT_ONCE)
        some: Any = session.execute(query).all()
        if not some:
            return
        yield some
        after = some[-1][0]


def said_since(session: Session, moment: datetime) -> Said:
    """The same, of the ports that the log has an entry of since this moment."""
    heard = select(StatusReportRow.port_id).where(StatusReportRow.received_at >= moment).distinct()
    found: Any = session.execute(select(*_SAID).where(PortStatusRow.port_id.in_(heard))).all()
    return found  # type: ignore[no-any-return]
