"""What reserving a port costs: the station's tariff applied to a window, and the answer kept in coins."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from finder.domain.estimate import Estimate, in_coins
from finder.domain.pricing import estimate
from finder.domain.reserved_energy import prices_reserved_energy
from finder.domain.station import Port, Station
from finder.domain.tariff import ReservationKind, Tariff
from finder.domain.tariff_bands import looks_at_the_clock
from finder.domain.usage import Question, ReservationSpan, Usage, usage_of
from finder.records import ListedPort
from kernel.window import Window
from reservations.domain.price import Price, PriceLine

_CHARGING_APART = "This reserves the port; charging is billed by what is used."
_CHARGING_THROUGHOUT = "Charging assumed for the whole reservation."
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_REMEMBERED = 4_000


def prices_of(station: Station, ports: Iterable[ListedPort], window: Window) -> dict[int, Price]:
    """What reserving each of these ports costs, by their ids; worked out once for ports that are alike."""
    alike: dict[tuple[float | None, float | None], Price] = {}
    found = {}
    for one in ports:
        gives = one.port.power_kw, one.port.current_a
        if gives not in alike:
            alike[gives] = price_of(station, one.port, window)
        found[one.port_id] = alike[gives]
    return found


def price_of(station: Station, port: Port, window: Window) -> Price:
    """What reserving a port costs (guide 7.4.3, 7.8.3).

    A tariff with RESERVATION elements (OCPI 2.2.1) prices the reserved time itself. Under any other the price is that
    of charging throughout the window with all the power that the port has: what the driver pays at most, since a
    promised price must not hang on what the driver says will be used. A reservation that costs by the kWh is for that
    energy too, used or not (guide 1.2.3.2). Where the price is not known it says why.
    """
    tariff, where = station.tariff, station.time_zone
    if tariff is None or looks_at_the_clock(tariff):
        found = _reckoned(tariff, where, port.power_kw, port.current_a, window)
    else:
        found = _remembered(_Itself(tariff), where, port.power_kw, port.current_a, window.duration)
    return found if found.currency else replace(found, currency=station.currency)


class _Itself:
    """A tariff that is known again as itself, not by what it says: 0.3 is equal to 0.30, and is written otherwise."""

    __slots__ = ("tariff",)

    def __init__(self, tariff: Tariff) -> None:
        self.tariff = tariff

    def __hash__(self) -> int:
        return id(self.tariff)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.tariff is other.tariff


@lru_cache(maxsize=_REMEMBERED, typed=True)
def _remembered(
    itself: _Itself, time_zone: str, power_kw: float | None, current_a: float | None, lasting: timedelta
) -> Price:
    """Drivers ask for the same few lengths again and again. A tariff that was replaced stays until it is driven out."""
    return _reckoned(itself.tariff, time_zone, power_kw, current_a, Window.lasting(_ANY_TIME, lasting))


def _reckoned(
    tariff: Tariff | None, time_zone: str, power_kw: float | None, current_a: float | None, at: Window
) -> Price:
    usage, said = _charging(power_kw, current_a, at)
    if tariff and prices_reserved_energy(tariff):
        usage = Usage((), ReservationSpan(at.start, at.end, energy_kwh=usage.periods[0].energy_kwh))
    elif tariff and _prices_reservations(tariff):
        usage, said = _reserving(at)
    return _price(estimate(tariff, time_zone, usage, said))


def _reserving(window: Window) -> tuple[Usage, tuple[str, ...]]:
    return Usage((), ReservationSpan(window.start, window.end)), (_CHARGING_APART,)


def _prices_reservations(tariff: Tariff) -> bool:
    return any(one.restrictions.reservation is ReservationKind.RESERVATION for one in tariff.elements)


def _charging(power_kw: float | None, current_a: float | None, window: Window) -> tuple[Usage, tuple[str, ...]]:
    minutes = int(window.duration.total_seconds()) // 60
    question = Question(start=window.start, duration_min=minutes, idle_min=0)
    usage, said = usage_of(question, power_kw, window.start, port_current_a=current_a)
    return usage, (_CHARGING_THROUGHOUT, *said)


def _price(found: Estimate) -> Price:
    coins = in_coins(found)
    lines = (
        PriceLine(
            kind=line.kind.value,
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.unit_price,
            amount=amount,
            tax=tax,
            vat=line.vat,
        )
        for line, (amount, tax) in zip(found.lines, coins, strict=True)
    )
    return Price(
        lines=tuple(lines),
        subtotal=found.subtotal,
        tax=found.tax,
        total=found.total,
        currency=found.currency,
        assumptions=found.assumptions,
        reason=found.reason,
    )
