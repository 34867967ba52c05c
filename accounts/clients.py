"""ClientAccess: API keys made, looked up, rotated, disabled and enabled."""

import re
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from accounts import store
from accounts.domain import secrets
from accounts.domain.caller import Caller
from accounts.domain.plans import Plan
from accounts.tables import ClientRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFound, Refusal
from kernel.remembered import Remembered

MAP_PAGE = "the map page"
_REMEMBERED_S = 2.0
_DEFAULT_PER_MIN = 1200
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")


class UnknownClient(NotFound):
    """There is no client with this key id."""

    code = "unknown_client"


class NoSecret(Refusal):
    """This key has no secret to rotate: it is a publishable or a demo key."""

    status = 409
    code = "no_secret"


class OtherPlan(Refusal):
    """This organization has subscribed to another plan. Give that one."""

    status = 409
    code = "other_plan"


class ClientAccess:
    """Who a key belongs to. A key's row is remembered for two seconds, so a disabled one stops within two.

    While the database is away known keys go on for a quarter of an hour; of others nothing can be said (503).
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._origins = Remembered[str, frozenset[str]](fresh_s=_REMEMBERED_S)
        self._remembered = Remembered[str, tuple[Caller, str | None]](fresh_s=_REMEMBERED_S)

    def caller_of(self, key: str) -> Caller | None:
        """The client with this `key_id.secret`; a key without a secret is a publishable or a demo one."""
        key_id, _, secret = key.partition(".")
        found = self._client(key_id) if _KEY_ID.fullmatch(key_id) else None
        if found is None:
            return None
        caller, kept = found
        fits = not secret if kept is None else secrets.matches(secret, kept)
        return caller if fits else None

    def create(
        self,
        name: str,
        *,
        plan: Plan = Plan.TELEMATICS,
        organization_id: str | None = None,
        operator: bool = False,
        publishable: bool = False,
        allowed_origins: tuple[str, ...] = (),
        requests_per_min: int = _DEFAULT_PER_MIN,
    ) -> str:
        """Make a client and return its key: the only time that the secret is seen.

        It sees the stations of its organization that others do not. Raises OtherPlan.
        """
        key_id = f"{'pk' if publishable else 'ck'}_{secrets.new_secret()[:20]}"
        secret = None if publishable else secrets.new_secret()
        row = ClientRow(
            key_id=key_id,
            secret_hash=secret and secrets.digest(secret),
            name=name,
            organization_id=organization_id or f"portside:{plan.value.lower()}",
            operator=operator,
            publishable=publishable,
            allowed_origins=list(allowed_origins),
            requests_per_min=requests_per_min,
            created_at=self._clock.now(),
        )
        with self._database.writing() as session:
            _subscribe(session, row.organization_id, plan, name=organization_id or f"{plan} clients")
            store.add_client(session, row)
        return f"{key_id}.{secret}" if secret else key_id

    def entries(self) -> list[store.ClientEntry]:
        """Every client, in the order they were made."""
        with self._database.reading() as session:
            return store.clients(session)

    def rotate(self, key_id: str) -> str:
        """The key with another secret; the old one is worth nothing. Raises UnknownClient, NoSecret."""
        secret = secrets.new_secret()
        with self._database.writing() as session:
            if not self._known(session, key_id).has_secret:
                raise NoSecret
            store.change_client(session, key_id, secret_hash=secrets.digest(secret))
        return f"{key_id}.{secret}"

    def disable(self, key_id: str) -> None:
        """Raises UnknownClient."""
        with self._database.writing() as session:
            self._known(session, key_id)
            store.change_client(session, key_id, disabled_at=self._clock.now())

    def enable(self, key_id: str) -> None:
        """Raises UnknownClient."""
        with self._database.writing() as session:
            self._known(session, key_id)
            store.change_client(session, key_id, disabled_at=None)

    def _known(self, session: Session, key_id: str) -> store.ClientEntry:
        self._remembered.forget(key_id)
        [*found] = (entry for entry in store.clients(session) if entry.key_id == key_id)
        if not found:
            raise UnknownClient
        return found[0]

    def map_page_key(self) -> str:
        """The publishable key of our own map page, made when first asked for."""
        with self._database.reading() as session:
            known = store.publishable_key_named(session, MAP_PAGE)
        return known or self.create(MAP_PAGE, publishable=True, requests_per_min=6000)

    def page_origins(self) -> frozenset[str]:
        """The origins that any enabled publishable key is bound to; remembered as long as a key's row is."""
        return self._origins.of(MAP_PAGE, self._read_origins) or frozenset()

    def _read_origins(self) -> frozenset[str]:
        with self._database.reading() as session:
            return store.page_origins(session)

    def _client(self, key_id: str) -> tuple[Caller, str | None] | None:
        return self._remembered.of(key_id, lambda: self._read_client(key_id))

    def _read_client(self, key_id: str) -> tuple[Caller, str | None] | None:
        with self._database.reading() as session:
            return store.client_by_key(session, key_id)


def origin_of(url: str) -> str:
    """The origin of a URL: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _subscribe(session: Session, organization_id: str, plan: Plan, *, name: str) -> None:
    """Have an organization with this plan. Raises OtherPlan where it has another one."""
    store.add_organization(session, organization_id=organization_id, name=name, plan=plan)
    if store.plan_of(session, organization_id) is not plan:
        raise OtherPlan
