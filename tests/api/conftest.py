"""In conversations with the API passwords are hashed cheaply, but where a test asks for the real thing."""

import pytest

from accounts import passwords
from tests.cheap_passwords import REAL, cheapen_passwords


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    cheapen_passwords(monkeypatch)


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as it is shipped."""
    monkeypatch.setattr(passwords, "_HASHER", REAL)
