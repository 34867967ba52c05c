"""DriverUpkeep: what a network does with its drivers' accounts, cards and tokens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts import driver_store as store
from accounts import passwords
from accounts.domain.caller import Card, Driver
from accounts.domain.password_rules import check_password
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFound


class UnknownDriver(NotFound):
    """There is no driver with this username."""

    code = "unknown_driver"


class UnknownCard(NotFound):
    """The driver has no card with this serial number."""

    code = "unknown_card"


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """A driver in the list of drivers."""

    driver: Driver
    disabled_at: datetime | None
    cards: tuple[Card, ...]
    live_tokens: int


class DriverUpkeep:
    """Whatever takes a driver's rights away ends the tokens too. All raise UnknownDriver."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def entries(self) -> list[DriverEntry]:
        """Every driver, by username."""
        with self._database.reading() as session:
            tokens = store.live_tokens(session, self._clock.now())
            return [
                DriverEntry(
                    account.driver,
                    account.disabled_at,
                    store.cards_of(session, account.driver.driver_id),
                    tokens.get(account.driver.driver_id, 0),
                )
                for account in store.accounts(session)
            ]

    def set_password(self, username: str, password: str) -> None:
        """Raises UnfitPassword."""
        check_password(password, username=username)
        made = passwords.hashed(password)
        with self._database.writing() as session:
            driver = _found(session, username)
            store.set_password(session, driver.driver_id, made)
            store.revoke_tokens(session, driver.driver_id, self._clock.now())

    def disable(self, username: str) -> None:
        now = self._clock.now()
        with self._database.writing() as session:
            driver = _found(session, username)
            store.set_disabled(session, driver.driver_id, now)
            store.revoke_tokens(session, driver.driver_id, now)

    def enable(self, username: str) -> None:
        with self._database.writing() as session:
            store.set_disabled(session, _found(session, username).driver_id, None)

    def revoke_tokens(self, username: str) -> int:
        """How many there were."""
        with self._database.writing() as session:
            return store.revoke_tokens(session, _found(session, username).driver_id, self._clock.now())

    def cards(self, username: str) -> tuple[Card, ...]:
        with self._database.reading() as session:
            account = store.account_of(session, username.casefold())
            if account is None:
                raise UnknownDriver
            return store.cards_of(session, account.driver.driver_id)

    def add_card(self, username: str, card: Card) -> None:
        """Raises CardTaken."""
        with self._database.writing() as session:
            driver = _found(session, username)
            store.add_card(session, driver.driver_id, card)

    def set_card_active(self, username: str, serial_number: str, *, active: bool) -> None:
        """Raises UnknownCard."""
        with self._database.writing() as session:
            driver = _found(session, username)
            if not store.set_card_active(session, driver.driver_id, serial_number, active=active):
                raise UnknownCard


def _found(session: Session, username: str) -> Driver:
    account = store.account_of(session, username.casefold(), locked=True)
    if account is None:
        raise UnknownDriver
    return account.driver
