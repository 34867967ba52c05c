"""What a tariff says that OCPI 2.2.1 has no field or no meaning for, though its JSON form carries it."""

from collections.abc import Iterator
from dataclasses import dataclass

from finder.domain.tariff import Dimension, ReservationKind, Tariff


@dataclass(frozen=True, slots=True)
class NotExpressible:
    """Something that another form of tariff cannot say: a JSON pointer into the OCPI form, and why."""

    pointer: str
    reason: str


def not_in_ocpi(tariff: Tariff) -> tuple[NotExpressible, ...]:
    """All that a reader who knows OCPI 2.2.1 only would miss or misread."""
    return (*_of_tariff(tariff), *_of_components(tariff))


def _of_tariff(tariff: Tariff) -> Iterator[NotExpressible]:
    if tariff.idle_grace_min:
        yield NotExpressible("/idle_grace_min", "OCPI has no free idle time")
    if tariff.session_limit_min is not None:
        yield NotExpressible("/session_limit_min", "OCPI has no longest stay")
    for number, part in enumerate(tariff.part_limits):
        whose = "a reservation" if part.restrictions.reservation else "a part of the day"
        yield NotExpressible(f"/part_limits/{number}", f"OCPI has limits of a whole session only, not of {whose}")


def _of_components(tariff: Tariff) -> Iterator[NotExpressible]:
    for number, element in enumerate(tariff.elements):
        for position, component in enumerate(element.components):
            kind = element.restrictions.reservation
            if kind is ReservationKind.RESERVATION and component.dimension is Dimension.ENERGY:
                pointer = f"/elements/{number}/price_components/{position}"
                yield NotExpressible(pointer, "OCPI prices reservations by FLAT and TIME only")
