"""The made-up equipment of the demo network: which ports a station of each country may have."""

from dataclasses import dataclass, replace

from demo.dice import Dice
from finder.domain.station import Level, Mode, Port

MANUFACTURER = "Demo Electric"

AMERICAN_SOCKET = Port(
    port_number=1, level=Level.L1, voltage_v=120, current_a=16, power_kw=1.92, connectors=("NEMA 5-20R",)
)
AMERICAN_AC = Port(port_number=1, level=Level.L2, voltage_v=240, current_a=30, power_kw=7.2, connectors=("J1772",))
_AC_40 = replace(AMERICAN_AC, current_a=40, power_kw=9.6)
_L3 = Port(port_number=1, level=Level.L3, voltage_v=400, current_a=110, power_kw=44, connectors=("CHADEMO",))
_DC = Port(port_number=1, level=Level.DC_FAST)
_DC_50 = replace(_DC, voltage_v=400, current_a=125, power_kw=50)
_DC_150 = replace(_DC, voltage_v=800, current_a=200, power_kw=150)
_DC_350 = replace(_DC, voltage_v=920, current_a=400, power_kw=350)

_TYPE_2 = ("TYPE_2",)
_MODE_3_11 = Port(port_number=1, mode=Mode.MODE_3, voltage_v=400, current_a=16, power_kw=11, connectors=_TYPE_2)
_MODE_3_22 = replace(_MODE_3_11, current_a=32, power_kw=22)
_MODE_3_OLD = replace(_MODE_3_22, connectors=("TYPE_3",))
_SOCKET = Port(port_number=1, mode=Mode.MODE_1, voltage_v=230, current_a=16, power_kw=3.68, connectors=("SCHUKO",))
_EU_DC_50 = replace(_DC_50, level=None, mode=Mode.DC_FAST, connectors=("CCS2", "CHADEMO"))
_EU_DC_150 = replace(_DC_150, level=None, mode=Mode.DC_FAST, connectors=("CCS2",))
_EU_DC_300 = replace(_EU_DC_150, voltage_v=920, current_a=330, power_kw=300)

_AU_AC_7 = Port(port_number=1, level=Level.L2, voltage_v=230, current_a=32, power_kw=7.36, connectors=_TYPE_2)
_AU_AC_22 = replace(_AU_AC_7, voltage_v=400, power_kw=22)


@dataclass(frozen=True, slots=True)
class Kit:
    """A model of the made-up manufacturer: its ports in order, not yet numbered; `fast` is direct current."""

    model: str
    parts: tuple[Port, ...]
    fast: bool = False


def _with(port: Port, *connectors: str) -> Port:
    return replace(port, connectors=connectors)


_AMERICAN = (
    (34, Kit("DE-L2-30-DUAL", (AMERICAN_AC,) * 2)),
    (12, Kit("DE-L2-40-DUAL", (_AC_40,) * 2)),
    (14, Kit("DE-L1L2-30", (AMERICAN_SOCKET, AMERICAN_AC))),
    (8, Kit("DE-L2-30", (AMERICAN_AC,))),
    (3, Kit("DE-L3-44", (_L3,), fast=True)),
    (10, Kit("DE-DC-50", (_with(_DC_50, "CCS1", "CHADEMO"),), fast=True)),
    (11, Kit("DE-DC-150", (_with(_DC_150, "CCS1"), _with(_DC_150, "CCS1", "NACS")), fast=True)),
    (8, Kit("DE-DC-350", (_with(_DC_350, "CCS1"),) * 2 + (_with(_DC_350, "NACS"),) * 2, fast=True)),
)
_EUROPEAN_FAST = (
    (9, Kit("DE-DC-50-E", (_EU_DC_50,), fast=True)),
    (11, Kit("DE-DC-150-E", (_EU_DC_150,) * 2, fast=True)),
    (8, Kit("DE-DC-300-E", (_EU_DC_300,) * 4, fast=True)),
)
_22_TWICE = Kit("DE-M3-22-DUAL", (_MODE_3_22,) * 2)
_11_TWICE = Kit("DE-M3-11-DUAL", (_MODE_3_11,) * 2)
_11_ONCE = Kit("DE-M3-11", (_MODE_3_11,))
_BRITISH = ((40, _22_TWICE), (20, _11_TWICE), (12, _11_ONCE), *_EUROPEAN_FAST)
_GERMAN = (
    (38, _22_TWICE),
    (18, _11_TWICE),
    (8, _11_ONCE),
    (8, Kit("DE-M1M3-22", (_SOCKET, _MODE_3_22))),
    *_EUROPEAN_FAST,
)
_FRENCH = (
    (40, _22_TWICE),
    (16, _11_TWICE),
    (8, _11_ONCE),
    (8, Kit("DE-M3-22-T3", (_MODE_3_OLD, _MODE_3_22))),
    *_EUROPEAN_FAST,
)
_AUSTRALIAN = (
    (34, Kit("DE-L2-7-A", (_AU_AC_7,) * 2)),
    (32, Kit("DE-L2-22-A", (_AU_AC_22,) * 2)),
    (12, Kit("DE-DC-50-A", (_with(_DC_50, "CCS2", "CHADEMO"),), fast=True)),
    (12, Kit("DE-DC-150-A", (_with(_DC_150, "CCS2"),) * 2, fast=True)),
    (10, Kit("DE-DC-350-A", (_with(_DC_350, "CCS2"),) * 4, fast=True)),
)
_KITS = {
    "US": _AMERICAN,
    "CA": _AMERICAN,
    "DE": _GERMAN,
    "FR": _FRENCH,
    "GB": _BRITISH,
    "AU": _AUSTRALIAN,
}


def kit_for(country: str, dice: Dice) -> Kit:
    """A model as it may be found in the country: levels in America and Australia, modes in Europe (guide 6.1.2)."""
    return dice.weighted("kit", _KITS[country])


def numbered(parts: tuple[Port, ...], *, reservable: bool) -> tuple[Port, ...]:
    """The ports numbered from 1, all reservable or none."""
    return tuple(replace(port, port_number=number, reservable=reservable) for number, port in enumerate(parts, 1))
