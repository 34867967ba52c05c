"""The ground the machine stands on: the product on a database of its own, put back to the beginning in no time."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from accounts.domain.caller import Driver
from accounts.tables import CardRow, DriverRow
from finder.catalogue import StationCatalogue
from finder.domain.station import Port
from finder.domain.tariff import simple
from finder.live_status import LiveStatus, Outcome, Said
from kernel.cache import Cache
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.services import of
from kernel.window import Window
from reservations.desk import ReservationDesk
from reservations.domain.lifecycle import OCCUPYING
from reservations.expiry import Expiry
from reservations.modification import Modification
from reservations.openings import Openings
from reservations.relocation import Relocation
from reservations.tables import RESERVATIONS
from tests.builders import a_station, add_stations
from tests.connection_fault import ConnectionFault
from tests.model.model import CARDS, PORTS, STATION_ID

BEGINNING = datetime(2026, 3, 10, 12, tzinfo=UTC)
_OCCUPYING = ", ".join(f"'{state}'" for state in sorted(OCCUPYING))
_OVERLAPS = text(
    "SELECT count(*) FROM reservations a JOIN reservations b"
    " ON a.port_id = b.port_id AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at"
    f" WHERE a.state IN ({_OCCUPYING}) AND b.state IN ({_OCCUPYING})"
)
_EVENTS = text("SELECT subject, topic FROM outbox ORDER BY id")
_MOVES = text("SELECT handle, what FROM reservation_history ORDER BY id")
_TABLES = "reservation_history reservations quotes outbox idempotency_keys port_statuses status_reports"
_EMPTIED = [text(f"DELETE FROM {name}") for name in _TABLES.split()]


@dataclass(frozen=True)
class Written:
    """What is in the database: rows, events and history of each handle, and how many times a port is taken twice."""

    rows: dict[str, Any] = field(default_factory=dict)
    events: dict[str, list[str]] = field(default_factory=dict)
    moves: dict[str, list[str]] = field(default_factory=dict)
    overlaps: int = 0


class Ground:
    """The use cases as `app.py` wires them, before a station with three ports, and two drivers with cards."""

    def __init__(self, app: Flask, clock: FixedClock) -> None:
        self.app, self.clock = app, clock
        self.database, self.catalogue = of(app, Database), of(app, StationCatalogue)
        self.desk, self.modification = of(app, ReservationDesk), of(app, Modification)
        self.expiry, self.relocation, self.openings = of(app, Expiry), of(app, Relocation), of(app, Openings)
        self._reports = itertools.count(1)
        self.fault = ConnectionFault(self.database)
        self._price: Decimal | None = None
        ports = (Port(port_number=number, power_kw=7.2, reservable=yes) for number, yes in PORTS.items())
        add_stations(app, a_station(STATION_ID, reservable=True, currency="USD", ports=tuple(ports)))
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
        self.clock.moment = BEGINNING
        self.fault.after = None
        with self.database.writing() as session:
            for emptied in _EMPTIED:
                session.execute(emptied)
        self.desk.taken.forget()
        of(self.app, Cache).attempt(lambda client: client.flushall())
        self.price(per_hour)

    def price(self, per_hour: Decimal | None) -> None:
        """What an hour costs from now on; None is unknown."""
        if per_hour != self._price:
            tariff = None if per_hour is None else simple("USD", per_hour=per_hour)
            self.catalogue.set_tariff(STATION_ID, tariff)
            self._price = per_hour

    def report(self, port: int, said: str, card: str | None) -> None:
        """A port says something, which is the newest that was said."""
        now = self.clock.now()
        report = Said(
            station_id=STATION_ID,
            port_number=port,
            technical_status=said,
            reported_at=now,
            sequence=next(self._reports),
            card=card,
        )
        assert of(self.app, LiveStatus).take([report]) == [Outcome.ACCEPTED]

    def written(self) -> Written:
        found = Written()
        with self.database.reading() as session:
            found.rows.update((row.handle, row) for row in session.execute(select(RESERVATIONS)))
            for handle, topic in session.execute(_EVENTS):
                found.events.setdefault(handle, []).append(topic)
            for handle, what in session.execute(_MOVES):
                found.moves.setdefault(handle, []).append(what)
            return replace(found, overlaps=session.execute(_OVERLAPS).scalar_one())

    def taken_ports(self) -> set[int]:
        taken = self.desk.taken.taken_at(self.clock.now())
        return {number for number, port_id in self.port_ids.items() if port_id in taken}

    def free(self, start: datetime, lasting: timedelta) -> list[tuple[int, datetime, datetime]]:
        span = Window.lasting(start, lasting)
        found = self.openings.of([STATION_ID], span, port_number=None, min_duration_min=1)
        return [(one.port_number, one.start, one.end) for one in found.stations[0].openings]
