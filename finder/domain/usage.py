"""The usage: what a driver did or means to do at a port, and how the unsaid part of an intention is filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise

from kernel.errors import InvalidBody

LONGEST = timedelta(days=31)
MOST_PERIODS = 1000
_MOST = Decimal(100_000)
_MOST_MIN = LONGEST // timedelta(minutes=1)
_MOST_DECIMALS = 40
_YEARS = range(1970, 2201)
_DEFAULT_MIN = Decimal(60)
_WH = Decimal("0.001")


class InvalidUsage(InvalidBody):
    """The usage to be priced is not valid."""

    code = "invalid_usage"


class Kind(StrEnum):
    """What the car does while it is connected."""

    CHARGING = "CHARGING"
    IDLE = "IDLE"


@dataclass(frozen=True, slots=True)
class Period:
    """A part of a stay, `[start, end)` in UTC. Energy, power and current are even throughout; None is not known."""

    start: datetime
    end: datetime
    kind: Kind = Kind.CHARGING
    energy_kwh: Decimal | None = None
    power_kw: Decimal | None = None
    current_a: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReservationSpan:
    """From when a reservation is made until charging starts (`used`) or it expires (OCPI 2.2.1, Tariffs).

    `energy_kwh` is what is reserved, charged or not, evenly throughout; None is not said.
    """

    start: datetime
    end: datetime
    used: bool = True
    energy_kwh: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Periods in order of time, without overlap, and the reservation before them.

    Raises InvalidUsage, which points at every fault (`/periods/0/end`): empty, reversed, overlapping, not UTC,
    negative, more than 31 days in all.
    """

    periods: tuple[Period, ...]
    reservation: ReservationSpan | None = None

    def __post_init__(self) -> None:
        faults = [{"pointer": pointer, "detail": detail} for pointer, detail in _faults(self)]
        if faults:
            raise InvalidUsage(errors=faults)

    @property
    def start(self) -> datetime:
        """The moment that decides which tariff is valid: the start of the session, else of the reservation."""
        if self.periods:
            return self.periods[0].start
        assert self.reservation is not None  # noqa: S101 - held by __post_init__
        return self.reservation.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks the price of; None is not said. `duration_min` is charging, `idle_min` comes after it."""

    start: datetime | None = None
    duration_min: int | Decimal | None = None
    energy_kwh: Decimal | None = None
    vehicle_power_kw: Decimal | None = None
    idle_min: int | Decimal | None = None


def usage_of(
    question: Question,
    port_power_kw: Decimal | float | None,
    now: datetime,
    *,
    port_current_a: Decimal | float | None = None,
) -> tuple[Usage, tuple[str, ...]]:
    """The usage that a question means, and in plain sentences what was assumed for it.

    Of duration, energy and power the missing one follows from the other two; no car gets more power than the port
    has. Raises InvalidUsage for a duration, energy, power or idle time out of all reason (0, negative, a month).
    """
    _check_question(question)
    said: list[str] = []
    start = question.start or now
    if question.start is None:
        said.append("Start assumed: now.")
    power = _power(question.vehicle_power_kw, _decimal(port_power_kw), said)
    seconds = _charging_s(question, power, said)
    energy = _energy_kwh(question, power, seconds, said)
    end = start + timedelta(seconds=seconds)
    current = _decimal(port_current_a)
    if current is not None:
        said.append(f"Current assumed: {_plain(current)} A, the port's.")
    charging = Period(start, end, Kind.CHARGING, energy, power, current)
    return Usage((charging, *_idle(end, question.idle_min, said))), tuple(said)


def _decimal(number: Decimal | float | None) -> Decimal | None:
    return number if number is None or isinstance(number, Decimal) else Decimal(str(number))


def _plain(number: Decimal | int) -> str:
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _power(vehicle: Decimal | None, port: Decimal | None, said: list[str]) -> Decimal | None:
    if not port or (vehicle is not None and vehicle <= port):
        return vehicle
    said.append(f"Power assumed: {_plain(port)} kW, the most that the port gives.")
    return port


def _charging_s(question: Question, power: Decimal | None, said: list[str]) -> int:
    if question.duration_min is not None:
        return _seconds(Decimal(question.duration_min))
    if question.energy_kwh is None or power is None:
        said.append(f"Charging time assumed: {_plain(_DEFAULT_MIN)} minutes.")
        return _seconds(_DEFAULT_MIN)
    minutes = (question.energy_kwh * 60 / power).quantize(_WH, ROUND_CEILING)
    said.append(f"Charging time assumed: {_plain(minutes)} minutes, for the energy at this power.")
    return _seconds(minutes)


def _seconds(minutes: Decimal) -> int:
    seconds = int((minutes * 60).to_integral_value(ROUND_CEILING))
    if seconds > LONGEST.total_seconds():
        raise InvalidUsage(f"A stay of more than {LONGEST.days} days cannot be priced.")
    return seconds


def _energy_kwh(question: Question, power: Decimal | None, seconds: int, said: list[str]) -> Decimal | None:
    asked = question.energy_kwh
    if power is None or (asked is not None and question.duration_min is None):
        return asked
    most = (power * seconds / 3600).quantize(_WH, ROUND_HALF_UP)
    if asked is not None and asked <= most:
        return asked
    said.append(f"Energy assumed: {_plain(most)} kWh, the most in this time at this power.")
    return most


def _idle(start: datetime, minutes: int | Decimal | None, said: list[str]) -> tuple[Period, ...]:
    if minutes is None:
        said.append("No idle time assumed.")
    if not minutes:
        return ()
    return (Period(start, start + timedelta(seconds=_seconds(Decimal(minutes))), Kind.IDLE, Decimal(0)),)


def _check_question(question: Question) -> None:
    faults = []
    if question.start is not None and question.start.year not in _YEARS:
        faults.append({"pointer": "/start", "detail": f"must be between {_YEARS[0]} and {_YEARS[-1]}"})
    for name, value, least, most in (
        ("duration_min", question.duration_min, 0, _MOST_MIN),
        ("energy_kwh", question.energy_kwh, _WH, _MOST),
        ("vehicle_power_kw", question.vehicle_power_kw, _WH, _MOST),
        ("idle_min", question.idle_min, 0, _MOST_MIN),
    ):
        if value is None or (Decimal(value).is_finite() and least <= value <= most and (value or name == "idle_min")):
            continue
        words = f"more than 0 and at most {most}" if name == "duration_min" else f"between {least} and {most}"
        faults.append({"pointer": f"/{name}", "detail": f"must be {words}"})
    if faults:
        raise InvalidUsage(errors=faults)


def _faults(usage: Usage) -> Iterator[tuple[str, str]]:
    if not usage.periods and usage.reservation is None:
        yield "/periods", "must hold at least one period where there is no reservation"
        return
    if len(usage.periods) > MOST_PERIODS:
        yield "/periods", f"must not hold more than {MOST_PERIODS} periods"
        return
    reserved = usage.reservation
    if reserved is not None:
        yield from _span_faults("/reservation", reserved.start, reserved.end)
        yield from _amount_faults("/reservation", energy_kwh=reserved.energy_kwh)
    for number, period in enumerate(usage.periods):
        yield from _span_faults(f"/periods/{number}", period.start, period.end)
        loads = {"power_kw": period.power_kw, "current_a": period.current_a}
        yield from _amount_faults(f"/periods/{number}", energy_kwh=period.energy_kwh, **loads)
    yield from _order_faults(usage)


def _span_faults(pointer: str, start: datetime, end: datetime) -> Iterator[tuple[str, str]]:
    for name, moment in (("start", start), ("end", end)):
        if moment.tzinfo is not UTC:
            yield f"{pointer}/{name}", "must be in UTC"
            return
        if moment.year not in _YEARS:
            yield f"{pointer}/{name}", f"must lie in the years {_YEARS[0]} to {_YEARS[-1]}"
    if end <= start:
        yield f"{pointer}/end", "must be after the start"
    elif end - start > LONGEST:
        yield f"{pointer}/end", f"must be at most {LONGEST.days} days after the start"


def _amount_faults(pointer: str, **amounts: Decimal | None) -> Iterator[tuple[str, str]]:
    for name, value in amounts.items():
        if value is None:
            continue
        if not (value.is_finite() and 0 <= value <= _MOST):
            yield f"{pointer}/{name}", f"must be between 0 and {_MOST}"
        elif value.adjusted() < -_MOST_DECIMALS:
            yield f"{pointer}/{name}", f"must not have more than {_MOST_DECIMALS} decimals"


def _order_faults(usage: Usage) -> Iterator[tuple[str, str]]:
    if any(period.start.tzinfo is not UTC or period.end.tzinfo is not UTC for period in usage.periods):
        return
    for number, (earlier, later) in enumerate(pairwise(usage.periods), start=1):
        if later.start < earlier.end:
            yield f"/periods/{number}/start", "must not be before the end of the period before it"
    if not usage.periods:
        return
    if usage.periods[-1].end - usage.periods[0].start > LONGEST:
        yield "/periods", f"must not span more than {LONGEST.days} days"
    reserved = usage.reservation
    if reserved is not None and reserved.end.tzinfo is UTC and usage.periods[0].start < reserved.end:
        yield "/periods/0/start", "must not be before the end of the reservation"
