"""What a station offers for a window: which ports, whether it is open then, and the price."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from finder.catalogue import port_numbered
from finder.domain.estimate import Estimate, in_coins
from finder.domain.opening_hours import OpeningHours, known, open_windows
from finder.domain.pricing import estimate
from finder.domain.reserved_energy import prices_reserved_energy
from finder.domain.station import Port, Station
from finder.domain.stay_limits import overstays
from finder.domain.tariff import ReservationKind, Tariff
from finder.domain.usage import Question, ReservationSpan, Usage, usage_of
from finder.records import ListedPort, ListedStation
from finder.station_columns import Entry
from kernel.window import Window
from reservations.domain.free_windows import Terms, free_windows, whole_second
from reservations.domain.policy import ClosedThen, InvalidDuration, NotReservable, Policy, check_duration
from reservations.domain.price import Price, PriceLine

_CHARGING_APART = "This reserves the port; charging is billed by what is used."
_CHARGING_THROUGHOUT = "Charging assumed for the whole reservation."


def reservable_ports(listed: ListedStation, port_number: int | None) -> tuple[ListedPort, ...]:
    """The port asked for, or else all that can be reserved, in the order in which they are locked.

    Raises UnknownPort, NotReservable.
    """
    asked = listed.ports if port_number is None else (port_numbered(listed, port_number),)
    found = tuple(one for one in asked if listed.station.reservable and one.port.reservable)
    if not found:
        raise NotReservable
    return tuple(sorted(found, key=lambda one: one.port_id))


def check_station(station: Station, window: Window, duration_min: int, policy: Policy) -> None:
    """Raises InvalidDuration where the station's own limit on a stay is shorter, ClosedThen.

    Opening hours that are not known do not forbid reserving.
    """
    check_duration(duration_min, policy, session_limit_min=session_limit_min(station))
    if station.tariff is not None:
        _check_parts(station.tariff, station.time_zone, window)
    if not open_throughout(station.opening_hours, station.time_zone, window):
        raise ClosedThen


def _check_parts(tariff: Tariff, time_zone: str, window: Window) -> None:
    """Raises InvalidDuration where a part of the day has a limit that the window breaks."""
    over = overstays(tariff, time_zone, window.start, window.end)
    details = [f"must be at most {one.most_min} minutes{one.where}" for one in over]
    if details:
        raise InvalidDuration(errors=tuple({"pointer": "/duration_min", "detail": detail} for detail in details))


def fits_parts(tariff: Tariff | None, time_zone: str, window: Window) -> bool:
    """Whether no part of the day has a limit that the window breaks."""
    return tariff is None or not any(overstays(tariff, time_zone, window.start, window.end))


def is_paid(station: Station) -> bool:
    """Whether a price is applied (guide section 4, code 111), if only in the owner's own words."""
    tariff = station.tariff
    if tariff is None:
        return bool(station.price_text)
    least = (tariff.min_price, *(part.min_price for part in tariff.part_limits))
    return any(limit is not None and limit.excl_vat > 0 for limit in least) or any(
        component.price > 0 for element in tariff.elements for component in element.components
    )


def terms_of(station: Station | Entry, policy: Policy, now: datetime, *, is_out: bool = False) -> Terms:
    """What `window_of`, `check_station` and, for a port that is out of order, `in_service` let through, as bounds."""
    return terms_with(session_limit_min(station), policy, now, is_out=is_out)


def session_limit_min(station: Station | Entry) -> int | None:
    """The station's own limit on a stay."""
    return station.tariff.session_limit_min if station.tariff else None


def terms_with(limit: int | None, policy: Policy, now: datetime, *, is_out: bool = False) -> Terms:
    """The same, of all stations with such a limit on a stay."""
    ahead_min = max(policy.earliest_start_min, policy.in_service_within_min if is_out else 0)
    return Terms(
        first_start=whole_second(now + timedelta(minutes=ahead_min)),
        last_start=(now + timedelta(days=policy.furthest_days)).replace(microsecond=0),
        shortest=timedelta(minutes=policy.shortest_min),
        longest=timedelta(minutes=min(policy.longest_min, limit or policy.longest_min)),
        step=timedelta(minutes=policy.step_min),
    )


def free_parts(station: Station, span: Window, taken: Iterable[Window]) -> tuple[Window, ...]:
    """When a port of the station can be used within a span: entered, and not taken."""
    return free_windows(open_parts(station.opening_hours, station.time_zone, span), taken, timedelta(0))


def open_parts(hours: OpeningHours | None, time_zone: str, window: Window) -> tuple[Window, ...]:
    """When a station can be entered within a window; all of it where the hours are not known."""
    return open_windows(hours, time_zone, window) if known(hours) else (window,)


def open_throughout(hours: OpeningHours | None, time_zone: str, window: Window) -> bool:
    """Whether a station can be entered all through a window, as far as is known."""
    return open_parts(hours, time_zone, window) == (window,)


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
    tariff = station.tariff
    usage, said = _charging(port, window)
    if tariff and prices_reserved_energy(tariff):
        usage = Usage((), ReservationSpan(window.start, window.end, energy_kwh=usage.periods[0].energy_kwh))
    elif tariff and _prices_reservations(tariff):
        usage, said = _reserving(window)
    return _price(_in_own_currency(estimate(tariff, station.time_zone, usage, said), station))


def _reserving(window: Window) -> tuple[Usage, tuple[str, ...]]:
    return Usage((), ReservationSpan(window.start, window.end)), (_CHARGING_APART,)


def _prices_reservations(tariff: Tariff) -> bool:
    return any(one.restrictions.reservation is ReservationKind.RESERVATION for one in tariff.elements)


def _charging(port: Port, window: Window) -> tuple[Usage, tuple[str, ...]]:
    minutes = int(window.duration.total_seconds()) // 60
    question = Question(start=window.start, duration_min=minutes, idle_min=0)
    usage, said = usage_of(question, port.power_kw, window.start, port_current_a=port.current_a)
    return usage, (_CHARGING_THROUGHOUT, *said)


def _in_own_currency(found: Estimate, station: Station) -> Estimate:
    return found if found.currency else replace(found, currency=station.currency)


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
