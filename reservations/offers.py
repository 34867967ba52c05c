"""What a station offers for a window: which ports, and whether it is open then; `prices` says what it costs."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from finder.catalogue import port_numbered
from finder.domain.opening_hours import OpeningHours, known, open_windows
from finder.domain.station import Station
from finder.domain.stay_limits import overstays
from finder.domain.tariff import Tariff
from finder.records import ListedPort, ListedStation
from finder.station_columns import Entry
from kernel.window import Window
from reservations.domain.free_windows import Terms, free_windows, whole_second
from reservations.domain.policy import ClosedThen, InvalidDuration, NotReservable, Policy, check_duration


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
