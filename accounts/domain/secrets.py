"""Keys, tokens and handles: random strings of 128 bits and more, kept as their SHA-256."""

import hashlib
import hmac
import secrets


def new_secret() -> str:
    """192 random bits, safe in a URL."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> str:
    """What is kept of a random secret: it has too many bits to be guessed, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, kept_digest: str) -> bool:
    """Whether the secret is the kept one, in constant time."""
    return hmac.compare_digest(digest(secret), kept_digest)
