"""Handles: the unguessable strings that a driver carries, of 192 random bits, safe in a URL."""

import re
import secrets

_RANDOM_BYTES = 24
_HANDLE = re.compile(r"rsv_[A-Za-z0-9_-]{32}")
_QUOTE_ID = re.compile(r"quo_[A-Za-z0-9_-]{32}")


def new_handle() -> str:
    """The handle of a new reservation: `rsv_` and 32 letters."""
    return f"rsv_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def new_quote_id() -> str:
    """The id of a new quote: `quo_` and 32 letters."""
    return f"quo_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def is_handle(text: str) -> bool:
    """Whether the text can be a handle at all; what cannot be one never reaches the database."""
    return _HANDLE.fullmatch(text) is not None


def is_quote_id(text: str) -> bool:
    """Whether the text can be a quote's id at all."""
    return _QUOTE_ID.fullmatch(text) is not None
