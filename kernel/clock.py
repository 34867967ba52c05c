"""Clocks: the only places where the time is read."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import text

from kernel.transaction import Asker, is_postgresql


class Clock(Protocol):
    """Tells the time; handed to use cases, never to rules."""

    def now(self) -> datetime:
        """This machine's time, UTC."""

    def in_transaction(self, asker: Asker, told: datetime | None = None) -> datetime:
        """The one time that decides about holds: the database's, read now and not when the transaction began.

        Or as it was `told` by a statement that had to be sent anyway.
        """


class SystemClock:
    """The machine's clock; inside a transaction on PostgreSQL the server's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def in_transaction(self, asker: Asker, told: datetime | None = None) -> datetime:
        if told is not None:
            return told.astimezone(UTC)
        if not is_postgresql(asker):
            return self.now()
        moment: datetime = asker.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and for figures that must repeat."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def in_transaction(self, asker: Asker, told: datetime | None = None) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)
