"""Namesakes: which of the places of one name is meant when nobody says which."""

from collections.abc import Iterable
from dataclasses import dataclass

OVERWHELMING = 10


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A city, a state or a country as a gazetteer lists it under a name.

    `is_own` is whether the name is the one it is listed by, not one it is also known by. `country` is an ISO 3166-1
    alpha-2 code, `state` a state's code where the gazetteer knows the country's states, else empty. A city's point is
    its centre; a country's and a state's is the city that all its others are nearest to.
    """

    is_own: bool
    country: str
    state: str
    thousands: int  # inhabitants
    lat: float
    lon: float


def meant(namesakes: Iterable[NamedPlace]) -> NamedPlace | None:
    """The only one of a name, or one that overwhelms the others; None where there is none, or it cannot be told.

    It overwhelms those with a tenth of its inhabitants at most. If the name is its own, it also overwhelms all smaller
    ones that are only also known by it: Santiago is in Chile, though Santiago de los Caballeros is called so too.
    """
    by_size = sorted(namesakes, key=lambda place: -place.thousands)
    overwhelms_all = all(_overwhelms(by_size[0], other) for other in by_size[1:])
    return by_size[0] if by_size and overwhelms_all else None


def _overwhelms(place: NamedPlace, other: NamedPlace) -> bool:
    if place.is_own and not other.is_own and place.thousands > other.thousands:
        return True
    return place.thousands >= OVERWHELMING * other.thousands
