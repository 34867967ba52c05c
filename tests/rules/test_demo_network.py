"""The demo network is large, true to its cities, the same everywhere, and says demo."""

from decimal import Decimal
from functools import cache
from hashlib import sha256

import pytest
import tzfpy
from geopy.distance import great_circle

from demo.cities import cities, city_of
from demo.network import demo_networks, demo_stations
from finder.domain.connectors import STANDARDS
from finder.domain.station import Access, Station
from finder.domain.tariff import Dimension, Limit

DIGEST = "db77aaa5c36cb15d0c1368ada40662df325816c17ace2f9faffa80bc0f13f340"


@cache
def by_id() -> dict[str, Station]:
    return {station.station_id: station for station in demo_stations()}


def around_cities() -> list[Station]:
    return [station for station in by_id().values() if int(station.station_id.split(":")[1]) >= 100_000]


def told(station: Station) -> str:
    """All facts of a station in words that do not hang on how Python shows its values."""
    s, a, owner = station, station.address, station.organization
    texts = (s.name, s.model, s.manufacturer, s.description, s.phone, s.serial_number, s.price_text)
    place = (f"{s.lat:.6f}", f"{s.lon:.6f}", s.time_zone, a.line1, a.line2, a.city, a.state, a.postal_code)
    rights = (s.network_id, owner and (owner.organization_id, owner.name), str(s.access), s.reservable, s.demo)
    return repr((s.station_id, texts, place, a.country, rights, told_hours(s), told_ports(s), told_prices(s)))


def told_hours(station: Station) -> object:
    hours = station.opening_hours
    regular = [(part.weekday, str(part.begin), str(part.end)) for part in hours.regular] if hours else []
    return hours and (hours.twenty_four_seven, hours.text, regular)


def told_ports(station: Station) -> object:
    return [(p.port_number, str(p.level), str(p.mode), p.connectors, p.reservable) for p in station.ports] + [
        tuple(f"{figure:.2f}" for figure in (p.voltage_v, p.current_a, p.power_kw) if figure is not None)
        for p in station.ports
    ]


def told_prices(station: Station) -> object:
    tariff = station.tariff
    if tariff is None:
        return station.currency
    least = tariff.min_price and (str(tariff.min_price.excl_vat), str(tariff.min_price.incl_vat))
    rules = [
        (
            *(str(part.dimension), str(part.price), str(part.vat), part.step_size),
            *(str(r.start_time), str(r.end_time), r.min_duration_s, r.max_duration_s),
        )
        for element in tariff.elements
        for part in element.components
        if (r := element.restrictions)
    ]
    return (tariff.currency, tariff.idle_grace_min, tariff.session_limit_min, least, rules)


def digest() -> str:
    return sha256("\n".join(map(told, demo_stations())).encode()).hexdigest()


def test_there_are_enough_stations_cities_countries_and_time_zones() -> None:
    stations = around_cities()

    assert len(stations) >= 1500
    assert len({(station.address.city, station.address.state) for station in stations}) >= 60
    assert {station.address.country for station in stations} == {"US", "CA", "DE", "FR", "GB", "AU"}
    assert len({station.time_zone for station in stations}) >= 6


def test_the_network_is_the_same_at_every_call_and_on_every_machine() -> None:
    first, second = digest(), digest()

    assert first == second
    assert first == DIGEST


def test_every_station_says_demo() -> None:
    invented = around_cities()

    assert all(station.demo for station in demo_stations())
    assert all((station.description or "").startswith("Demo: ") for station in invented)
    assert all(station.name.startswith("DEMO ") for station in invented)
    assert all(network.description.startswith("Demo: ") for network in demo_networks())


def test_ids_are_unique_and_belong_to_their_network() -> None:
    ids = [station.station_id for station in demo_stations()]
    networks = {network.network_id for network in demo_networks()}

    assert len(set(ids)) == len(ids)
    assert {int(station_id.split(":")[0]) for station_id in ids} == networks
    assert all(int(key.split(":")[0]) == station.network_id for key, station in by_id().items())


def test_an_organization_id_always_bears_the_same_name_and_network() -> None:
    owners = {(owner.organization_id, owner.name) for s in demo_stations() if (owner := s.organization)}

    assert len({key for key, _ in owners}) == len(owners)
    assert all(
        s.organization and int(s.organization.organization_id.split(":")[0]) == s.network_id for s in demo_stations()
    )


def test_stations_stand_near_their_city_and_closer_in_more_often() -> None:
    away = [
        great_circle((s.lat, s.lon), (c.lat, c.lon)).km / c.reach_km
        for s in around_cities()
        if (c := city_of(s.station_id)).reach_km <= 15
    ]

    assert len(away) == len(around_cities())
    assert max(away) < 1.01
    inner_half = sum(share < 0.5 for share in away) / len(away)
    assert 0.4 < inner_half < 0.6  # a quarter of the area holds half of the stations


