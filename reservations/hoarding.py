"""Hoarding: the limits on live holds and on reservations ahead, counted under the locks that make the count true."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.domain.caller import Driver
from reservations import limits_store as store
from reservations.domain.limits import check_holds, check_number, check_reservations
from reservations.domain.policy import Policy

LockClient = Callable[[Session, int], None]
AT_ONCE = 200
"""More transactions than the database has connections for, so that fewer holds are ever being written unseen."""


def check_hold(
    session: Session,
    driver: Driver,
    *,
    card: str,
    client_id: int | None,
    now: datetime,
    policy: Policy,
    lock_client: LockClient,
) -> None:
    """Whether one hold more is allowed. The driver's row is locked already, and the port's.

    An app has many drivers who would all wait for one another on its row, so it is locked only near the limit.
    Raises TooManyHolds, TooManyReservations.
    """
    check_ahead(session, driver, now=now, policy=policy)
    check_holds(store.live_holds(session, driver.driver_id, now), card, now, policy)
    if client_id is None or store.count_client_holds(session, client_id, now) + AT_ONCE < policy.holds_per_client:
        return
    lock_client(session, client_id)
    check_number(store.client_hold_expiries(session, client_id, now), now, policy.holds_per_client)


def check_ahead(session: Session, driver: Driver, *, now: datetime, policy: Policy) -> None:
    """Whether the driver may have one reservation more. The driver's row is locked. Raises TooManyReservations."""
    check_reservations(store.count_ahead(session, driver.driver_id, now), policy)
