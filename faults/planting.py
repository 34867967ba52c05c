"""How a bug is put into the product from outside: calls replaced for a while, the database's guard taken away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from faults.guard import drop_guard
from reservations.modification import Modification
from tests.model.ground import Ground


class Soil:
    """The product that gets a bug. The database is thrown away afterwards; what is replaced is put back."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._taken: list[tuple[Any, str, Any]] = []

    def put(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace what is there by what is made of it; where it is no longer there the bug would be none."""
        there = getattr(owner, name)
        self._taken.append((owner, name, there))
        setattr(owner, name, make(there))

    def change_desk(self, **changes: Any) -> None:
        """The desk works with other collaborators, and so does who modifies at it."""
        changed = replace(self.ground.desk, **changes)
        self.put(self.ground, "desk", lambda _: changed)
        self.put(self.ground, "modification", lambda _: Modification(changed))

    def drop_guard(self) -> None:
        drop_guard(self.ground.database)

    def clear(self) -> None:
        for owner, name, there in reversed(self._taken):
            setattr(owner, name, there)


Bug = Callable[[Soil], None]


@contextmanager
def planted(ground: Ground, bug: Bug) -> Iterator[None]:
    """The product with the bug, inside the block."""
    soil = Soil(ground)
    try:
        bug(soil)
        yield
    finally:
        soil.clear()
