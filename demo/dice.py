"""Dice: repeatable chance for the demo network, the same on every machine and every Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def drawn(text: str) -> int:
    """A number of 64 bits that hangs on nothing but the text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True, slots=True)
class Dice:
    """Draws for one thing, each by the name of what is drawn: a new question never changes an old answer."""

    thing: str

    def below(self, what: str, end: int) -> int:
        """A whole number from 0 to `end` - 1."""
        return drawn(f"{self.thing}|{what}") % end

    def share(self, what: str) -> float:
        """A number from 0 to just below 1, in millionths."""
        return self.below(what, 1_000_000) / 1_000_000

    def one_of(self, what: str, choices: Sequence[T]) -> T:
        """One of the choices, each equally likely."""
        return choices[self.below(what, len(choices))]

    def weighted(self, what: str, choices: Sequence[tuple[int, T]]) -> T:
        """One of the choices, each as likely as its weight says; weights add up to 100."""
        left = self.below(what, 100)
        for weight, choice in choices:
            left -= weight
            if left < 0:
                return choice
        raise ValueError("the weights add up to less than 100")

    def digits(self, what: str, pattern: str) -> str:
        """The pattern with every `#` replaced by a digit."""
        source = iter(f"{drawn(f'{self.thing}|{what}'):020d}"[::-1])
        return "".join(next(source) if sign == "#" else sign for sign in pattern)
