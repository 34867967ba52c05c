"""The energy of a reservation, where it costs by the kWh (guide 1.2.3.2)."""

from collections.abc import Sequence
from decimal import Decimal

from finder.domain.tariff import Dimension, ReservationKind, Tariff
from finder.domain.usage import Kind, Period, ReservationSpan


def prices_reserved_energy(tariff: Tariff) -> bool:
    """Whether a reservation costs by the kWh."""
    reserving = (e for e in tariff.elements if e.restrictions.reservation is ReservationKind.RESERVATION)
    return any(component.dimension is Dimension.ENERGY for element in reserving for component in element.components)


def reserved_kwh(span: ReservationSpan, periods: Sequence[Period]) -> Decimal | None:
    """What is said to be reserved, else what was charged where the reservation was used; None is not known.

    The price of a reservation is paid whether the port is used or not (guide 1.2.3.2, 7.8.3): so what is reserved
    counts, and what is charged only where that is all that is known.
    """
    if span.energy_kwh is not None or not span.used or not periods:
        return span.energy_kwh
    amounts = [Decimal(0) if p.energy_kwh is None and p.kind is Kind.IDLE else p.energy_kwh for p in periods]
    return None if None in amounts else sum(filter(None, amounts), Decimal(0))
