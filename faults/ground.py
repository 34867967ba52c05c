"""What the runs stand on: PostgreSQL, a cache, and for each database a filled one that is copied for every server."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from accounts.demo_accounts import DemoAccounts
from accounts.drivers import DriverAccess
from demo.guide_stations import guide_stations
from demo.network import demo_networks
from faults.orders import PORTS, STATION, Order
from faults.sites import Racer, Site, site
from finder.catalogue import StationCatalogue
from finder.domain.station import Port, Station
from finder.domain.tariff import free
from kernel.clock import SystemClock
from kernel.database import Database
from tests.databases import PostgresTemplates, SqliteTemplates
from tests.postgres import NoPostgres, PostgresServer, postgres
from tests.servers import CacheServer, cache

FURTHEST_DAYS = 27


class Ground:
    """Servers of our own, which a run may freeze and kill, and sites on copies of a filled database."""

    def __init__(self, stack: ExitStack, workers: int, folder: Path | None) -> None:
        self._workers = workers
        self._stack, self._folder = stack, folder
        self._var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portside-faults-", dir=folder)))
        self._made: dict[str, tuple[Any, str]] = {}
        self._sites: dict[tuple[Any, ...], Site] = {}
        self._days = 0
        self.cache: CacheServer = stack.enter_context(cache())
        self._postgres: PostgresServer | None = None

    @property
    def postgres(self) -> PostgresServer:
        """Started when it is first needed. Raises NoPostgres."""
        if self._postgres is None:
            server = self._stack.enter_context(postgres(self._folder))
            if not isinstance(server, PostgresServer):
                raise NoPostgres("Runs kill their PostgreSQL: unset PORTSIDE_TEST_DATABASE_URL.")
            self._postgres = server
        return self._postgres

    @contextmanager
    def database(self, dialect: str) -> Iterator[str]:
        """The URL of a fresh database with a station of six ports, the guide's stations and the demo client."""
        if dialect not in self._made:
            maker: Any = (
                SqliteTemplates(self._var) if dialect == "sqlite" else PostgresTemplates(self.postgres.url, "faults")
            )
            self._made[dialect] = maker, maker.make("filled", fill)
            if dialect == "postgresql":
                self._stack.callback(maker.close)
        maker, template = self._made[dialect]
        with maker.copy(template) as url:
            yield url

    def site(self, dialect: str, *, fault: str | None = None, **settings: str) -> Site:
        """A running server on a database of its own, as it is shipped or with faults of `faults.doctored`.

        It runs until the ground is left; who asks for the same one again gets the same one.
        """
        wanted = dialect, fault, *sorted(settings.items())
        if wanted not in self._sites:
            url = self._stack.enter_context(self.database(dialect))
            var = self._var / f"site-{len(self._sites)}"
            settings["WEB_CONCURRENCY"] = str(self._workers)
            started = site(var, url, self.cache.url, fault=fault, **settings)
            self._sites[wanted] = self._stack.enter_context(started)
        return self._sites[wanted]

    def a_day(self, days: int = 1) -> datetime:
        """The start of a day, or some, that no other run of this ground asks for: they share servers, not windows."""
        self._days = (self._days if self._days + days <= FURTHEST_DAYS else 0) + days
        return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(
            days=self._days - days + 1, hours=1
        )


def orders_for(
    running: Site, drivers: Sequence[Racer], *, seed: int, attempts: int, first: datetime, **more: Any
) -> list[Order]:
    """One client for each driver given, numbered from 0."""
    return [
        Order(
            number=number,
            seed=seed,
            port=running.port,
            card=driver.card,
            token=driver.token,
            attempts=attempts,
            first=first,
            **more,
        )
        for number, driver in enumerate(drivers)
    ]


@contextmanager
def ground(*, workers: int, folder: Path | None = None) -> Iterator[Ground]:
    """Servers of so many workers each, their files in the folder if one is given.

    Everything that it started is gone after the block.
    """
    with ExitStack() as stack:
        yield Ground(stack, workers, folder)


def fill(database: Database) -> None:
    """The demo client and driver, the guide's stations, and a station of six ports, free and always open."""
    clock = SystemClock()
    DemoAccounts(database, clock, DriverAccess(database, clock)).load()
    catalogue = StationCatalogue(database, clock)
    catalogue.add_networks(demo_networks(), demo=True)
    catalogue.merge([*guide_stations(), _six_ports()], source="demo", complete=False, force=False)


def _six_ports() -> Station:
    ports = tuple(Port(port_number=number, power_kw=7.2, reservable=True) for number in range(1, PORTS + 1))
    return Station(
        station_id=STATION,
        network_id=1,
        name="Six ports",
        lat=37.2,
        lon=-121.9,
        time_zone="America/Los_Angeles",
        reservable=True,
        currency="USD",
        tariff=free("USD"),
        ports=ports,
    )
