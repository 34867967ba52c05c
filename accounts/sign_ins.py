"""SignIns: passwords tried are counted in the database before they are verified, by account, source and known place."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy.orm import Session

from accounts import sign_in_store
from accounts.domain.caller import Driver
from accounts.domain.tallies import Counted, source_of
from kernel.clock import Clock
from kernel.database import Database

PLACE_KEPT = timedelta(days=90)
_TALLY_KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password about to be verified: the tallies it is counted in, by name, and the place it comes from."""

    tallies: tuple[str, ...]
    place: str


class SignIns:
    """The tallies are rows, so they hold for all processes and do not need the cache.

    A try is counted and committed first and given back when it turns out well; however many come at once, no more
    passwords are verified than a window takes. Unknown accounts are counted as known ones are.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def admit(self, account: str, address: str) -> Attempt:
        """Count a try. Raises TooManyAttempts."""
        source, now = source_of(address), self._clock.now()
        place = _name(Counted.PLACE, account, source)
        with self._database.writing() as session:
            if sign_in_store.knows_place(session, place, since=now - PLACE_KEPT):
                counted = {place: Counted.PLACE}
            else:  # in this order always, so that two never wait for each other
                counted = {_name(kind, text): kind for kind, text in _elsewhere(account, source)}
            for name, kind in counted.items():
                tally = sign_in_store.locked_tally(session, name, now)
                sign_in_store.keep_tally(session, name, tally.with_one_more(now, most=kind.most))
        return Attempt(tuple(counted), place)

    def turned_out_well(self, session: Session, attempt: Attempt, driver: Driver) -> None:
        """Give the try back and know the place from now on; part of the transaction that lets the driver in."""
        now = self._clock.now()
        for name in attempt.tallies:
            tally = sign_in_store.locked_tally(session, name, now)
            sign_in_store.keep_tally(session, name, tally.with_one_given_back())
        sign_in_store.remember_place(session, attempt.place, driver_id=driver.driver_id, now=now)

    def forget_places(self, session: Session, driver: Driver) -> None:
        """Know none of the driver's places any more: whoever knew the old password may have signed in from one."""
        sign_in_store.forget_places(session, driver.driver_id)

    def forget_old(self) -> int:
        """Drop the tallies and places that count for nothing any more; returns how many."""
        now = self._clock.now()
        with self._database.writing() as session:
            return sign_in_store.forget_old(session, tallies_before=now - _TALLY_KEPT, places_before=now - PLACE_KEPT)


def _elsewhere(account: str, source: str) -> tuple[tuple[Counted, str], ...]:
    return (Counted.SOURCE, source), (Counted.ACCOUNT, account)


def _name(kind: Counted, *parts: str) -> str:
    """A tally's name gives nothing away: a password may have been typed where the username goes."""
    return hashlib.sha256(orjson.dumps([kind.value, *parts])).hexdigest()
