"""Connector standards: one name for each plug, whatever a source calls it."""

import re

STANDARDS = (
    "J1772",
    "CCS1",
    "CCS2",
    "CHADEMO",
    "NACS",
    "TYPE_2",
    "TYPE_3",
    "GBT_AC",
    "GBT_DC",
    "SCHUKO",
    "ALFENL3",
    "NEMA 5-15R",
    "NEMA 5-20R",
    "NEMA 14-50R",
    "OTHER",
)

_ALIASES = {
    "J1772COMBO": "CCS1",
    "CCSTYPE1": "CCS1",
    "CCSTYPE2": "CCS2",
    "TESLA": "NACS",
    "J3400": "NACS",
    "TYPE1": "J1772",
    "IEC62196TYPE2": "TYPE_2",
    "MENNEKES": "TYPE_2",
    "NEMA515": "NEMA 5-15R",
    "NEMA520": "NEMA 5-20R",
    "NEMA1450": "NEMA 14-50R",
}


def _folded(word: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", word.upper())


_BY_FOLDED = {_folded(name): name for name in STANDARDS} | _ALIASES


def standard(word: str) -> str | None:
    """The standard that a word names (guide 6.1.2 Connector, OCPI ConnectorType, AFDC), None where it names none."""
    return _BY_FOLDED.get(_folded(word))
