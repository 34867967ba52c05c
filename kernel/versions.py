"""Versions: which one a caller's edit is of, as `If-Match` names it by the thing's `updated_at`."""

from datetime import UTC, datetime

from flask import request

from kernel.errors import Refusal


def named_version(gone: type[Refusal]) -> datetime | None:
    """The `updated_at` that If-Match names; None where it is left out or is `*`. Raises `gone` where it is no time."""
    given = request.headers.get("If-Match", "*").removeprefix("W/").strip('"')
    if given == "*":
        return None
    try:
        return datetime.fromisoformat(given).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise gone from error
