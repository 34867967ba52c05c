"""Charging networks of the US Alternative Fuels Data Center: one lasting id for each name of its EV Network column."""

import re
from zlib import crc32

from finder.domain.station import Network

NOT_SAID = Network(100, "Network not known", "Stations of the Alternative Fuels Data Center without a network")
NON_NETWORKED = Network(199, "Non-networked", "Stations that belong to no charging network")

# An id is for good: it is a part of every station id. New names are added at the end, and only names that no import
# has met, because a name that is not listed already has an id made from it.
_LISTED = {
    "ChargePoint Network": "ChargePoint Network",
    "VIALYNK": "ViaLynk",
    "Tesla Destination": "Tesla Destination",
    "Tesla": "Tesla Supercharger",
    "EV Connect": "EV Connect",
    "CHARGESMART_EV": "ChargeSmart EV",
    "EVOKE": "Evoke",
    "Blink Network": "Blink Network",
    "FLO": "FLO",
    "Electrify America": "Electrify America",
    "AMPUP": "AmpUp",
    "SHELL_RECHARGE": "Shell Recharge",
    "SWTCH": "SWTCH",
    "EVGATEWAY": "EvGateway",
    "eVgo Network": "EVgo",
    "RIVIAN_ADVENTURE": "Rivian Adventure Network",
    "FORD_CHARGE": "Ford Charge",
    "APPLEGREEN": "Applegreen",
    "NOODOE": "Noodoe",
    "CHARGELAB": "ChargeLab",
    "FLASH": "FLASH",
    "REVEL": "Revel",
    "ZEFNET": "ZEF Network",
    "OpConnect": "OpConnect",
    "EVIUM": "Evium",
    "LOOP": "Loop",
    "BP_PULSE": "bp pulse",
    "RIVIAN_WAYPOINTS": "Rivian Waypoints",
    "AMPED_UP": "Amped Up",
    "RED_E": "Red E",
    "AUTEL": "Autel",
    "TURNONGREEN": "TurnOnGreen",
    "MATCHA": "Matcha",
    "GRAVITY_CHARGING_CENTER": "Gravity Charging Center",
}
_FIRST_LISTED = 101
_FIRST_DERIVED, _DERIVED = 1000, 8_000_000


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("network")


_BY_FOLDED = {
    _folded(word): Network(number, name) for number, (word, name) in enumerate(_LISTED.items(), start=_FIRST_LISTED)
} | {"": NOT_SAID, "nonnetworked": NON_NETWORKED}

LISTED = tuple(_BY_FOLDED.values())


def network(name: str) -> Network:
    """The network of an EV Network cell; `NOT_SAID` for an empty one.

    A name that is not listed gets an id from 1,000 on that is computed from the name alone, so it is the same in
    every file. `eVgo Network` and `EVGO` are one network.
    """
    folded = _folded(name)
    return _BY_FOLDED.get(folded) or Network(_FIRST_DERIVED + crc32(folded.encode()) % _DERIVED, _readable(name))


def _readable(name: str) -> str:
    """`IN_CHARGE` as `In Charge`; a name with lower-case letters or spaces as it is."""
    return name.replace("_", " ").title() if "_" in name else name
