"""Passwords as Argon2id hashes: made, verified and judged outdated, only so many at once."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from kernel.errors import TemporarilyUnavailable

MEMORY_KIB, ROUNDS, LANES = 19456, 2, 1
AT_ONCE, IN_LINE = (
    2,
    8,
)  # a hash takes a core and 19 MiB; whoever waits behind eight waits for longer than a driver does
_HASHER = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
_AT_ONCE = BoundedSemaphore(AT_ONCE)
_IN_LINE = BoundedSemaphore(IN_LINE)

NOBODYS = _HASHER.hash("nobody has this password")


@contextmanager
def in_line() -> Iterator[None]:
    """A place in this process's line for hashing. Raises TemporarilyUnavailable where the line is full."""
    if not _IN_LINE.acquire(blocking=False):
        raise TemporarilyUnavailable("Too many drivers are signing in at the moment.")
    try:
        yield
    finally:
        _IN_LINE.release()


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def fits(kept_hash: str, password: str) -> bool:
    """Whether the password is the one that the hash was made of."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept_hash, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept_hash)


def _normal(password: str) -> str:
    """One way of writing accented letters, since keyboards differ in it."""
    return unicodedata.normalize("NFC", password)
