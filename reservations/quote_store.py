"""SQL of quotes. Session first, values out."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from reservations.domain.handles import is_quote_id
from reservations.domain.policy import QuoteMismatch
from reservations.domain.reservation import Quote
from reservations.records import quote_of, quote_values
from reservations.tables import QUOTES


def add_quote(session: Session, quote: Quote, tariff: dict[str, Any] | None) -> None:
    session.execute(insert(QUOTES).values({**quote_values(quote), "tariff": tariff}))


def quote(session: Session, quote_id: str, driver_id: int) -> Quote:
    """The driver's quote. Raises QuoteMismatch, for another driver's too."""
    query = select(QUOTES).where(QUOTES.c.quote_id == quote_id, QUOTES.c.driver_id == driver_id)
    row = session.execute(query).one_or_none() if is_quote_id(quote_id) else None
    if row is None:
        raise QuoteMismatch
    return quote_of(row)


def forget_quotes(session: Session, before: datetime) -> int:
    """Drop the quotes that ran out before a moment; returns how many."""
    old = delete(QUOTES).where(QUOTES.c.expires_at < before)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
