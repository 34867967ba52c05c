"""Short words for the reservation tests: a station with ports, drivers, a desk, and rows written past all of them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from accounts.domain.caller import Driver
from accounts.drivers import DriverAccess
from accounts.tables import CardRow, ClientRow, DriverRow, OrganizationRow
from finder.catalogue import StationCatalogue
from finder.domain.station import Port, Station
from finder.domain.tariff import free
from kernel.clock import Clock
from kernel.database import Database
from kernel.outbox import OutboxRow
from reservations import hold_store
from reservations.desk import ReservationDesk
from reservations.domain.reservation import Reservation, Wish
from reservations.hold_store import Seen
from reservations.policies import StationPolicies
from reservations.taken import TakenPorts

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
STATION_ID = "1:1"


def a_station(ports: int) -> Station:
    return Station(
        station_id=STATION_ID,
        network_id=1,
        name="Corner",
        lat=37.0,
        lon=-122.0,
        time_zone="America/Los_Angeles",
        reservable=True,
        currency="USD",
        tariff=free("USD"),
        ports=tuple(Port(port_number=number, power_kw=7.2, reservable=True) for number in range(1, ports + 1)),
    )


@dataclass
class Scene:
    """A desk before a station; every driver has one card."""

    database: Database
    clock: Clock
    ports: int = 2
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalogue = StationCatalogue(self.database, self.clock)
        self.catalogue.merge([a_station(self.ports)], source="test", complete=True, force=False)
        self.taken = TakenPorts(self.database)
        self.desk = self.a_desk(**self.changes)
        self.driver = self.a_driver()
        self.port_id, *self.other_ports = (port.port_id for port in self.catalogue.listed(STATION_ID).ports)

    def a_desk(self, **changes: Any) -> ReservationDesk:
        drivers = DriverAccess(self.database, self.clock)
        return ReservationDesk(self.database, self.clock, self.catalogue, drivers, self.taken, **changes)

    def a_driver(self, name: str = "ada") -> Driver:
        """A driver who never logs in: no password is hashed."""
        row = DriverRow(username=name, password_hash="", account_handle=name, created_at=NOON)
        with self.database.writing() as session:
            session.add(row)
            session.flush()
            session.add(CardRow(serial_number=f"card of {name}", driver_id=row.id, nickname=""))
            return Driver(row.id, name, name)

    def hold(
        self,
        *,
        after_min: float = 60,
        lasts_min: int = 60,
        port: int | None = 1,
        by: Driver | None = None,
        client_id: int | None = None,
    ) -> Reservation:
        driver = by or self.driver
        wish = Wish(
            station_id=STATION_ID,
            port_number=port,
            start=NOON + timedelta(minutes=after_min),
            duration_min=lasts_min,
        )
        return self.desk.hold(driver, wish, card=f"card of {driver.username}", client_id=client_id)

    def a_client(self) -> int:
        """An app that drivers reserve with."""
        organization = OrganizationRow(organization_id="1:1", name="Apps", plan="SERVICE_PROVIDER")
        row = ClientRow(key_id="app", name="App", organization_id="1:1", requests_per_min=600, created_at=NOON)
        with self.database.writing() as session:
            session.add(organization)
            session.flush()
            session.add(row)
            session.flush()
            return row.id

    def set_policy(self, **own: int) -> None:
        StationPolicies(self.database, self.catalogue).keep(STATION_ID, own)

    def events(self) -> list[str]:
        """The topics of reservations in the outbox, in the order of writing."""
        with self.database.reading() as session:
            topics = session.scalars(text(f"SELECT topic FROM {OutboxRow.__tablename__} ORDER BY id"))
            return [topic for topic in topics if topic.startswith("reservation.")]


def finding_it_free(*question: Any, **asked: Any) -> Seen:
    """In place of the desk's look: nothing is ever in the window."""
    return replace(hold_store.look(*question, **asked), is_taken=False)


class Rows:
    """Reservations written by SQL alone, as a faulty program or a person at the console would."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.is_postgresql = scene.database.engine.dialect.name == "postgresql"
        self.written = 0

    def at(self, minute: float | str | None) -> str:
        """A literal for a moment so many minutes after noon; words are for what no clock shows."""
        if minute is None:
            return "NULL"
        if minute == "infinity":
            return "'infinity'" if self.is_postgresql else "9e999"
        moment = NOON + timedelta(minutes=float(minute))
        return f"'{moment.isoformat()}'" if self.is_postgresql else str(int(moment.timestamp() * 1_000_000))

    def insert(self, start: Any, end: Any, *, state: str = "HELD", port_id: int | None = None) -> int:
        self.written += 1
        confirmed = "NULL" if state in ("HELD", "LAPSED", "RELEASED") else self.at(0)
        values = {
            "handle": f"'row {self.written}'",
            "driver_id": self.scene.driver.driver_id,
            "port_id": port_id or self.scene.port_id,
            "station_id": f"'{STATION_ID}'",
            "port_number": 1,
            "card": "'1'",
            "state": f"'{state}'",
            "start_at": self.at(start),
            "end_at": self.at(end),
            "price": "'{}'",
            "cancellation_interval_min": 30,
            "cancel_until": self.at(0),
            "hold_expires_at": self.at(5),
            "confirmed_at": confirmed,
            "created_at": self.at(0),
            "updated_at": self.at(0),
        }
        statement = f"INSERT INTO reservations ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"
        return self._run(f"{statement} RETURNING id")

    def change(self, row: int, **values: Any) -> int:
        changes = ", ".join(f"{name} = {value}" for name, value in values.items())
        return self._run(f"UPDATE reservations SET {changes} WHERE id = {row} RETURNING id")

    def _run(self, statement: str) -> int:
        with self.scene.database.engine.execution_options(writes=True).begin() as connection:
            return int(connection.exec_driver_sql(statement).scalar_one())
