"""Shapes of the query parameters that say what charge is meant to be made, for its price (guide 6.1.2 Pricing)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema

from finder.domain.usage import Question as Charge
from kernel.fields import Moment, Number, WholeParameter, absent

CHARGE = ("charge_start", "duration_min", "energy_kwh", "vehicle_power_kw")


class ChargeQuerySchema(Schema):
    """How much is charged; what is left out is assumed."""

    duration_min = Number(least=1, most=44_640, load_default=absent)
    energy_kwh = Number(least=0.001, most=10_000, load_default=absent)
    vehicle_power_kw = Number(least=0.1, most=10_000, load_default=absent)


class EstimateQuerySchema(ChargeQuerySchema):
    """A charge that somebody means to make at one station; what is left out is assumed and said."""

    start = Moment(load_default=absent)
    idle_min = Number(least=0, most=44_640, load_default=absent)
    port = WholeParameter(least=1, most=32_767, load_default=absent)


class PriceQuerySchema(ChargeQuerySchema):
    """A charge that a search tells the price of."""

    charge_start = Moment(load_default=absent, metadata={"description": "Default: now"})


def charge_of(given: Mapping[str, Any]) -> Charge | None:
    """The charge that is asked about; none where nothing is said of it."""
    said = {name: given.get(name) for name in CHARGE}
    if not any(value is not None for value in said.values()):
        return None
    numbers = {name: None if said[name] is None else Decimal(str(said[name])) for name in CHARGE[1:]}
    return Charge(start=said["charge_start"], **numbers)
