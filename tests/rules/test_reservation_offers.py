"""What a station offers for a window: ports and opening hours."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from finder.catalogue import UnknownPort
from finder.domain.opening_hours import OpeningHours, Regular
from finder.domain.station import Port, Station
from finder.domain.tariff import (
    Limit,
    PartLimits,
    Restrictions,
    Tariff,
    free,
)
from finder.records import ListedPort, ListedStation
from kernel.window import Window
from reservations.domain.policy import ClosedThen, InvalidDuration, NotReservable, Policy
from reservations.offers import check_station, is_paid, reservable_ports

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = Window.lasting(NOON, timedelta(hours=1))
PORT = Port(port_number=1, power_kw=7.2, reservable=True)
STATION = Station(
    station_id="1:1", network_id=1, name="S", lat=0, lon=0, time_zone="UTC", reservable=True, currency="USD"
)


def listed(*ports: Port, reservable: bool = True) -> ListedStation:
    """Ports whose keys run against their numbers."""
    kept = tuple(ListedPort(100 - port.port_number, port) for port in ports)
    return ListedStation(1, replace(STATION, reservable=reservable), NOON, kept)


def test_ports_are_tried_in_the_order_of_their_keys_and_only_the_reservable_ones() -> None:
    station = listed(PORT, replace(PORT, port_number=2, reservable=False), replace(PORT, port_number=3))

    assert [one.port_id for one in reservable_ports(station, None)] == [97, 99]


def test_a_port_that_is_not_there_is_unknown_and_one_that_cannot_be_reserved_is_refused() -> None:
    station = listed(PORT, replace(PORT, port_number=2, reservable=False))

    with pytest.raises(UnknownPort):
        reservable_ports(station, 3)
    with pytest.raises(NotReservable):
        reservable_ports(station, 2)
    with pytest.raises(NotReservable):
        reservable_ports(listed(PORT, reservable=False), None)


def test_a_window_must_lie_within_opening_hours_that_are_known() -> None:
    days = replace(STATION, opening_hours=OpeningHours(regular=(Regular(2, time(8), time(13)),)))
    late = Window.lasting(NOON, timedelta(minutes=61))

    check_station(days, HOUR, 60, Policy())
    check_station(replace(days, opening_hours=OpeningHours(text="dawn to dusk")), late, 61, Policy())

    with pytest.raises(ClosedThen):
        check_station(days, late, 61, Policy())


def test_a_tariffs_limit_on_a_stay_is_one_on_reservations_too() -> None:
    station = replace(STATION, tariff=Tariff(currency="USD", session_limit_min=45))

    with pytest.raises(InvalidDuration):
        check_station(station, HOUR, 60, Policy())


def test_a_limit_of_a_part_of_the_day_is_one_on_what_is_reserved_in_it() -> None:
    morning = PartLimits(restrictions=Restrictions(end_time=time(12, 30)), session_limit_min=30)
    station = replace(STATION, tariff=Tariff(currency="USD", part_limits=(morning,)))
    early = Window.lasting(NOON - timedelta(minutes=1), timedelta(hours=1))

    check_station(station, HOUR, 60, Policy())

    with pytest.raises(InvalidDuration) as refusal:
        check_station(station, early, 60, Policy())
    assert refusal.value.errors[0]["detail"] == "must be at most 30 minutes from 00:00 to 12:30"


def test_a_station_with_a_least_price_in_a_part_of_the_day_only_is_paid() -> None:
    nights = PartLimits(restrictions=Restrictions(end_time=time(6)), min_price=Limit(Decimal(1)))

    paid = [is_paid(replace(STATION, tariff=replace(free("USD"), part_limits=parts))) for parts in ((), (nights,))]

    assert paid == [False, True]
