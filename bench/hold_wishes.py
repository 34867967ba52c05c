"""Holds for benches, each of a window that no other wants, three to a driver: none is refused."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from faults.orders import PORTS, STATION, text_of
from faults.sites import Racer

HOLDS_EACH = 3
_LASTS_MIN = 15


def wish(number: int, drivers: Sequence[Racer], first: datetime) -> tuple[Racer, dict[str, Any]]:
    """The hold of this number: whose it is, and its body. Neighbours are of different ports and drivers."""
    driver = drivers[number % len(drivers)]
    start = first + timedelta(minutes=_LASTS_MIN * (number // PORTS))
    wanted = {"station_id": STATION, "port_number": number % PORTS + 1, "start": text_of(start)}
    return driver, wanted | {"duration_min": _LASTS_MIN, "card": driver.card}


def body_of(wanted: dict[str, Any]) -> bytes:
    return json.dumps(wanted).encode()
