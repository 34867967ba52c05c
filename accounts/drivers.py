"""DriverAccess: drivers sign in and out, change their passwords and see their cards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from accounts import driver_store as store
from accounts import passwords
from accounts.domain import secrets
from accounts.domain.caller import Caller, Card, Driver
from accounts.domain.password_rules import check_password
from accounts.sign_ins import Attempt, SignIns
from accounts.store import caller_by_token
from accounts.tables import DriverRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Refusal
from kernel.remembered import Remembered

TOKEN_LIFE = timedelta(hours=12)


class InvalidCredentials(Refusal):
    """Unknown username or wrong password."""

    status = 401
    code = "invalid_credentials"
    response_code = "104"


class AccountDisabled(Refusal):
    """This account is disabled; its network can enable it again."""

    status = 403
    code = "account_disabled"


class WrongPassword(Refusal):
    """The old password is not right."""

    status = 403
    code = "wrong_password"


class DemoAccount(Refusal):
    """The demo driver is everybody's: its password stays as it is."""

    status = 409
    code = "demo_account"


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
    """Tokens are opaque, live twelve hours and are gone at once when revoked.

    While the database is away known tokens go on for a quarter of an hour: for reading, as nothing can be written.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._sign_ins = SignIns(database, clock)
        self._known = Remembered[str, Caller](fresh_s=0)

    def log_in(self, client: Caller, username: str, password: str, *, address: str = "") -> Login:
        """Let a driver in, in the same time for an unknown account as for a wrong password.

        Raises InvalidCredentials, AccountDisabled (to who knows the password), TooManyAttempts.
        """
        username = username.casefold()
        attempt, account = self._verified(username, password, address)
        if account is None:
            raise InvalidCredentials
        if account.disabled_at is not None:
            raise AccountDisabled
        return self._let_in(client, account, attempt, password)

    def _verified(self, username: str, password: str, address: str) -> tuple[Attempt, store.Account | None]:
        """The attempt, and the account where the password is right."""
        with passwords.in_line():
            attempt = self._sign_ins.admit(username, address)
            with self._database.reading() as session:
                account = store.account_of(session, username)
            fits = passwords.fits(account.password_hash if account else passwords.NOBODYS, password)
        return attempt, account if fits else None

    def _let_in(self, client: Caller, account: store.Account, attempt: Attempt, password: str) -> Login:
        driver, token, expires_at = account.driver, secrets.new_secret(), self._clock.now() + TOKEN_LIFE
        renewed = passwords.hashed(password) if passwords.is_outdated(account.password_hash) else None
        with self._database.writing() as session:
            if not _still_opens(session, account, password):
                raise InvalidCredentials
            if renewed:
                store.set_password(session, driver.driver_id, renewed)
            store.add_token(
                session,
                token_hash=secrets.digest(token),
                driver_id=driver.driver_id,
                client_id=client.client_id,
                expires_at=expires_at,
            )
            self._sign_ins.turned_out_well(session, attempt, driver)
        return Login(token, expires_at, driver.account_handle)

    def log_out(self, token: str) -> None:
        with self._database.writing() as session:
            store.revoke_token(session, secrets.digest(token), self._clock.now())

    def log_out_everywhere(self, driver: Driver) -> None:
        """Revoke every token of the driver's."""
        with self._database.writing() as session:
            store.revoke_tokens(session, driver.driver_id, self._clock.now())

    def change_password(self, driver: Driver, token: str, old: str, new: str, *, address: str = "") -> None:
        """Set another password and revoke every token but this one; counted like a login.

        Raises UnfitPassword, WrongPassword, DemoAccount, TooManyAttempts.
        """
        check_password(new, username=driver.username)
        attempt, account = self._verified(driver.username, old, address)
        if account is None:
            raise WrongPassword
        if account.demo:
            raise DemoAccount
        made = passwords.hashed(new)
        with self._database.writing() as session:
            if not _still_opens(session, account, old):
                raise WrongPassword
            store.set_password(session, driver.driver_id, made)
            store.revoke_tokens(session, driver.driver_id, self._clock.now(), but=secrets.digest(token))
            self._sign_ins.forget_places(session, driver)
            self._sign_ins.turned_out_well(session, attempt, driver)

    def caller_of(self, token: str) -> Caller | None:
        """The driver of a live token, with the client it was given to."""
        token_hash = secrets.digest(token)
        return self._known.of(token_hash, lambda: self._read_caller(token_hash))

    def _read_caller(self, token_hash: str) -> Caller | None:
        with self._database.glancing() as connection:
            return caller_by_token(connection, token_hash, self._clock.now())

    def cards(self, driver: Driver) -> tuple[Card, ...]:
        """The driver's cards; as they were when the token was looked at, where there was one."""
        if driver.cards is not None:
            return driver.cards
        with self._database.reading() as session:
            return store.cards_of(session, driver.driver_id)

    def create(
        self, username: str, password: str, *, cards: tuple[Card, ...] = (), pays: bool = True, demo: bool = False
    ) -> Driver:
        """Raises UsernameTaken, UnfitPassword, CardTaken."""
        if not demo:
            check_password(password, username=username)
        row = DriverRow(
            username=username.casefold(),
            password_hash=passwords.hashed(password),
            account_handle=secrets.new_secret(),
            pays=pays,
            demo=demo,
            created_at=self._clock.now(),
        )
        with self._database.writing() as session:
            if store.account_of(session, row.username):
                raise UsernameTaken
            return store.add_driver(session, row, cards)

    def forget_old(self) -> int:
        """Drop the tokens that ended a day ago; returns how many."""
        with self._database.writing() as session:
            return store.forget_tokens(session, self._clock.now() - timedelta(days=1)) + self._sign_ins.forget_old()


def _still_opens(session: Session, account: store.Account, password: str) -> bool:
    """Lock the driver's row, and see whether the password changed or the driver was disabled since it was verified."""
    now = store.account_of(session, account.driver.username, locked=True)
    if now is None or now.disabled_at is not None:
        return False
    return now.password_hash == account.password_hash or passwords.fits(now.password_hash, password)
