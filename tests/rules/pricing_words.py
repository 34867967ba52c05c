"""Short words for the pricing tests: a stay in Amsterdam, told in minutes and kWh."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from finder.domain.estimate import Estimate
from finder.domain.pricing import estimate
from finder.domain.tariff import Tariff
from finder.domain.usage import Kind, Period, ReservationSpan, Usage

AMSTERDAM = "Europe/Amsterdam"


def at(local: str, zone: str = AMSTERDAM, *, fold: int = 0) -> datetime:
    """A local time such as `2019-06-03 09:30` as a moment in UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def a_stay(
    start: str | datetime = "2019-06-03 09:30",
    *,
    charging_min: float = 60,
    kwh: str | None = None,
    idle_min: float = 0,
    current_a: str | None = None,
    power_kw: str | None = None,
    reserved_min: float = 0,
) -> Usage:
    """Reserved, then charging, then idle."""
    begin = at(start) if isinstance(start, str) else start
    full, gone = begin + minutes(charging_min), begin + minutes(charging_min + idle_min)
    periods = [Period(begin, full, Kind.CHARGING, _decimal(kwh), _decimal(power_kw), _decimal(current_a))]
    periods += [Period(full, gone, Kind.IDLE)] if idle_min else []
    span = ReservationSpan(begin - minutes(reserved_min), begin) if reserved_min else None
    return Usage(tuple(periods), span)


def an_unused_reservation(minutes_long: float, start: str = "2019-06-03 09:30") -> Usage:
    return Usage((), ReservationSpan(at(start), at(start) + minutes(minutes_long), used=False))


def priced(tariff: Tariff | None, usage: Usage, zone: str = AMSTERDAM) -> Estimate:
    return estimate(tariff, zone, usage)


def total(tariff: Tariff, usage: Usage, zone: str = AMSTERDAM) -> str:
    """The total in plain digits."""
    return str(priced(tariff, usage, zone).total)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
