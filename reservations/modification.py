"""Modification: a reservation becomes another one, all at once or not at all; a hold is given more time."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.domain.caller import Driver
from finder.records import ListedPort
from kernel.errors import Overtaken, TemporarilyUnavailable
from reservations import limits_store, store
from reservations.desk import ReservationDesk
from reservations.domain.extension import check_extendable, extended_until
from reservations.domain.lifecycle import HoldExpired
from reservations.domain.modification import (
    ModificationOvertaken,
    ModificationUnavailable,
    ModifiedMeanwhile,
    VersionGone,
    check_modifiable,
    differences,
    modified,
)
from reservations.domain.policy import FreeDriverChange, PortTaken
from reservations.domain.reservation import Change, Reservation
from reservations.events import tell
from reservations.expiry import lapse_on_port
from reservations.wishes import Request


class Modification:
    """Works at the desk's counter: the same database, clock, locks and rules.

    Locks are taken in the desk's order: the driver, the two ports by ascending id, the reservation. Then the time is
    read, and one guarded UPDATE moves window, port and price together: where anything forbids it, nothing has changed.
    """

    def __init__(self, desk: ReservationDesk) -> None:
        self._desk = desk
        self._database = desk.database
        self._clock = desk.clock

    def modify(self, driver: Driver, handle: str, change: Change) -> Reservation:
        """Give a hold or a reservation another start, duration or port, at the price of the tariff as it is now.

        What was promised about cancelling and the like stays, unless a quote promised something newer. Raises what
        refuses a hold, and HoldExpired, NotModifiable, VersionGone, FreeDriverChange, ModificationUnavailable.
        """
        with self._database.reading() as session:
            now = self._clock.in_transaction(session)
            seen = store.reservation(session, handle, driver.driver_id).at(now)
        check_modifiable(seen, now)
        _check_version(seen, change)
        if change.changes_nothing_of(seen):
            return seen
        request = self._request(driver, seen, change)
        try:
            with self._database.writing() as session:
                return self._modified(session, driver, seen, request)
        except Overtaken as error:
            raise ModificationOvertaken from error
        except TemporarilyUnavailable as error:
            raise ModificationUnavailable from error

    def _request(self, driver: Driver, seen: Reservation, change: Change) -> Request:
        """What it shall be, by what was promised; a start that stays is not asked whether it is far enough ahead."""
        wish = change.of(seen)
        quote = None if change.quote_id is None else self._desk.honoured(driver, wish, change.quote_id)
        policy = seen.policy if wish.start != seen.start else replace(seen.policy, earliest_start_min=0)
        request = self._desk.wishes.request(driver, wish, quote=quote, policy=policy, unpaid=FreeDriverChange)
        return request if quote else replace(request, policy=seen.policy)

    def _modified(self, session: Session, driver: Driver, seen: Reservation, request: Request) -> Reservation:
        (port,) = request.ports
        locked, now = self._locked(session, driver, seen, port)
        lapse_on_port(session, port.port_id, now)
        if self._desk.find_overlap(session, port.port_id, request.window, now, locked.handle):
            raise PortTaken
        after = modified(locked, request.terms(driver, port, now), now)
        return self._rewritten(session, locked, after, "modified")

    def _locked(
        self, session: Session, driver: Driver, seen: Reservation, port: ListedPort
    ) -> tuple[Reservation, datetime]:
        """The reservation as it was seen, with all that it needs locked, and the time. Raises ModifiedMeanwhile."""
        limits_store.lock_driver(session, driver.driver_id)
        for port_id in sorted({seen.port_id, port.port_id}):
            self._desk.lock_port(session, port_id)
        locked = store.lock_reservation(session, seen.handle, driver.driver_id)
        now = self._clock.in_transaction(session)
        check_modifiable(locked.at(now), now)
        if locked != seen:
            raise ModifiedMeanwhile
        return locked, now

    def extend(self, driver: Driver, handle: str) -> Reservation:
        """Give a hold more time, within what was promised. Raises HoldExpired, NoExtensionLeft, ExtensionTooLate.

        Nobody may count the hold as run out while it is extended: all that is counted by is locked, the driver and
        the app.
        """
        with self._database.writing() as session:
            limits_store.lock_driver(session, driver.driver_id)
            locked = store.lock_reservation(session, handle, driver.driver_id)
            self._desk.closed.check_writes(locked.station_id)
            if locked.client_id is not None:
                self._desk.lock_client(session, locked.client_id)
            now = self._clock.in_transaction(session)
            check_extendable(locked.at(now))
            until = extended_until(locked)
            after = replace(locked, hold_expires_at=until, extensions=locked.extensions + 1, updated_at=now)
            return self._rewritten(session, locked, after, "extended")

    def _rewritten(self, session: Session, before: Reservation, after: Reservation, what: str) -> Reservation:
        done = store.rewrite(session, before, after, after.updated_at)
        if done is None:
            raise HoldExpired if what == "extended" else ModifiedMeanwhile
        tell(session, done, done.updated_at, what=what, changed=differences(before, done))
        self._database.when_committed(self._desk.taken.forget)
        return done


def _check_version(reservation: Reservation, change: Change) -> None:
    if change.held is not None and change.held != reservation.updated_at:
        raise VersionGone
