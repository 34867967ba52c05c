"""ReservationDesk: quote, hold, confirm, release, cancel and look up reservations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from accounts.domain.caller import Driver
from accounts.drivers import DriverAccess
from finder.catalogue import StationCatalogue
from finder.domain.ocpi_tariff import tariff_to_ocpi
from finder.domain.station import Station
from finder.records import ListedPort
from kernel.clock import Clock
from kernel.database import Database
from kernel.window import Window
from reservations import offers, store
from reservations.domain.handles import new_handle, new_quote_id
from reservations.domain.lifecycle import CANCEL, CONFIRM, RELEASE, Deed, State, is_done_already, refusal_of
from reservations.domain.policy import (
    CardInvalid,
    CardNotActive,
    Policy,
    PortTaken,
    QuoteExpired,
    QuoteMismatch,
    StationTaken,
    cancel_until,
    check_holds,
    window_of,
)
from reservations.domain.reservation import Question, Quote, Reservation, Wish
from reservations.events import tell
from reservations.expiry import lapse_on_port
from reservations.listing import Page, page_of
from reservations.taken import TakenPorts

_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class _Request:
    """A wish that nothing forbids so far: the window, and the ports to be tried in this order."""

    window: Window
    station: Station
    ports: tuple[ListedPort, ...]
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class ReservationDesk:
    """Where drivers reserve.

    A hold takes the driver's row, then the port's, and only then reads the time: what it decides by that time stays
    true until it commits. The database's own guard is the last word. `lock_port` and `find_overlap` can be replaced,
    so that a test can show what happens without them.
    """

    database: Database
    clock: Clock
    catalogue: StationCatalogue
    drivers: DriverAccess
    taken: TakenPorts
    policy: Policy = field(default=_POLICY, kw_only=True)
    lock_port: Callable[[Session, int], None] = field(default=store.lock_port, kw_only=True)
    find_overlap: Callable[[Session, int, Window, datetime], bool] = field(default=store.find_overlap, kw_only=True)

    def quote(self, driver: Driver, wish: Wish, *, card: str | None = None) -> Quote:
        """A price for the port asked for, or for the first that is free; promised, but nothing is held."""
        request = self._request(driver, wish, card=card)
        with self.database.writing() as session:
            now = self.clock.in_transaction(session)
            port = self._seen_free(session, request, now)
            quote = self._new_quote(driver, request, port, now)
            tariff = request.station.tariff
            store.add_quote(session, quote, tariff_to_ocpi(tariff) if tariff else None)
        return quote

    def hold(self, driver: Driver, wish: Wish, *, card: str, quote_id: str | None = None) -> Reservation:
        """Price and hold a port, until `hold_expires_at`; without a port number the first that is free."""
        request = self._request(driver, wish, card=card, quote_id=quote_id)
        with self.database.writing() as session:
            store.lock_driver(session, driver.driver_id)
            port, now = self._locked_free(session, request)
            check_holds(store.live_hold_expiries(session, driver.driver_id, now), now, self.policy)
            held = self._new_hold(driver, card, request, port, now)
            store.add(session, held)
            self._moved(session, held, now)
        return held

    def confirm(self, driver: Driver, handle: str) -> Reservation:
        """Reserve what is held, at the price that was quoted."""
        return self._do(CONFIRM, driver, handle)

    def release(self, driver: Driver, handle: str) -> Reservation:
        """Give up a hold."""
        return self._do(RELEASE, driver, handle)

    def cancel(self, driver: Driver, handle: str) -> Reservation:
        """Cancel a confirmed reservation, before `cancel_until`."""
        return self._do(CANCEL, driver, handle)

    def look_up(self, driver: Driver, handle: str) -> Reservation:
        """The driver's reservation as it is now. Raises HandleUnknown."""
        with self.database.reading() as session:
            now = self.clock.in_transaction(session)
            return store.reservation(session, handle, driver.driver_id).at(now)

    def reservations(self, question: Question, *, limit: int, cursor: str | None) -> Page:
        """A page of a driver's reservations, by start. Raises InvalidCursor."""
        with self.database.reading() as session:
            return page_of(session, question, now=self.clock.in_transaction(session), limit=limit, cursor=cursor)

    def remove_demo(self) -> None:
        """Take out the demo network's reservations, so that its drivers and stations can go."""
        with self.database.writing() as session:
            store.remove_demo(session)
            self.database.when_committed(session, self.taken.forget)

    def _request(self, driver: Driver, wish: Wish, *, card: str | None, quote_id: str | None = None) -> _Request:
        """Refuses what needs no lock to be refused."""
        now = self.clock.now()
        window = window_of(wish.start, wish.duration_min, now, self.policy)
        if card is not None:
            self._check_card(driver, card)
        quote = self._quoted(driver, wish, quote_id, now) if quote_id is not None else None
        listed = self.catalogue.listed(wish.station_id)
        ports = offers.reservable_ports(listed, quote.port_number if quote else wish.port_number)
        offers.check_station(listed.station, window, wish.duration_min, self.policy)
        return _Request(window, listed.station, ports, quote)

    def _check_card(self, driver: Driver, serial_number: str) -> None:
        card = next((one for one in self.drivers.cards(driver) if one.serial_number == serial_number), None)
        if card is None:
            raise CardInvalid(errors=({"pointer": "/card", "detail": "is not a card of this driver"},))
        if not card.active:
            raise CardNotActive

    def _quoted(self, driver: Driver, wish: Wish, quote_id: str, now: datetime) -> Quote:
        with self.database.reading() as session:
            quote = store.quote(session, quote_id, driver.driver_id)
        if not quote.is_for(wish):
            raise QuoteMismatch
        if quote.expires_at <= now:
            raise QuoteExpired
        return quote

    def _seen_free(self, session: Session, request: _Request, now: datetime) -> ListedPort:
        for port in request.ports:
            if not self.find_overlap(session, port.port_id, request.window, now):
                return port
        raise _taken(request.ports)

    def _locked_free(self, session: Session, request: _Request) -> tuple[ListedPort, datetime]:
        """The first free port, locked, and the time read under the lock."""
        for port in request.ports:
            self.lock_port(session, port.port_id)
            now = self.clock.in_transaction(session)
            lapse_on_port(session, port.port_id, now)
            if not self.find_overlap(session, port.port_id, request.window, now):
                return port, now
        raise _taken(request.ports)

    def _new_quote(self, driver: Driver, request: _Request, port: ListedPort, now: datetime) -> Quote:
        return Quote(
            quote_id=new_quote_id(),
            driver_id=driver.driver_id,
            port_id=port.port_id,
            station_id=request.station.station_id,
            port_number=port.port.port_number,
            window=request.window,
            price=offers.price_of(request.station, port.port, request.window),
            hold_min=self.policy.hold_min,
            cancellation_interval_min=self.policy.cancellation_interval_min,
            cancel_until=cancel_until(request.window.start, self.policy.cancellation_interval_min),
            created_at=now,
            expires_at=now + timedelta(minutes=self.policy.quote_min),
        )

    def _new_hold(self, driver: Driver, card: str, request: _Request, port: ListedPort, now: datetime) -> Reservation:
        """A hold on the terms of the quote, or on today's where there is none."""
        terms = request.quote or self._new_quote(driver, request, port, now)
        return Reservation(
            handle=new_handle(),
            driver_id=driver.driver_id,
            port_id=port.port_id,
            station_id=terms.station_id,
            port_number=terms.port_number,
            card=card,
            state=State.HELD,
            window=terms.window,
            price=terms.price,
            cancellation_interval_min=terms.cancellation_interval_min,
            cancel_until=terms.cancel_until,
            hold_expires_at=now + timedelta(minutes=terms.hold_min),
            created_at=now,
            updated_at=now,
        )

    def _do(self, deed: Deed, driver: Driver, handle: str) -> Reservation:
        """One guarded move; where it moved nothing, the reservation itself says why."""
        with self.database.writing() as session:
            store.lock_reservation(session, handle, driver.driver_id)
            now = self.clock.in_transaction(session)
            done = store.move(session, handle, driver.driver_id, deed, now)
            if done is not None:
                self._moved(session, done, now)
                return done
            found = store.reservation(session, handle, driver.driver_id).at(now)
            if is_done_already(deed, found.state):
                return found
            raise refusal_of(deed, found.state)

    def _moved(self, session: Session, reservation: Reservation, now: datetime) -> None:
        tell(session, reservation, now)
        self.database.when_committed(session, self.taken.forget)


def _taken(ports: Sequence[ListedPort]) -> PortTaken:
    return StationTaken() if len(ports) > 1 else PortTaken()
