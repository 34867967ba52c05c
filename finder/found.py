"""What a search found, as its routes tell it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page of stations as bytes; `with_cache` is false where statuses came from the database alone."""

    body: bytes
    next_cursor: str | None
    with_cache: bool
