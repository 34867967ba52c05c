"""Shapes of tariffs and of the price calculator."""

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields, post_load, validate, validates_schema

from finder.domain.usage import MOST_PERIODS, Kind, Period, ReservationSpan, Usage
from finder.schemas import PageSchema
from kernel.fields import DecimalText, Flag, Moment, Text, Whole


class TariffBodySchema(Schema):
    """An OCPI 2.2.1 Tariff object, with `idle_grace_min`, `session_limit_min` and `part_limits` beside its properties
    (the limits of a part of the day, or of reservations), or the guide's pricing fields (6.1.3): `{"type", "currency",
    "parts": [...]}`, where each of two parts by time of day has its own limits."""

    class Meta:
        unknown = INCLUDE


class StationTariffSchema(Schema):
    """A station's tariff as it is kept, and what neither the guide nor OCPI 2.2.1 can say of it."""

    station_id = fields.String(required=True)
    tariff = fields.Dict(required=True, allow_none=True)
    guide_pricing = fields.Dict(required=True, allow_none=True)
    not_in_guide = fields.List(fields.Dict(), required=True)
    not_in_ocpi = fields.List(fields.Dict(), required=True)
    price_in_words = fields.String(required=True)
    updated_at = Moment(required=True)


class PeriodSchema(Schema):
    """A part of a stay. What is not known is left out."""

    start = Moment(required=True)
    end = Moment(required=True)
    kind = fields.Enum(Kind, by_value=fields.String, load_default=Kind.CHARGING)
    energy_kwh = DecimalText(load_default=None, allow_none=True)
    power_kw = DecimalText(load_default=None, allow_none=True)
    current_a = DecimalText(load_default=None, allow_none=True)

    @post_load
    def as_period(self, given: dict[str, Any], **_: Any) -> Period:
        return Period(**given)


class ReservationSpanSchema(Schema):
    """From when a reservation is made until charging starts, or it expires unused; `energy_kwh` is what it is for."""

    start = Moment(required=True)
    end = Moment(required=True)
    used = Flag(load_default=True)
    energy_kwh = DecimalText(load_default=None, allow_none=True)

    @post_load
    def as_span(self, given: dict[str, Any], **_: Any) -> ReservationSpan:
        return ReservationSpan(**given)


class UsageSchema(Schema):
    """What a driver did, or means to do."""

    periods = fields.List(fields.Nested(PeriodSchema), load_default=list, validate=validate.Length(max=MOST_PERIODS))
    reservation = fields.Nested(ReservationSpanSchema, load_default=None, allow_none=True)

    @post_load
    def as_usage(self, given: dict[str, Any], **_: Any) -> Usage:
        return Usage(tuple(given["periods"]), given["reservation"])


class CalculationSchema(Schema):
    """A usage, and the tariff or the port that it is priced by."""

    tariff = fields.Dict(keys=fields.String())
    time_zone = Text(longest=60)
    station_id = Text(longest=60)
    port_number = Whole(least=1, most=32_767)
    usage = fields.Nested(UsageSchema, required=True)

    @validates_schema
    def one_way(self, given: Mapping[str, Any], **_: Any) -> None:
        at_station = {"station_id", "port_number"} & given.keys()
        if ("tariff" in given) == bool(at_station):
            raise ValidationError("Give a tariff, or station_id and port_number.", "tariff")
        if at_station and len(at_station) < 2:
            raise ValidationError("station_id and port_number go together.", "port_number")
        if at_station and "time_zone" in given:
            raise ValidationError("A station has its own time zone.", "time_zone")


class LineSchema(Schema):
    """One line of an estimate; `amount` is exact."""

    kind = fields.String(required=True)
    quantity = DecimalText(required=True)
    unit = fields.String(required=True)
    unit_price = DecimalText(required=True)
    amount = DecimalText(required=True)
    tax = DecimalText(required=True)


class CalculatedSchema(Schema):
    """What the usage costs; null with a `reason` where that is unknown."""

    lines = fields.List(fields.Nested(LineSchema), required=True)
    subtotal = DecimalText(required=True, allow_none=True)
    tax = DecimalText(required=True, allow_none=True)
    total = DecimalText(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    assumptions = fields.List(fields.String(), required=True)
    reason = fields.String(required=True, allow_none=True)


class EstimateSchema(CalculatedSchema):
    """What a charge would cost at one port."""

    port_number = fields.Integer(required=True)


class EstimateListSchema(PageSchema):
    """An estimate per port."""

    data = fields.List(fields.Nested(EstimateSchema), required=True)
