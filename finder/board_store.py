"""SQL of the status board: what every port said last, as plain rows."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from finder.tables import PortStatusRow, StatusReportRow
from kernel.bulk import raw_rows

_AT_ONCE = 10_000
Said = Sequence[Sequence[Any]]


class _Microseconds(GenericFunction[int]):
    """A moment as whole microseconds since 1970, which is how SQLite has it."""

    type = BigInteger()
    inherit_cache = True
    name = "microseconds_of"


@compiles(_Microseconds)
def _as_kept(made: _Microseconds, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(made.clauses, **more)


@compiles(_Microseconds, "postgresql")
def _reckoned(made: _Microseconds, compiler: SQLCompiler, **more: Any) -> str:
    return f"(extract(epoch FROM {compiler.process(made.clauses, **more)}) * 1000000)::bigint"


_SAID = (
    PortStatusRow.port_id,
    PortStatusRow.technical_status,
    PortStatusRow.raw_status,
    _Microseconds(PortStatusRow.reported_at),
    _Microseconds(PortStatusRow.received_at),
)


def everything_said(session: Session) -> Iterator[Said]:
    """Port key, technical status, raw status and both times, in microseconds since 1970, of every port that was ever
    heard of, some at a time.
    """
    after = -1
    while True:
        query = select(*_SAID).where(PortStatusRow.port_id > after).order_by(PortStatusRow.port_id).limit(_AT_ONCE)
        some = raw_rows(session, query)
        if not some:
            return
        yield some
        after = some[-1][0]


def said_since(session: Session, moment: datetime) -> Said:
    """The same, of the ports that the log has an entry of since this moment."""
    heard = select(StatusReportRow.port_id).where(StatusReportRow.received_at >= moment).distinct()
    return raw_rows(session, select(*_SAID).where(PortStatusRow.port_id.in_(heard)))