def test_every_time_zone_is_the_one_of_the_coordinates() -> None:
    wrong = [s.station_id for s in demo_stations() if tzfpy.get_tz(s.lon, s.lat) != s.time_zone]

    assert wrong == []


def test_city_ids_lead_back_to_their_city() -> None:
    numbers = [city.number for city in cities()]

    assert numbers == list(range(1, len(numbers) + 1))
    assert all(city_of(s.station_id).name == s.address.city for s in around_cities())


def test_levels_are_american_and_australian_and_modes_european() -> None:
    ports = [(station.network_id, port) for station in demo_stations() for port in station.ports]

    assert all((port.level is None) == (network_id == 2) for network_id, port in ports)
    assert all((port.mode is None) == (network_id != 2) for network_id, port in ports)
    assert {name for _, port in ports for name in port.connectors} <= set(STANDARDS)
    assert all(port.connectors and port.power_kw for _, port in ports)


def test_just_over_half_can_be_reserved_and_all_of_those_have_a_price() -> None:
    stations = around_cities()
    reservable = [station for station in stations if station.reservable]

    assert 0.5 < len(reservable) / len(stations) < 0.6
    assert all(port.reservable == s.reservable for s in stations for port in s.ports)
    assert all(station.tariff for station in reservable)


def test_every_kind_of_price_access_and_hours_is_there() -> None:
    stations = around_cities()
    tariffs = [station.tariff for station in stations if station.tariff]
    restrictions = [element.restrictions for tariff in tariffs for element in tariff.elements]

    assert {part.dimension for t in tariffs for e in t.elements for part in e.components} == set(Dimension)
    assert any(rule.start_time for rule in restrictions)
    assert any(rule.min_duration_s for rule in restrictions)
    assert any(tariff.idle_grace_min for tariff in tariffs)
    assert any(station.tariff is None and station.price_text for station in stations)
    assert any(station.opening_hours is None for station in stations)
    assert any(s.opening_hours and s.opening_hours.regular for s in stations)
    assert any(s.opening_hours and s.opening_hours.text for s in stations)
    assert 0.9 < sum(s.access is Access.PUBLIC for s in stations) / len(stations) < 1


def test_prices_carry_the_currency_and_vat_of_their_country() -> None:
    found = {
        (s.address.country, s.currency, s.tariff.currency, part.vat and int(part.vat))
        for s in around_cities()
        if s.tariff
        for element in s.tariff.elements
        for part in element.components
        if part.price
    }

    assert found == {
        ("US", "USD", "USD", None),
        ("CA", "CAD", "CAD", None),
        ("DE", "EUR", "EUR", 19),
        ("FR", "EUR", "EUR", 20),
        ("GB", "GBP", "GBP", 20),
        ("AU", "AUD", "AUD", 10),
    }


GUIDE = {
    "1:41613": ("CHARGEPOINT / HQ14", "CT2025-HD-GW1-CCR", 37.261513, -121.957718, "J1772 J1772", True),
    "1:2547": ("SLEEPING LADY / RESORT #1", "CT2100-HD-CDMA", 47.551476, -120.680382, "NEMA 5-20R J1772", True),
    "1:657": ("HI TECH / PARKING 01", "CT2100-HD-CDMA-CCR", 37.261383, -121.957703, "NEMA 5-20R J1772", False),
}


@pytest.mark.parametrize("station_id", GUIDE)
def test_the_guides_stations_have_the_guides_values(station_id: str) -> None:
    station = by_id()[station_id]

    plugs = " ".join(name for port in station.ports for name in port.connectors)
    place = (station.lat, station.lon)
    assert (station.name, station.model, *place, plugs, station.reservable) == GUIDE[station_id]
    assert (station.manufacturer, station.phone) == ("Coulomb", "(888) 758-4389")


def test_the_guides_ports_have_the_guides_figures() -> None:
    socket, ac = by_id()["1:2547"].ports

    assert (str(socket.level), socket.voltage_v, socket.current_a, socket.power_kw) == ("L1", 120, 16, 1.92)
    assert (str(ac.level), ac.voltage_v, ac.current_a, ac.power_kw) == ("L2", 240, 30, 7.2)


def test_the_guides_prices_are_the_guides() -> None:
    headquarters, resort = by_id()["1:41613"].tariff, by_id()["1:2547"].tariff

    assert headquarters
    assert resort
    assert headquarters.elements[0].components[0].price == Decimal("1.50")
    assert headquarters.min_price == Limit(Decimal("0.50"))
    assert resort.elements[0].components[0].price == Decimal("1.00")
    assert resort.session_limit_min == 24 * 60


def test_every_id_of_the_guides_examples_is_there() -> None:
    named = "41613 39183 81203 2547 23 34 657 658 234 100".split()

    assert {f"1:{number}" for number in named} <= by_id().keys()
    assert by_id()["1:41613"].organization.organization_id == "1:12"  # type: ignore[union-attr]
    assert by_id()["1:657"].access is Access.RESTRICTED
