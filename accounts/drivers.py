"""DriverAccess: drivers log in, log out and see their cards."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from accounts import store
from accounts.domain import secrets
from accounts.domain.caller import Caller, Card, Driver
from accounts.tables import DriverRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Refusal

TOKEN_LIFE = timedelta(hours=12)
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY = _HASHER.hash("nobody has this password")
_HASHES_AT_ONCE = BoundedSemaphore(2)


class InvalidCredentials(Refusal):
    """Unknown username or wrong password."""

    status = 401
    code = "invalid_credentials"
    response_code = "104"


class UsernameTaken(Refusal):
    """There is a driver with this username already."""

    status = 409
    code = "username_taken"


@dataclass(frozen=True, slots=True)
class Login:
    """What a driver's app keeps after logging in."""

    access_token: str
    expires_at: datetime
    account_handle: str


class DriverAccess:
    """Tokens are opaque, live twelve hours and are gone at once when revoked."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def log_in(self, client: Caller, username: str, password: str) -> Login:
        """Raises InvalidCredentials, in the same time for an unknown account as for a wrong password."""
        with self._database.reading() as session:
            found = store.driver_by_username(session, username.casefold())
        fits = _verified(found[1] if found else _NOBODY, password)
        if found is None or not fits:
            raise InvalidCredentials
        return self._new_token(client, found[0])

    def _new_token(self, client: Caller, driver: Driver) -> Login:
        token = secrets.new_secret()
        expires_at = self._clock.now() + TOKEN_LIFE
        with self._database.writing() as session:
            store.add_token(
                session,
                token_hash=secrets.digest(token),
                driver_id=driver.driver_id,
                client_id=client.client_id,
                expires_at=expires_at,
            )
        return Login(token, expires_at, driver.account_handle)

    def log_out(self, token: str) -> None:
        with self._database.writing() as session:
            store.revoke_token(session, secrets.digest(token), self._clock.now())

    def caller_of(self, token: str) -> Caller | None:
        """The driver of a live token, with the client it was given to."""
        with self._database.reading() as session:
            return store.caller_by_token(session, secrets.digest(token), self._clock.now())

    def cards(self, driver: Driver) -> tuple[Card, ...]:
        with self._database.reading() as session:
            return store.cards_of(session, driver.driver_id)

    def create(
        self, username: str, password: str, *, cards: tuple[Card, ...] = (), pays: bool = True, demo: bool = False
    ) -> Driver:
        """Raises UsernameTaken."""
        row = DriverRow(
            username=username.casefold(),
            password_hash=_HASHER.hash(password),
            account_handle=secrets.new_secret(),
            pays=pays,
            demo=demo,
            created_at=self._clock.now(),
        )
        with self._database.writing() as session:
            if store.driver_by_username(session, row.username):
                raise UsernameTaken
            return store.add_driver(session, row, cards)


def _verified(kept_hash: str, password: str) -> bool:
    """Whether the password fits; two hashes at once at most, since each takes a core and 19 MiB."""
    with _HASHES_AT_ONCE:
        try:
            return _HASHER.verify(kept_hash, password)
        except VerificationError:
            return False
