"""JSON as the database keeps it."""

from typing import Any

import orjson


def json_text(value: Any) -> str:
    """The document with its keys in order."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
