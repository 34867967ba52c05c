"""DemoAccounts: the keys, the driver and the cards of the demo network, put in and taken out."""

from accounts import store
from accounts.domain.caller import Card
from accounts.domain.plans import Plan
from accounts.drivers import DriverAccess
from accounts.tables import ClientRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Refusal

CLIENT_KEY, OPERATOR_KEY = "demo", "demo-operator"
USERNAME = PASSWORD = "demo"  # noqa: S105 - the demo driver's password is no secret
CARDS = (Card("111973", "DBE1"), Card("231214315", "KK"))
_PER_MIN = 6000


class OtherDriversHere(Refusal):
    """There are other drivers in this database; the demo network, whose keys everybody knows, is not loaded here."""

    status = 409
    code = "other_drivers_here"


class DemoAccounts:
    """Keys that everybody knows: never beside real drivers."""

    def __init__(self, database: Database, clock: Clock, drivers: DriverAccess) -> None:
        self._database = database
        self._clock = clock
        self._drivers = drivers

    def are_loaded(self) -> bool:
        """Whether the demo keys work."""
        with self._database.reading() as session:
            return store.demo_is_loaded(session)

    def has_drivers(self) -> bool:
        """Whether there is any driver, of the demo network or not."""
        with self._database.reading() as session:
            return store.has_drivers(session)

    def load(self) -> None:
        """Put the keys, the driver and the cards in. Raises OtherDriversHere."""
        with self._database.writing() as session:
            if store.other_drivers(session):
                raise OtherDriversHere
            if store.demo_is_loaded(session):
                return
            for plan, organization_id in ((Plan.TELEMATICS, "demo:app"), (Plan.SERVICE_PROVIDER, "demo:operator")):
                store.add_organization(session, organization_id=organization_id, name="Demo", plan=plan, demo=True)
            store.add_client(session, self._client(CLIENT_KEY, "demo:app", operator=False))
            store.add_client(session, self._client(OPERATOR_KEY, "demo:operator", operator=True))
            self._drivers.create(USERNAME, PASSWORD, cards=CARDS, demo=True)

    def clear(self) -> None:
        """Take all of them out."""
        with self._database.writing() as session:
            store.remove_demo(session)

    def _client(self, key_id: str, organization_id: str, *, operator: bool) -> ClientRow:
        return ClientRow(
            key_id=key_id,
            secret_hash=None,
            name=f"{key_id} key",
            organization_id=organization_id,
            operator=operator,
            publishable=False,
            allowed_origins=[],
            requests_per_min=_PER_MIN,
            demo=True,
            created_at=self._clock.now(),
        )
