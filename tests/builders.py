"""Builders: things of the trade with good defaults and keywords to differ, for tests that need their own."""

from typing import Any

from flask import Flask

from finder.catalogue import StationCatalogue
from finder.domain.station import Address, Level, Organization, Port, Station


def a_port(port_number: int = 1, **changes: Any) -> Port:
    """An American port of level 2."""
    usual: dict[str, Any] = {"level": Level.L2, "voltage_v": 240, "current_a": 30, "power_kw": 7.2}
    return Port(port_number=port_number, **({**usual, "connectors": ("J1772",)} | changes))


def a_station(station_id: str, **changes: Any) -> Station:
    """A station with one port on a corner in Utrecht, of the network in its id."""
    usual: dict[str, Any] = {
        "network_id": int(station_id.partition(":")[0]),
        "name": f"Corner {station_id}",
        "lat": 52.09,
        "lon": 5.12,
        "time_zone": "Europe/Amsterdam",
        "organization": Organization("7:1", "CORNERS"),
        "address": Address(line1="Oudegracht 1", city="Utrecht", postal_code="3511 AA", country="NL"),
        "ports": (a_port(),),
    }
    return Station(station_id=station_id, **(usual | changes))


def add_stations(app: Flask, *stations: Station) -> None:
    """Put stations into the app's catalogue, beside those that are there."""
    catalogue: StationCatalogue = app.extensions["portside"][StationCatalogue]
    catalogue.merge(stations, source="test", complete=False, force=False)
