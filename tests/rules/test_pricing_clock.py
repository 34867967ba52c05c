"""Bands go by the wall clock, time is billed as it elapses: midnight, clock changes, leap day, year's end."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from finder.domain.tariff import Component, Dimension, Element, Restrictions, Tariff, simple
from finder.domain.wall_clock import UnknownTimeZone, clock_cuts, zone_named
from tests.rules.pricing_words import AMSTERDAM, a_stay, at, priced, total

HOURLY = simple("EUR", per_hour=Decimal(1))
NIGHT, DAY = Component(Dimension.TIME, Decimal(1)), Component(Dimension.TIME, Decimal(10))


def by_night(start: time, end: time, **more: object) -> Tariff:
    """One euro an hour in the band, ten outside it."""
    band = Restrictions(start_time=start, end_time=end, **more)  # type: ignore[arg-type]
    return Tariff(currency="EUR", elements=(Element((NIGHT,), band), Element((DAY,))))


LATE = by_night(time(22), time(6))
EARLY = by_night(time(2), time(3))
FRIDAY_NIGHT = by_night(time(22), time(6), days_of_week=frozenset({5}))


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-03-28 12:00", 23, "23.00"),  # to noon of the day of 23 hours
        ("2026-10-24 12:00", 25, "25.00"),  # to noon of the day of 25 hours
        ("2024-02-28 12:00", 48, "48.00"),  # over 29 February
        ("2026-12-31 23:00", 2, "2.00"),
    ],
)
def test_time_is_billed_as_it_elapses(start: str, hours: int, expected: str) -> None:
    assert total(HOURLY, a_stay(start, charging_min=hours * 60)) == expected


@pytest.mark.parametrize(
    ("tariff", "start", "minutes", "expected"),
    [
        (LATE, "2026-06-01 21:00", 120, "11.00"),  # into the night
        (LATE, "2026-06-01 23:00", 8 * 60, "17.00"),  # over midnight and out of it
        (LATE, "2026-12-31 21:30", 60, "5.50"),
        (LATE, "2024-02-28 23:00", 24 * 60, "168.00"),  # over the start of 29 February
        (EARLY, "2026-03-29 01:30", 60, "10.00"),  # 02:00 to 03:00 does not occur
        (EARLY, "2026-10-25 01:30", 180, "12.00"),  # 02:00 to 03:00 occurs twice
        (LATE, "2026-03-28 22:00", 8 * 60, "17.00"),  # the night has 7 hours
        (LATE, "2026-10-24 22:00", 10 * 60, "19.00"),  # the night has 9 hours
        (FRIDAY_NIGHT, "2026-06-06 02:00", 60, "1.00"),  # Saturday at two is still Friday night
        (FRIDAY_NIGHT, "2026-06-05 02:00", 60, "10.00"),
        (by_night(time(20), time(0)), "2026-06-01 23:30", 60, "5.50"),  # 00:00 is the end of the day
        (by_night(time(0), time(0)), "2026-06-01 23:30", 60, "1.00"),  # the whole day
    ],
)
def test_bands_go_by_the_wall_clock(tariff: Tariff, start: str, minutes: int, expected: str) -> None:
    assert total(tariff, a_stay(start, charging_min=minutes)) == expected


def test_dates_are_those_of_the_station() -> None:
    band = Restrictions(start_date=at("2026-12-31 12:00").date(), end_date=at("2027-01-01 12:00").date())
    tariff = Tariff(currency="EUR", elements=(Element((NIGHT,), band), Element((DAY,))))

    assert total(tariff, a_stay("2026-12-31 23:00", charging_min=120)) == "11.00"
    assert total(tariff, a_stay("2026-12-30 23:00", charging_min=120)) == "11.00"


def test_both_hours_of_a_fold_are_told_apart() -> None:
    first, second = at("2026-10-25 02:30"), at("2026-10-25 02:30", fold=1)

    prices = [total(by_night(time(2), time(2, 45)), a_stay(start, charging_min=60)) for start in (first, second)]

    assert second - first == timedelta(hours=1)
    assert prices == ["3.25", "7.75"]


@pytest.mark.parametrize("name", ["", "Nowhere/Town", "../UTC", "/etc/localtime", "Europe", "Europe/Amst\x00", "ü"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        priced(HOURLY, a_stay(), name)


@pytest.mark.parametrize("name", [AMSTERDAM, "Australia/Lord_Howe", "Africa/Cairo", "America/Nuuk", "Antarctica/Troll"])
def test_the_wall_clock_runs_evenly_between_cuts(name: str) -> None:
    zone = zone_named(name)
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    cuts = sorted(clock_cuts(start, end, [time(0)], zone))

    for first, last in pairwise(cuts):
        shown = [moment.astimezone(zone).replace(tzinfo=None) for moment in (first, last - timedelta(microseconds=1))]
        assert shown[1] - shown[0] == last - first - timedelta(microseconds=1)
        assert shown[0].date() == shown[1].date()


def test_bands_hold_at_every_clock_change_of_five_years_in_every_zone() -> None:
    inside, outside = (simple_band(time(1, 30), time(2, 30)), simple_band(time(2, 30), time(1, 30)))

    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for change in clock_cuts(datetime(2026, 1, 2, tzinfo=UTC), datetime(2031, 1, 2, tzinfo=UTC), [], zone):
            begin = change - timedelta(minutes=225)
            quarters = [(begin + timedelta(minutes=15 * n + 7)).astimezone(zone).time() for n in range(30)]
            shown = 15 * sum(time(1, 30) <= quarter < time(2, 30) for quarter in quarters)
            stay = a_stay(begin, charging_min=450)
            assert total(inside, stay, name) == f"{shown}.00", (name, change)
            assert total(outside, stay, name) == f"{450 - shown}.00", (name, change)


def simple_band(start: time, end: time) -> Tariff:
    """One euro a minute in the band, nothing outside it."""
    component = Component(Dimension.TIME, Decimal(60))
    return Tariff(currency="EUR", elements=(Element((component,), Restrictions(start_time=start, end_time=end)),))


def test_a_month_of_many_bands_is_priced_in_good_time() -> None:
    quarters = [(n // 4, n % 4 * 15) for n in range(96)]
    bands = [Restrictions(start_time=time(h, m), end_time=time(h, m + 14)) for h, m in quarters]
    tariff = Tariff(currency="EUR", elements=tuple(Element((NIGHT,), band) for band in bands))

    stay = a_stay(datetime(2026, 3, 15, tzinfo=UTC), charging_min=31 * 24 * 60)

    assert total(tariff, stay) == "694.40"
