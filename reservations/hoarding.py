"""Hoarding: the limits on live holds and on reservations ahead, counted under the locks that make the count true."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.domain.caller import Driver
from kernel.transaction import Transaction
from reservations import limits_store as store
from reservations.domain.limits import check_holds, check_number, check_reservations
from reservations.domain.policy import Policy
from reservations.hold_store import Seen

LockClient = Callable[[Session, int], None]
AT_ONCE = 200
"""More transactions than the database has connections for, so that fewer holds are ever being written unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds: the driver, the card, and the app; None where it is nobody's app."""

    driver: Driver
    card: str
    client_id: int | None


def check_hold(
    transaction: Transaction, holder: Holder, seen: Seen, *, now: datetime, policy: Policy, lock_client: LockClient
) -> None:
    """Whether one hold more is allowed. The driver's row is locked already, and the port's.

    An app has many drivers who would all wait for one another on its row, so it is locked only near the limit.
    Raises TooManyHolds, TooManyReservations.
    """
    check_reservations(seen.ahead, policy)
    if seen.holds >= policy.holds_per_driver or seen.card_holds >= policy.holds_per_card:
        check_holds(store.live_holds(transaction.session, holder.driver.driver_id, now), holder.card, now, policy)
    if holder.client_id is None or seen.client_holds + AT_ONCE < policy.holds_per_client:
        return
    lock_client(transaction.session, holder.client_id)
    check_number(store.client_hold_expiries(transaction.session, holder.client_id, now), now, policy.holds_per_client)


def check_ahead(session: Session, driver: Driver, *, now: datetime, policy: Policy) -> None:
    """Whether the driver may have one reservation more. The driver's row is locked. Raises TooManyReservations."""
    check_reservations(store.count_ahead(session, driver.driver_id, now), policy)
