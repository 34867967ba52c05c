"""What reserving a port costs, and that what is remembered of it is what it costs."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finder.domain.pricing import estimate
from finder.domain.tariff import Component, Dimension, Element, ReservationKind, Restrictions, Tariff, free, simple
from finder.domain.usage import Kind, Period, Usage
from kernel.window import Window
from reservations.prices import price_of
from tests.rules.test_pricing_properties import ZONES, elements, starts
from tests.rules.test_reservation_offers import HOUR, NOON, PORT, STATION

FOR_RESERVATIONS = Restrictions(reservation=ReservationKind.RESERVATION)
tariffs = st.builds(
    Tariff,
    currency=st.sampled_from(("EUR", "JPY", "KWD")),
    elements=st.lists(elements, max_size=3).map(tuple),
    valid_until=st.none() | starts,
)


def test_a_reservation_by_the_kwh_is_for_all_that_the_port_gives() -> None:
    by_energy = Element((Component(Dimension.ENERGY, Decimal("0.50")),), FOR_RESERVATIONS)
    tariff = Tariff(currency="EUR", elements=(by_energy,))
    price = price_of(replace(STATION, tariff=tariff), PORT, HOUR)

    assert (price.total, price.lines[0].kind) == (Decimal("3.60"), "RESERVATION_ENERGY")
    assert "Charging assumed for the whole reservation." in price.assumptions
    assert price_of(replace(STATION, tariff=tariff), replace(PORT, power_kw=None), HOUR).reason == "energy_unknown"


def test_the_price_is_that_of_charging_all_the_time_with_all_the_power() -> None:
    tariff = simple("USD", per_kwh=Decimal("0.30"), per_hour=Decimal("1.50"))
    price = price_of(replace(STATION, tariff=tariff), PORT, HOUR)

    assert price.total == Decimal("3.66")  # 7.2 kWh and one hour
    assert sum(line.amount for line in price.lines) == price.subtotal
    assert "Charging assumed for the whole reservation." in price.assumptions


def test_a_tariff_for_reservations_prices_the_reserved_time_alone() -> None:
    fee = Element((Component(Dimension.FLAT, Decimal(2)), Component(Dimension.TIME, Decimal(1))), FOR_RESERVATIONS)
    charging = Element((Component(Dimension.ENERGY, Decimal("0.30")),))
    price = price_of(replace(STATION, tariff=Tariff(currency="EUR", elements=(fee, charging))), PORT, HOUR)

    assert [line.kind for line in price.lines] == ["RESERVATION_FLAT", "RESERVATION_TIME"]
    assert (price.total, price.currency) == (Decimal("3.00"), "EUR")


def test_free_is_zero_and_unknown_is_null_with_a_reason() -> None:
    gratis = price_of(replace(STATION, tariff=free("USD")), PORT, HOUR)
    unknown = price_of(STATION, PORT, HOUR)

    assert (gratis.total, gratis.reason) == (Decimal("0.00"), None)
    assert (unknown.total, unknown.reason, unknown.currency) == (None, "price_unknown", "USD")


@given(tariffs, st.lists(starts, min_size=2, max_size=4), st.integers(1, 40), st.sampled_from(ZONES))
def test_the_price_at_each_time_is_what_the_tariff_makes_of_that_time(
    tariff: Tariff, moments: list[datetime], quarters: int, zone: str
) -> None:
    station, hours = replace(STATION, tariff=tariff, time_zone=zone), Decimal(quarters) / 4

    for moment in moments:
        window = Window.lasting(moment, timedelta(minutes=15 * quarters))
        charging = Period(moment, window.end, Kind.CHARGING, Decimal("7.2") * hours, Decimal("7.2"))
        exact = estimate(tariff, zone, Usage((charging,)))
        price = price_of(station, PORT, window)
        assert (price.total, price.tax, price.reason) == (exact.total, exact.tax, exact.reason)
        assert [line.quantity for line in price.lines] == [line.quantity for line in exact.lines]


def test_a_price_that_does_not_look_at_the_clock_is_the_same_at_any_time() -> None:
    station = replace(STATION, tariff=simple("USD", per_kwh=Decimal("0.30"), per_hour=Decimal("1.50")))
    later = Window.lasting(NOON + timedelta(days=200, hours=13), timedelta(hours=1))

    assert price_of(station, PORT, later) == price_of(station, PORT, HOUR)


def test_prices_are_written_as_their_own_tariff_writes_them() -> None:
    texts = ["0.3", "0.30", "0.300"]
    tariffs = [simple("USD", per_kwh=Decimal(text)) for text in texts]

    prices = [price_of(replace(STATION, tariff=tariff), PORT, HOUR) for tariff in tariffs]

    assert [str(price.lines[0].unit_price) for price in prices] == texts


def test_a_price_without_a_tariff_is_unknown_in_the_stations_own_currency() -> None:
    stations = [replace(STATION, currency=currency) for currency in ("USD", "EUR", None)]

    assert [price_of(station, PORT, HOUR).currency for station in stations] == ["USD", "EUR", None]
