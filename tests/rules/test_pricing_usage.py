"""What a question about a price leaves unsaid is filled in and told."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from finder.domain.usage import InvalidUsage, Kind, Period, Question, ReservationSpan, Usage, usage_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def d(text: str) -> Decimal:
    return Decimal(text)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("question", "port_kw", "charging_min", "kwh", "kw"),
    [
        (Question(), None, 60, None, None),
        (Question(), 7.2, 60, d("7.2"), d("7.2")),
        (Question(duration_min=30), 7.2, 30, d("3.6"), d("7.2")),
        (Question(duration_min=30, vehicle_power_kw=d("3.6")), 7.2, 30, d("1.8"), d("3.6")),
        (Question(duration_min=30, vehicle_power_kw=d("50")), 7.2, 30, d("3.6"), d("7.2")),
        (Question(energy_kwh=d("14.4")), 7.2, 120, d("14.4"), d("7.2")),
        (Question(energy_kwh=d("14.4"), vehicle_power_kw=d("3.6")), None, 240, d("14.4"), d("3.6")),
        (Question(energy_kwh=d("14.4")), None, 60, d("14.4"), None),
        (Question(energy_kwh=d("5"), duration_min=60), 7.2, 60, d("5"), d("7.2")),
        (Question(energy_kwh=d("9"), duration_min=60), 7.2, 60, d("7.2"), d("7.2")),
        (Question(energy_kwh=d("9"), duration_min=60), None, 60, d("9"), None),
    ],
)
def test_the_missing_one_follows_from_the_others(
    question: Question, port_kw: float | None, charging_min: int, kwh: Decimal | None, kw: Decimal | None
) -> None:
    usage, _ = usage_of(question, port_kw, NOW)

    assert usage.periods == (Period(NOW, NOW + minutes(charging_min), Kind.CHARGING, kwh, kw),)


@pytest.mark.parametrize(("kwh", "kw"), [("5", "6"), ("7.2", "7.2")])
def test_nothing_is_assumed_where_all_is_said(kwh: str, kw: str) -> None:
    question = Question(start=NOW, duration_min=60, energy_kwh=d(kwh), vehicle_power_kw=d(kw), idle_min=0)

    assert usage_of(question, 7.2, NOW)[1] == ()


def test_what_is_assumed_is_told() -> None:
    _, told = usage_of(Question(), 7.2, NOW, port_current_a=30)

    assert told == (
        "Start assumed: now.",
        "Power assumed: 7.2 kW, the most that the port gives.",
        "Charging time assumed: 60 minutes.",
        "Energy assumed: 7.2 kWh, the most in this time at this power.",
        "Current assumed: 30 A, the port's.",
        "No idle time assumed.",
    )


def test_idle_time_follows_charging() -> None:
    usage, _ = usage_of(Question(duration_min=30, idle_min=15), None, NOW)

    assert usage.periods[1] == Period(NOW + minutes(30), NOW + minutes(45), Kind.IDLE, d("0"))


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        (Question(duration_min=0), "/duration_min"),
        (Question(energy_kwh=d("0")), "/energy_kwh"),
        (Question(energy_kwh=d("NaN")), "/energy_kwh"),
        (Question(vehicle_power_kw=d("-1")), "/vehicle_power_kw"),
        (Question(vehicle_power_kw=d("1e-30")), "/vehicle_power_kw"),
        (Question(energy_kwh=d("1e999999")), "/energy_kwh"),
        (Question(duration_min=31 * 24 * 60 + 1), "/duration_min"),
        (Question(idle_min=-1), "/idle_min"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(question: Question, pointer: str) -> None:
    with pytest.raises(InvalidUsage) as refusal:
        usage_of(question, 7.2, NOW)

    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


def test_a_stay_of_more_than_a_month_is_refused() -> None:
    with pytest.raises(InvalidUsage):
        usage_of(Question(energy_kwh=d("100"), vehicle_power_kw=d("0.1")), None, NOW)


@pytest.mark.parametrize(
    ("periods", "reservation", "pointer"),
    [
        ((), None, "/periods"),
        ((Period(NOW, NOW),), None, "/periods/0/end"),
        ((Period(NOW, NOW + minutes(2)), Period(NOW + minutes(1), NOW + minutes(3))), None, "/periods/1/start"),
        ((Period(NOW, NOW + timedelta(days=32)),), None, "/periods/0/end"),
        ((Period(NOW, NOW + minutes(1), energy_kwh=d("-1")),), None, "/periods/0/energy_kwh"),
        ((Period(NOW, NOW + minutes(1), energy_kwh=d("1e-999999")),), None, "/periods/0/energy_kwh"),
        ((Period(NOW, NOW + minutes(1), power_kw=d("Infinity")),), None, "/periods/0/power_kw"),
        ((Period(NOW.replace(tzinfo=timezone(timedelta(hours=1))), NOW + minutes(1)),), None, "/periods/0/start"),
        ((Period(NOW, NOW + minutes(1)),), ReservationSpan(NOW - minutes(1), NOW + minutes(1)), "/periods/0/start"),
        ((), ReservationSpan(NOW, NOW - minutes(1)), "/reservation/end"),
    ],
)
def test_a_usage_that_cannot_be_is_refused(
    periods: tuple[Period, ...], reservation: ReservationSpan | None, pointer: str
) -> None:
    with pytest.raises(InvalidUsage) as refusal:
        Usage(periods, reservation)

    assert pointer in [error["pointer"] for error in refusal.value.errors]
