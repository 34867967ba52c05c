"""A piece of the product replaced by a faulty one."""

from collections.abc import Callable
from typing import Any


def put(owner: Any, name: str, fault: Callable[..., Any]) -> None:
    """Replace what is there; where it is no longer there the fault would be none."""
    if not callable(getattr(owner, name, None)):
        raise AttributeError(f"there is no {owner.__name__}.{name} to be replaced")
    setattr(owner, name, fault)
