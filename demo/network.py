"""The demo network: made-up stations around real cities in six countries, the same on every machine."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from demo.cities import City, cities, spot
from demo.dice import Dice
from demo.equipment import MANUFACTURER, kit_for, numbered
from demo.guide_stations import guide_stations
from demo.owners import NETWORK_OF, address, description, hours, owner, place_name
from demo.price_lists import CURRENCIES, UNKNOWN_TEXTS, price_list
from finder.domain.station import Access, Network, Station
from finder.domain.visibility import usual

RESERVABLE_PERCENT = 60  # of the stations whose price is known, so 56 % of all


def demo_networks() -> tuple[Network, ...]:
    """The three networks of the guide's getCPNInstances (5.1), made up here."""
    return (
        Network(1, "USA", "Demo: made-up stations, North America"),
        Network(2, "EU", "Demo: made-up stations, Europe"),
        Network(3, "AU", "Demo: made-up stations, Australia"),
    )


def demo_stations() -> Iterator[Station]:
    """The guide's example stations, then every city's, in the order of the city numbers; all say `demo`."""
    yield from guide_stations()
    for city in cities():
        for place in range(1, city.stations + 1):
            station = _station(city, place)
            yield replace(station, visibility=usual(station.access))


@cache
def demo_ports() -> tuple[tuple[str, int], ...]:
    """Station id and port number of every port of the demo network."""
    return tuple((station.station_id, port.port_number) for station in demo_stations() for port in station.ports)


def _station(city: City, place: int) -> Station:
    network_id = NETWORK_OF[city.country]
    station_id = f"{network_id}:{city.identifier(place)}"
    dice = Dice(station_id)
    lat, lon = spot(city, dice)
    kit, organization = kit_for(city.country, dice), owner(city, dice)
    tariff = price_list(city.country, dice, fast=kit.fast)
    reservable = tariff is not None and dice.below("reservable", 100) < RESERVABLE_PERCENT
    return Station(
        station_id=station_id,
        network_id=network_id,
        name=f"{organization.name} / {place_name(dice)}",
        lat=lat,
        lon=lon,
        time_zone=city.time_zone,
        organization=organization,
        manufacturer=MANUFACTURER,
        model=kit.model,
        serial_number=dice.digits("serial", "99##########"),
        description=description(dice),
        phone=dice.digits("phone", city.phone),
        address=address(city, dice),
        access=dice.weighted("access", ((95, Access.PUBLIC), (5, Access.RESTRICTED))),
        opening_hours=hours(dice),
        reservable=reservable,
        currency=CURRENCIES[city.country],
        tariff=tariff,
        price_text=dice.one_of("price text", UNKNOWN_TEXTS) if tariff is None else None,
        demo=True,
        ports=numbered(kit.parts, reservable=reservable),
    )
