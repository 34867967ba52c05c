"""ReservationDesk: quote, hold, confirm, release, cancel and look up reservations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from accounts.domain.caller import Driver
from accounts.drivers import DriverAccess
from finder.catalogue import StationCatalogue
from finder.domain.ocpi_tariff import tariff_to_ocpi
from finder.records import ListedPort
from kernel.clock import Clock
from kernel.database import Database
from kernel.transaction import Transaction
from reservations import hold_store, limits_store, quote_store, store
from reservations.domain.closures import ClosedWindows, NeverClosed
from reservations.domain.handles import new_handle
from reservations.domain.lifecycle import CANCEL, CONFIRM, RELEASE, Deed, State, is_done_already, refusal_of
from reservations.domain.policy import PortTaken, PriceChanged, QuoteExpired, StationTaken
from reservations.domain.reservation import Question, Quote, Reservation, Wish
from reservations.events import tell
from reservations.expiry import lapse_on_port
from reservations.hoarding import Holder, LockClient, check_ahead, check_hold
from reservations.hold_store import Seen
from reservations.listing import Page, page_of
from reservations.records import quote_told
from reservations.service_state import OutOfService, nothing_known
from reservations.taken import TakenPorts
from reservations.wishes import Request, Wishes, new_quote


@dataclass(frozen=True, slots=True)
class ReservationDesk:
    """Where drivers reserve.

    A hold takes the driver's row, then the port's, and only then reads the time: what it decides by that time stays
    true until it commits. The database's own guard is the last word. Without a port number the ports are tried in
    order of their ids, which is the order in which they are locked. `lock_port`, `lock_client`, `look` and
    `find_overlap` can be replaced, so that a test can show what happens without them.
    """

    database: Database
    clock: Clock
    catalogue: StationCatalogue
    drivers: DriverAccess
    taken: TakenPorts
    out_of_service: OutOfService = field(default=nothing_known, kw_only=True)
    closed: ClosedWindows = field(default=NeverClosed(), kw_only=True)
    lock_port: Callable[..., datetime | None] = field(default=store.lock_port, kw_only=True)
    lock_client: LockClient = field(default=limits_store.lock_client, kw_only=True)
    look: Callable[..., Seen] = field(default=hold_store.look, kw_only=True)
    find_overlap: Callable[..., bool] = field(default=store.find_overlap, kw_only=True)

    @property
    def wishes(self) -> Wishes:
        """What looks at a wish before anything is locked."""
        return Wishes(self.database, self.clock, self.catalogue, self.drivers, self.out_of_service, self.closed)

    def quote(self, driver: Driver, wish: Wish, *, card: str | None = None) -> Quote:
        """A price for the port asked for, or for the first that is free; promised, but nothing is held."""
        if card is not None:
            self.wishes.check_card(driver, card)
        request = self.wishes.request(driver, wish)
        with self.database.writing() as session:
            now = self.clock.in_transaction(session)
            quote = new_quote(driver, request, self._seen_free(session, request, now), now)
            tariff = request.station.tariff
            quote_store.add_quote(session, quote, tariff_to_ocpi(tariff) if tariff else None)
        return quote

    def honoured(self, driver: Driver, wish: Wish, quote_id: str) -> Quote:
        """The quote, for as long as its price is promised.

        Raises QuoteMismatch; afterwards PriceChanged or QuoteExpired, with a new quote that can be accepted.
        """
        quote, is_promised = self.wishes.quoted(driver, wish, quote_id)
        if is_promised:
            return quote
        fresh = self.quote(driver, replace(wish, port_number=quote.port_number))
        is_same = (fresh.price, fresh.policy) == (quote.price, quote.policy)
        raise (QuoteExpired if is_same else PriceChanged)(extra={"quote": quote_told(fresh)})

    def hold(
        self, driver: Driver, wish: Wish, *, card: str, quote_id: str | None = None, client_id: int | None = None
    ) -> Reservation:
        """Price and hold a port, until `hold_expires_at`; without a port number the first that is free."""
        self.wishes.check_card(driver, card)
        quote = None if quote_id is None else self.honoured(driver, wish, quote_id)
        holder = Holder(driver=driver, card=card, client_id=client_id)
        asked = self._asked_apart(driver, wish, quote)
        with self.database.transaction() as transaction:
            request = asked or self.wishes.request(driver, wish, quote=quote)
            port, seen, now = self._locked_free(transaction, request, holder)
            check_hold(transaction, holder, seen, now=now, policy=request.policy, lock_client=self.lock_client)
            held = _new_hold(holder, request.terms(driver, port, now), now)
            hold_store.write(transaction, held, now)
            self.database.when_committed(self.taken.forget)
        return held

    def _asked_apart(self, driver: Driver, wish: Wish, quote: Quote | None) -> Request | None:
        """The request where nobody may wait for its making; elsewhere it is made in the transaction of its hold.

        That saves a connection's way out of the pool and back, and until the first lock nobody waits there.
        """
        return self.wishes.request(driver, wish, quote=quote) if self.database.has_one_writer else None

    def confirm(self, driver: Driver, handle: str) -> Reservation:
        """Reserve what is held, at the price that was quoted. Raises StationUnreachable, TooManyReservations."""
        with self.database.reading() as session:
            held = store.reservation(session, handle, driver.driver_id).at(self.clock.in_transaction(session))
        if held.state is State.HELD:
            self.wishes.check_service(held)
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
            self.database.when_committed(self.taken.forget)

    def _seen_free(self, session: Session, request: Request, now: datetime) -> ListedPort:
        for port in request.ports:
            if not self.find_overlap(session, port.port_id, request.window, now):
                return port
        raise _taken(request.ports)

    def _locked_free(
        self, transaction: Transaction, request: Request, holder: Holder
    ) -> tuple[ListedPort, Seen, datetime]:
        """The first free port, locked after the driver; what is seen under the locks, and the time read under them."""
        whose = {"driver_id": holder.driver.driver_id, "card": holder.card, "client_id": holder.client_id}
        connection = transaction.connection
        for port in request.ports:
            told = self.lock_port(connection, port.port_id, holder.driver.driver_id)
            now = self.clock.in_transaction(connection, told)
            seen = self.look(connection, port_id=port.port_id, window=request.window, now=now, **whose)
            if seen.is_over:
                lapse_on_port(transaction.session, port.port_id, now)
            if not seen.is_taken:
                return port, seen, now
        raise _taken(request.ports)

    def _do(self, deed: Deed, driver: Driver, handle: str) -> Reservation:
        """One guarded move; where it moved nothing, the reservation itself says why.

        Whatever changes how many holds and reservations a driver has takes the driver's row first: what is counted
        under that lock at a moment was so at that moment.
        """
        with self.database.writing() as session:
            limits_store.lock_driver(session, driver.driver_id)
            locked = store.lock_reservation(session, handle, driver.driver_id)
            now = self.clock.in_transaction(session)
            found = locked.at(now)
            if deed is CONFIRM and found.state is State.HELD:
                check_ahead(session, driver, now=now, policy=found.policy)
            done = store.move(session, handle, driver.driver_id, deed, now)
            if done is not None:
                tell(session, done, now)
                self.database.when_committed(self.taken.forget)
                return done
            if is_done_already(deed, found.state):
                return found
            raise refusal_of(deed, found.state)


def _new_hold(holder: Holder, terms: Quote, now: datetime) -> Reservation:
    return Reservation(
        handle=new_handle(),
        driver_id=holder.driver.driver_id,
        client_id=holder.client_id,
        port_id=terms.port_id,
        station_id=terms.station_id,
        port_number=terms.port_number,
        card=holder.card,
        state=State.HELD,
        window=terms.window,
        price=terms.price,
        cancellation_interval_min=terms.cancellation_interval_min,
        cancel_until=terms.cancel_until,
        hold_expires_at=now + timedelta(minutes=terms.hold_min),
        created_at=now,
        updated_at=now,
        policy=terms.policy,
    )


def _taken(ports: Sequence[ListedPort]) -> PortTaken:
    return StationTaken() if len(ports) > 1 else PortTaken()
