"""Properties that a JSON object gives twice: readers would keep one of two values and say nothing."""

import json
from collections.abc import Iterator


class _Members(list[tuple[str, object]]):
    """An object as its properties, in order and as often as they are given."""


def given_twice(text: bytes) -> Iterator[str]:
    """JSON pointers to the properties that are given more than once; `text` is valid JSON."""
    try:
        waiting = [("", json.loads(text, object_pairs_hook=_Members))]
    except RecursionError:
        return  # no document of ours is as deep as that: its readers refuse it
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, _Members):
            names = [name.replace("~", "~0").replace("/", "~1") for name, _ in value]
            yield from (f"{pointer}/{name}" for name in dict.fromkeys(names) if names.count(name) > 1)
            waiting += [(f"{pointer}/{name}", inner) for name, (_, inner) in zip(names, value, strict=True)]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{number}", inner) for number, inner in enumerate(value)]
