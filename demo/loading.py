"""DemoNetwork: loads the made-up stations, keys, driver and cards, takes them out again, and moves the statuses."""

from collections.abc import Callable, Sequence
from datetime import datetime

from accounts.demo_accounts import DemoAccounts
from demo.moves import SEED, Move, due, moves
from demo.network import demo_networks, demo_ports, demo_stations
from finder.catalogue import StationCatalogue
from finder.imports.account import Merge
from finder.live_status import LiveStatus
from finder.said import Said
from kernel.clock import Clock
from kernel.database import Database

SOURCE = "demo"
_AT_ONCE = 500


class DemoNetwork:
    """The demo network. `forget_reservations` takes the demo driver's reservations out before the driver goes."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        accounts: DemoAccounts,
        catalogue: StationCatalogue,
        live_status: LiveStatus,
        *,
        forget_reservations: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._catalogue = catalogue
        self._live_status = live_status
        self._forget_reservations = forget_reservations
        self._moved_at: datetime | None = None

    def is_loaded(self) -> bool:
        return self._accounts.are_loaded()

    def should_load(self) -> bool:
        """Whether the database is empty: no stations of any kind and no drivers."""
        return not self._catalogue.has_stations() and not self._accounts.has_drivers()

    def load(self) -> Merge:
        """Load everything in one transaction, then report every port once. Raises OtherDriversHere."""
        with self._database.writing():
            self._accounts.load()
            self._catalogue.add_networks(demo_networks(), demo=True)
            merge = self._catalogue.merge(demo_stations(), source=SOURCE, complete=True, force=True)
        self._report(moves(self._clock.now(), demo_ports(), seed=SEED))
        return merge

    def clear(self) -> int:
        """Take out every demo station, key, driver, card and reservation; returns how many stations."""
        with self._database.writing():
            self._forget_reservations()
            self._accounts.clear()
            return self._catalogue.remove_demo()

    def move(self) -> int:
        """Report what the demo's ports have to say since the last call, as chargers would; returns how many."""
        now = self._clock.now()
        since, self._moved_at = self._moved_at, now
        said = moves(now, demo_ports(), seed=SEED) if since is None else due(demo_ports(), since, now, seed=SEED)
        return self._report(said)

    def move_if_loaded(self) -> int:
        """The same where the demo network is there; nothing where it is not."""
        return self.move() if self.is_loaded() else 0

    def _report(self, said: Sequence[Move]) -> int:
        reports = [_said(move) for move in said]
        for start in range(0, len(reports), _AT_ONCE):
            self._live_status.take(reports[start : start + _AT_ONCE])
        return len(reports)


def _said(move: Move) -> Said:
    return Said(
        station_id=move.station_id,
        port_number=move.port_number,
        technical_status=move.technical_status,
        reported_at=move.reported_at,
        error_code=move.error_code,
    )


def how_to_try(address: str) -> list[str]:
    """What a person can do with the demo network at this address."""
    return [
        "The demo network is loaded: client key demo, operator key demo-operator, driver demo with password demo.",
        "Try:",
        f"  curl -H 'X-API-Key: demo' '{address}/v1/stations?lat=37.2615&lon=-121.9577&radius=5&limit=3'",
    ]
