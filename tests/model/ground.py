"""The ground the machine stands on: the product on a database of its own, put back to the beginning in no time."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from flask import Flask
from sqlalchemy import text

from accounts.domain.caller import Driver
from accounts.tables import CardRow, DriverRow
from app import create_app
from finder.catalogue import StationCatalogue
from finder.domain.station import Port
from finder.domain.tariff import simple
from finder.live_status import LiveStatus
from finder.said import Outcome, Said, Verdict
from kernel.bell import Bell
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.services import of
from kernel.settings import Settings, read_settings
from kernel.window import Window
from reservations.desk import ReservationDesk
from reservations.expiry import Expiry
from reservations.modification import Modification
from reservations.openings import Asked, Openings
from reservations.policies import StationPolicies
from reservations.relocation import Relocation
from tests.builders import a_station, add_stations
from tests.model.book import Free
from tests.model.entries import BEGINNING, CARDS, MOST_AHEAD, MOST_HOLDS, PORTS, STATION_ID
from tests.model.fault import TransactionFault
from tests.model.written import Written, written

_KEPT = "reservation_history reservations quotes outbox port_statuses status_reports status_spells".split()
_EMPTIED = [text(f"DELETE FROM {name}") for name in _KEPT]


class Ground:
    """The use cases as `app.py` wires them, before a station with three ports, and two drivers with cards."""

    def __init__(self, app: Flask, clock: FixedClock) -> None:
        self._bell = Bell(of(app, Settings).var / "statuses-written")
        self.clock, self._cache, self._live_status = clock, of(app, Cache), of(app, LiveStatus)
        self.database, self.catalogue = of(app, Database), of(app, StationCatalogue)
        self.desk, self.modification = of(app, ReservationDesk), of(app, Modification)
        self.expiry, self.relocation, self.openings = of(app, Expiry), of(app, Relocation), of(app, Openings)
        self.fault = TransactionFault(self.database)
        self.begun = 0
        self._reports = itertools.count(1)
        self._price: Decimal | None = None
        ports = tuple(Port(port_number=number, power_kw=7.2, reservable=yes) for number, yes in PORTS.items())
        add_stations(app, a_station(STATION_ID, reservable=True, currency="USD", ports=ports))
        of(app, StationPolicies).keep(
            STATION_ID, {"holds_per_driver": MOST_HOLDS, "reservations_per_driver": MOST_AHEAD}
        )
        self.port_ids = {one.port.port_number: one.port_id for one in self.catalogue.listed(STATION_ID).ports}
        self.drivers = {name: self._add_driver(name) for name in CARDS}
        self.names = {driver.driver_id: name for name, driver in self.drivers.items()}

    def _add_driver(self, name: str) -> Driver:
        """A driver who never logs in: no password is hashed."""
        row = DriverRow(username=name, password_hash="", account_handle=name, created_at=BEGINNING)
        with self.database.writing() as session:
            session.add(row)
            session.flush()
            for serial, is_active in CARDS[name].items():
                session.add(CardRow(serial_number=serial, driver_id=row.id, nickname="", active=is_active))
            return Driver(row.id, name, name)

    def begin(self, per_hour: Decimal | None) -> None:
        """Back to the beginning: nothing reserved, the clock and the price where they were."""
        self.begun += 1
        self.fault.after = None
        self.move_clock(BEGINNING)
        with self.database.writing() as session:
            for emptied in _EMPTIED:
                session.execute(emptied)
        self._cache.attempt(lambda client: client.flushall())
        self._bell.ring()  # or the process believes for a moment longer what it remembers of the ports
        self.price(per_hour)

    def move_clock(self, moment: datetime) -> None:
        self.clock.moment = moment
        self.desk.taken.forget()  # it may remember for a second of the machine's own time

    def price(self, per_hour: Decimal | None) -> None:
        """What an hour costs from now on; None is unknown."""
        if per_hour != self._price:
            tariff = None if per_hour is None else simple("USD", per_hour=per_hour)
            self.catalogue.set_tariff(STATION_ID, tariff)
            self._price = per_hour

    def report(self, port: int, said: str, card: str | None) -> None:
        """A port says something, which is the newest that was said."""
        report = Said(
            station_id=STATION_ID,
            port_number=port,
            technical_status=said,
            reported_at=self.clock.now(),
            sequence=next(self._reports),
            card=card,
        )
        assert self._live_status.take([report]) == [Verdict(Outcome.ACCEPTED)]

    def written(self) -> Written:
        return written(self.database)

    def taken_ports(self) -> set[int]:
        taken = self.desk.taken.taken_at(self.clock.now())
        return {number for number, port_id in self.port_ids.items() if port_id in taken}

    def free(self, start: datetime, lasting: timedelta) -> list[Free]:
        asked = Asked(station_ids=(STATION_ID,), span=Window.lasting(start, lasting))
        found = self.openings.of(asked, limit=1)
        return [(one.port_number, one.start, one.end) for one in found.stations[0].openings]


@contextmanager
def standing(database_url: str, cache_url: str) -> Iterator[Ground]:
    """The app on this database and cache, for the time of the block; its clock stands still."""
    with tempfile.TemporaryDirectory(prefix="portside-model-") as var:
        environ = {"DATABASE_URL": database_url, "REDIS_URL": cache_url, "VAR": var}
        clock = FixedClock(BEGINNING)
        app = create_app(read_settings({f"PORTSIDE_{name}": value for name, value in environ.items()}), clock=clock)
        yield Ground(app, clock)
        of(app, Cache).close()
        of(app, Database).close()
