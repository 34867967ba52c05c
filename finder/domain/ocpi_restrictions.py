"""Restrictions as JSON: OCPI 2.2.1 TariffRestrictions in and out."""

from finder.domain.json_reading import (
    Json,
    Reader,
    amount,
    calendar_date,
    clock_time,
    one_of,
    plain,
    present,
    whole,
)
from finder.domain.tariff import UNRESTRICTED, ReservationKind, Restrictions

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_RESTRICTIONS = frozenset(
    "start_time end_time start_date end_date min_kwh max_kwh min_current max_current min_power max_power "
    "min_duration max_duration day_of_week reservation".split()
)


def restrictions_from_ocpi(reader: Reader | None) -> Restrictions:
    """The restrictions; faults are noted by the reader."""
    if reader is None:
        return UNRESTRICTED
    reader.only(_RESTRICTIONS)
    found = Restrictions(
        start_time=reader.value("start_time", clock_time),
        end_time=reader.value("end_time", clock_time),
        start_date=reader.value("start_date", calendar_date),
        end_date=reader.value("end_date", calendar_date),
        min_kwh=reader.value("min_kwh", amount),
        max_kwh=reader.value("max_kwh", amount),
        min_current=reader.value("min_current", amount),
        max_current=reader.value("max_current", amount),
        min_power=reader.value("min_power", amount),
        max_power=reader.value("max_power", amount),
        min_duration_s=reader.value("min_duration", whole),
        max_duration_s=reader.value("max_duration", whole),
        days_of_week=reader.value("day_of_week", _weekdays) or frozenset(),
        reservation=reader.value("reservation", one_of(ReservationKind)),
    )
    _check_ranges(reader, found)
    return UNRESTRICTED if found == UNRESTRICTED else found


def _check_ranges(reader: Reader, found: Restrictions) -> None:
    if found.start_date and found.end_date and found.end_date <= found.start_date:
        reader.fault("end_date", "must be after start_date")
    for least, most, name in (
        (found.min_kwh, found.max_kwh, "max_kwh"),
        (found.min_current, found.max_current, "max_current"),
        (found.min_power, found.max_power, "max_power"),
        (found.min_duration_s, found.max_duration_s, "max_duration"),
    ):
        if least is not None and most is not None and most <= least:
            reader.fault(name, f"must be more than {name.replace('max', 'min')}")


def _weekdays(raw: object) -> frozenset[int]:
    if not isinstance(raw, list) or any(day not in _DAYS for day in raw):
        raise ValueError(f"must be a list of {', '.join(_DAYS)}")
    return frozenset(_DAYS.index(day) + 1 for day in raw)


def restrictions_to_ocpi(found: Restrictions) -> dict[str, Json]:
    """The properties of the restrictions, without loss; none where nothing is restricted."""
    return present(
        {
            "start_time": plain(found.start_time),
            "end_time": plain(found.end_time),
            "start_date": plain(found.start_date),
            "end_date": plain(found.end_date),
            "min_kwh": plain(found.min_kwh),
            "max_kwh": plain(found.max_kwh),
            "min_current": plain(found.min_current),
            "max_current": plain(found.max_current),
            "min_power": plain(found.min_power),
            "max_power": plain(found.max_power),
            "min_duration": found.min_duration_s,
            "max_duration": found.max_duration_s,
            "day_of_week": [_DAYS[day - 1] for day in sorted(found.days_of_week)] or None,
            "reservation": found.reservation.value if found.reservation else None,
        }
    )
