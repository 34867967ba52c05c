"""Argon2 at its cheapest, for tests that count passwords and do not time them."""

import pytest
from argon2 import PasswordHasher

from accounts import passwords

REAL = passwords._HASHER


def cheapen_passwords(patch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(passwords, "_HASHER", hasher)
    patch.setattr(passwords, "NOBODYS", hasher.hash("nobody has this password"))
