"""Wishes: what a driver asks for, looked at before anything is locked, and made into a request or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.domain.caller import Driver
from accounts.drivers import DriverAccess
from finder.catalogue import StationCatalogue, UnknownStation
from finder.domain.station import Station
from finder.records import ListedPort, ListedStation
from finder.seen_stations import may_reserve
from kernel.clock import Clock
from kernel.database import Database
from kernel.window import Window
from reservations import offers, policy_store, quote_store
from reservations.domain.closures import ClosedWindows
from reservations.domain.handles import new_quote_id
from reservations.domain.policy import (
    CardInvalid,
    CardNotActive,
    ClosedForMaintenance,
    FreeDriver,
    Policy,
    QuoteMismatch,
    StationUnreachable,
    cancel_until,
    window_of,
)
from reservations.domain.price import Price
from reservations.domain.reservation import Quote, Reservation, Wish
from reservations.prices import prices_of
from reservations.service_state import OutOfService, in_service


@dataclass(frozen=True, slots=True)
class Request:
    """A wish that nothing forbids so far: the window, the ports to be tried in this order, and the terms.

    Without a quote the price of each port is known before any of them is locked, since nobody should wait for that.
    """

    window: Window
    station: Station
    ports: tuple[ListedPort, ...]
    prices: Mapping[int, Price]
    policy: Policy
    quote: Quote | None

    def terms(self, driver: Driver, port: ListedPort, now: datetime) -> Quote:
        """The quote that was given, or one by the tariff and the policy as they are now."""
        return self.quote or new_quote(driver, self, port, now)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Refuses what needs no lock to be refused. Nothing here waits for a row, so it may ask the cache."""

    database: Database
    clock: Clock
    catalogue: StationCatalogue
    drivers: DriverAccess
    out_of_service: OutOfService
    closed: ClosedWindows

    def request(
        self,
        driver: Driver,
        wish: Wish,
        *,
        quote: Quote | None = None,
        policy: Policy | None = None,
        unpaid: type[FreeDriver] = FreeDriver,
    ) -> Request:
        """What is asked for, by the policy given, that of the quote, or the station's as it is now."""
        now = self.clock.now()
        listed, own_policy = self._station(wish.station_id)
        if wish.viewer is not None and not may_reserve(wish.viewer, listed):
            raise UnknownStation
        self.closed.check_writes(wish.station_id)
        policy = quote.policy if quote else policy or own_policy
        window = window_of(wish.start, wish.duration_min, now, policy)
        ports = offers.reservable_ports(listed, quote.port_number if quote else wish.port_number)
        offers.check_station(listed.station, window, wish.duration_min, policy)
        if any(closed.overlaps(window) for closed in self.closed.during(window)(wish.station_id)):
            raise ClosedForMaintenance
        if not driver.pays and offers.is_paid(listed.station):
            raise unpaid
        able = in_service(listed, ports, window, now=now, policy=policy, out_of_service=self.out_of_service)
        prices = {} if quote else prices_of(listed.station, able, window)
        return Request(window, listed.station, able, prices, policy, quote)

    def _station(self, station_id: str) -> tuple[ListedStation, Policy]:
        """The station and its policy as they are now. Raises UnknownStation."""
        with self.database.glancing() as connection:
            change, policy = policy_store.terms_of(connection, station_id)
        return self.catalogue.listed_at(station_id, change), policy

    def check_card(self, driver: Driver, serial_number: str) -> None:
        """Raises CardInvalid, CardNotActive."""
        card = next((one for one in self.drivers.cards(driver) if one.serial_number == serial_number), None)
        if card is None:
            raise CardInvalid(errors=({"pointer": "/card", "detail": "is not a card of this driver"},))
        if not card.active:
            raise CardNotActive

    def check_service(self, held: Reservation) -> None:
        """Raises StationUnreachable where a reservation begins soon in a port that is out of order, or gone.

        Where maintenance pauses changes it is refused as such.
        """
        self.closed.check_writes(held.station_id)
        try:
            listed = self.catalogue.listed(held.station_id)
        except UnknownStation as error:
            raise StationUnreachable from error
        ports = tuple(one for one in listed.ports if one.port_id == held.port_id)
        in_service(
            listed,
            ports,
            held.window,
            now=self.clock.now(),
            policy=held.policy,
            out_of_service=self.out_of_service,
        )

    def quoted(self, driver: Driver, wish: Wish, quote_id: str) -> tuple[Quote, bool]:
        """The driver's quote for exactly this, and whether its price is still promised. Raises QuoteMismatch."""
        with self.database.reading() as session:
            quote = quote_store.quote(session, quote_id, driver.driver_id)
            now = self.clock.in_transaction(session)
        if not quote.is_for(wish):
            raise QuoteMismatch
        return quote, now < quote.expires_at


def new_quote(driver: Driver, request: Request, port: ListedPort, now: datetime) -> Quote:
    """What the port costs by the tariff as it is now, and the policy that is promised with it."""
    policy = request.policy
    return Quote(
        quote_id=new_quote_id(),
        driver_id=driver.driver_id,
        port_id=port.port_id,
        station_id=request.station.station_id,
        port_number=port.port.port_number,
        window=request.window,
        price=request.prices[port.port_id],
        hold_min=policy.hold_min,
        cancellation_interval_min=policy.cancellation_interval_min,
        cancel_until=cancel_until(request.window.start, policy.cancellation_interval_min),
        created_at=now,
        expires_at=now + timedelta(minutes=policy.quote_min),
        policy=policy,
    )
