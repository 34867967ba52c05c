"""A small catalogue in which every filter finds some stations and not others, and how it gets into a snapshot."""

import json
from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from random import Random

from finder.domain.opening_hours import OpeningHours, Regular
from finder.domain.station import Access, Address, Level, Mode, Organization, Port, Station, Visibility
from finder.domain.tariff import simple
from finder.index import loaded
from finder.indexed import PortRecord, StationRecord
from finder.records import port_values, station_values
from finder.snapshot import Snapshot

SPOTS = (
    *((52.09, 5.12), (52.09, 5.12), (52.091, 5.121), (52.2, 5.3), (37.2615, -121.9577)),
    *((0.0, 180.0), (0.0, -180.0), (0.01, 179.99), (90.0, 0.0), (90.0, 120.0), (-90.0, 0.0), (89.99, -60.0)),
)
PLACES = (
    Address(line1="1692 Dell Ave", city="Campbell", state="California", postal_code="95008", country="US"),
    Address(line1="Große Straße 5", city="Zürich", state="ZH", postal_code="8001", country="CH"),
    Address(line1="Hauptstr. 1, Hof 2", city="Köln", postal_code="50667", country="DE"),
    Address(city="København", postal_code="1050", country="DK"),
    Address(),
)
OWNERS = (Organization("1:12", "CHARGEPOINT"), Organization("7:1", "Café_100%"), None)
HOURS = (
    OpeningHours(twenty_four_seven=True),
    OpeningHours(regular=tuple(Regular(day, time(8), time(18)) for day in range(1, 8))),
    OpeningHours(regular=(Regular(2, time(22), time(3)),)),
    OpeningHours(text="ask inside"),
    None,
)
TARIFFS = (None, simple("USD", per_hour=Decimal("1.50")), simple("USD", per_kwh=Decimal("0.30")))
PLUGS = (("J1772",), ("CCS1", "CHADEMO"), ("NACS",), ("TYPE_2",), ("CCS2",), ())
NUMBERS = (None, 7.2, 22.0, 50.0, 150.0)


def stations(count: int = 60) -> list[Station]:
    """The same at every call."""
    dice = Random(4)
    return [_station(dice, key) for key in range(1001, count + 1001)]


def _station(dice: Random, key: int) -> Station:
    network_id = dice.choice((1, 2, 7))
    lat, lon = dice.choice(SPOTS)
    tariff = dice.choice(TARIFFS)
    return Station(
        station_id=f"{network_id}:{key}",
        network_id=network_id,
        name=dice.choice(("CHARGEPOINT / HQ14", "Fast Lane", "100% green_park", "Zoë's", "a*b?c [x]")),
        lat=lat,
        lon=lon,
        time_zone=dice.choice(("Europe/Amsterdam", "America/Los_Angeles", "Asia/Kathmandu")),
        organization=dice.choice(OWNERS),
        manufacturer=dice.choice(("Coulomb", "ÉLECTRO", None)),
        model=dice.choice(("CT2025-HD-GW1-CCR", "CT2100", None)),
        serial_number=dice.choice(("0123", "SN-ä", None)),
        address=dice.choice(PLACES),
        access=dice.choice(tuple(Access)),
        visibility=dice.choice((*[Visibility.EVERYONE] * 4, *Visibility)),
        opening_hours=dice.choice(HOURS),
        reservable=dice.random() < 0.5,
        currency=tariff and tariff.currency,
        tariff=tariff,
        ports=tuple(_port(dice, number) for number in range(1, dice.choice((1, 2, 2, 3, 4)))),
    )


def _port(dice: Random, port_number: int) -> Port:
    return Port(
        port_number=port_number,
        level=dice.choice((*Level, None)),
        mode=dice.choice((*Mode, None)),
        voltage_v=dice.choice((None, 120.0, 240.0, 400.0)),
        current_a=dice.choice((None, 16.0, 30.0, 32.5)),
        power_kw=dice.choice(NUMBERS),
        reservable=dice.random() < 0.5,
        connectors=dice.choice(PLUGS),
    )


def snapshot_of(made: Sequence[Station]) -> Snapshot:
    """A snapshot of these stations, whose keys are their places, from 1."""
    ports = [_port_record(pk, port) for pk, one in enumerate(made, 1) for port in one.ports]
    return loaded(1, [([_record(pk, one) for pk, one in enumerate(made, 1)], ports)])


def _record(pk: int, station: Station) -> StationRecord:
    kept = {**station_values(station), "pk": pk}
    texts = {name: kept[name] and json.dumps(kept[name]) for name in ("opening_hours", "tariff")}
    return StationRecord(**{name: (kept | texts)[name] for name in StationRecord._fields})


def _port_record(pk: int, port: Port) -> PortRecord:
    kept = port_values(port) | {"station_pk": pk, "port_id": pk * 10 + port.port_number}
    kept["connectors"] = json.dumps(kept["connectors"])
    return PortRecord(**{name: kept[name] for name in PortRecord._fields})
