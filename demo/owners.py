"""The made-up owners, places, streets and opening hours of the demo network, country by country."""

from datetime import time

from demo.cities import City
from demo.dice import Dice
from finder.domain.opening_hours import OpeningHours, Regular
from finder.domain.station import Address, Organization

NETWORK_OF = {"US": 1, "CA": 1, "DE": 2, "FR": 2, "GB": 2, "AU": 3}
NORTH_AMERICAN_STREETS = tuple(
    f"{name} {kind}"
    for name in "Maple Cedar Juniper Lakeview Harvest Foundry Orchard Meridian Prospect Willow".split()
    for kind in ("St", "Ave", "Blvd")
)

_FIRST_ORGANIZATION = 5001
_OWNERS = {
    "US": ("GARAGES", "MARKETS", "HOTELS", "UTILITY", "CITY LOTS", "CAMPUS"),
    "CA": ("PARKADES", "GROCERS", "LODGES", "HYDRO", "CITY LOTS", "COLLEGE"),
    "DE": ("STADTWERKE", "PARKHAUS", "MARKT", "HOTELS", "AUTOHOF", "KLINIKUM"),
    "FR": ("PARKINGS", "MARCHÉS", "HÔTELS", "MAIRIE", "GARES", "CAMPUS"),
    "GB": ("CAR PARKS", "MARKETS", "INNS", "COUNCIL", "STATIONS", "COLLEGE"),
    "AU": ("CAR PARKS", "MARKETS", "MOTELS", "COUNCIL", "BEACHES", "CAMPUS"),
}
_STREETS = {
    "US": NORTH_AMERICAN_STREETS,
    "CA": NORTH_AMERICAN_STREETS,
    "DE": ("Lindenstraße", "Gartenweg", "Mühlenstraße", "Am Anger", "Schulstraße", "Kastanienallee", "Uferweg"),
    "FR": ("rue des Tilleuls", "avenue du Moulin", "rue du Lavoir", "place du Marché", "chemin des Vignes"),
    "GB": ("Station Road", "Mill Lane", "Orchard Street", "Church Walk", "Foundry Road", "Meadow Way"),
    "AU": ("Wattle Street", "Banksia Avenue", "Jarrah Road", "Bottlebrush Lane", "Kurrajong Parade"),
}
_PLACES = ("FRONT LOT", "LEVEL P1", "LEVEL P2", "NORTH GATE", "ROOF DECK", "VISITORS", "EAST SIDE", "ENTRANCE")
_WHERE = (
    "near the main entrance",
    "on the first parking level",
    "behind the building",
    "beside the pay machine",
    "on the street, marked in green",
    "next to the bicycle racks",
)
_ALWAYS = OpeningHours(twenty_four_seven=True)
_HOURS: tuple[tuple[int, OpeningHours | None], ...] = (
    (76, _ALWAYS),
    (6, OpeningHours(regular=tuple(Regular(day, time(6), time(22)) for day in range(1, 8)))),
    (5, OpeningHours(regular=tuple(Regular(day, time(8), time(20)) for day in range(1, 7)))),
    (3, OpeningHours(regular=tuple(Regular(day, time(18), time(7)) for day in range(1, 6)))),
    (2, OpeningHours(regular=tuple(Regular(day, time(7), time(0)) for day in range(1, 8)))),
    (2, OpeningHours(text="Dusk to dawn")),
    (2, OpeningHours(text="While the shop is open")),
    (4, None),
)


def owner(city: City, dice: Dice) -> Organization:
    """One of the six organizations that own the stations of the city's country; their names say demo."""
    kinds = _OWNERS[city.country]
    place = dice.below("owner", len(kinds))
    number = _FIRST_ORGANIZATION + list(_OWNERS).index(city.country) * 100 + place
    return Organization(f"{NETWORK_OF[city.country]}:{number}", f"DEMO {kinds[place]} {city.country}")


def place_name(dice: Dice) -> str:
    """The second line of a station's name (guide 6.1.3 stationName)."""
    return f"{dice.one_of('place', _PLACES)} {dice.below('place number', 24) + 1:02d}"


def address(city: City, dice: Dice) -> Address:
    """An address that reads as addresses do in the country; street and number are made up."""
    street, number = dice.one_of("street", _STREETS[city.country]), dice.below("house", 180) + 1
    return Address(
        line1=_street_line(city.country, street, number),
        line2=dice.weighted("line2", ((85, None), (8, "Demo site, lower level"), (7, "Demo site, gate B"))),
        city=city.name,
        state=city.state,
        postal_code=city.postal_code,
        country=city.country,
    )


def description(dice: Dice) -> str:
    """What the owner says of the station; it says that the station is made up."""
    return f"Demo: made-up station, {dice.one_of('where', _WHERE)}."


def hours(dice: Dice) -> OpeningHours | None:
    """Mostly around the clock, some regular, some only in words, some not known."""
    return dice.weighted("hours", _HOURS)


def _street_line(country: str, street: str, number: int) -> str:
    if country in ("US", "CA"):
        return f"{number * 10 + 1} {street}"
    if country == "DE":
        return f"{street} {number}"
    if country == "FR":
        return f"{number}, {street}"
    return f"{number} {street}"
