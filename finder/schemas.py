"""Shapes of the finder's answers and bodies; they document the answers that are assembled from bytes."""

from copy import copy
from typing import Any

from marshmallow import Schema, fields, validate

from finder.domain.availability import COUNTED
from finder.domain.freshness import Freshness, StaleReason
from finder.domain.maintenance import Effect
from finder.domain.status import Status, TechnicalStatus
from kernel.fields import Moment


def _nullable(field: type[fields.Field[Any]], **kwargs: Any) -> fields.Field[Any]:
    return field(required=True, allow_none=True, **kwargs)


_PARTLY = "null only in an answer with Portside-Degraded: database"


class PageSchema(Schema):
    """The list envelope."""

    has_more = fields.Boolean(required=True)
    next_cursor = _nullable(fields.String)
    total = _nullable(fields.Integer, metadata={"description": "null where counting would cost too much"})


class NetworkSchema(Schema):
    """A charging network (guide 5.1.3). Ages at which the status of a silent port is STALE and reads UNREACHABLE."""

    network_id = fields.Integer(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    stale_after_s = fields.Integer(required=True)
    unreachable_after_s = fields.Integer(required=True)


class NetworkListSchema(PageSchema):
    """The networks."""

    data = fields.List(fields.Nested(NetworkSchema), required=True)


class OrganizationSchema(Schema):
    """Who owns the station."""

    organization_id = fields.String(required=True)
    name = fields.String(required=True)


class AddressSchema(Schema):
    """Where the station stands; `country` is ISO 3166-1 alpha-2."""

    line1 = _nullable(fields.String)
    line2 = _nullable(fields.String)
    city = _nullable(fields.String)
    state = _nullable(fields.String)
    postal_code = _nullable(fields.String)
    country = _nullable(fields.String)
    formatted = fields.String(required=True)


class LocationSchema(Schema):
    """WGS 84 degrees."""

    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class AvailabilitySchema(Schema):
    """How many ports are in each status."""

    total = fields.Integer(required=True)


AvailabilitySchema._declared_fields.update({name: fields.Integer(required=True) for name in COUNTED})


class PortStatusSchema(Schema):
    """What a port is (guide 6.2.3). `as_of` is the last communication between station and network."""

    status = fields.String(required=True, validate=validate.OneOf([status.value for status in Status]))
    technical_status = fields.String(required=True, validate=validate.OneOf([s.value for s in TechnicalStatus]))
    error_code = _nullable(fields.String)
    reserved = fields.Boolean(required=True)
    status_changed_at = _nullable(fields.String, metadata={"format": "date-time"})
    as_of = _nullable(fields.String, metadata={"format": "date-time"})
    age_s = _nullable(fields.Integer)
    freshness = fields.String(required=True, validate=validate.OneOf([word.value for word in Freshness]))
    stale_reason = _nullable(fields.String, validate=validate.OneOf([*(reason.value for reason in StaleReason), None]))


class GoingOnSchema(Schema):
    """Announced maintenance that is going on at a station; `message` is for drivers."""

    maintenance_id = fields.String(required=True)
    start = fields.String(required=True, metadata={"format": "date-time"})
    end = fields.String(required=True, metadata={"format": "date-time"})
    message = fields.String(required=True)
    effects = fields.List(fields.String(validate=validate.OneOf([effect.value for effect in Effect])), required=True)


class ConnectorSchema(Schema):
    """A plug or socket."""

    standard = fields.String(required=True)


class CostSchema(Schema):
    """What the charge that was asked about would cost, tax included; null with a `reason` where that is unknown."""

    amount = _nullable(fields.String)
    currency = _nullable(fields.String)
    reason = _nullable(fields.String)


class PortSchema(Schema):
    """A port."""

    port_number = fields.Integer(required=True)
    level = _nullable(fields.String)
    mode = _nullable(fields.String)
    voltage_v = _nullable(fields.Float)
    current_a = _nullable(fields.Float)
    power_kw = _nullable(fields.Float)
    reservable = fields.Boolean(required=True)
    connectors = fields.List(fields.Nested(ConnectorSchema), required=True)
    status = fields.Nested(PortStatusSchema)
    estimated_cost = fields.Nested(CostSchema, metadata={"description": "Where the search says what will be charged"})


class StationFactsSchema(Schema):
    """A station as it is until it changes (guide 6.1.3)."""

    station_id = fields.String(required=True)
    network_id = fields.Integer(required=True)
    name = fields.String(required=True)
    organization = fields.Nested(OrganizationSchema, required=True, allow_none=True)
    manufacturer = _nullable(fields.String)
    model = _nullable(fields.String)
    description = _nullable(fields.String)
    phone = _nullable(fields.String)
    address = fields.Nested(AddressSchema, required=True)
    location = fields.Nested(LocationSchema, required=True)
    time_zone = fields.String(required=True)
    access = fields.String(required=True)
    opening_hours = fields.Dict(allow_none=True)
    reservable = fields.Boolean(required=True)
    currency = _nullable(fields.String)
    price_text = _nullable(fields.String)
    tariff = fields.Dict(allow_none=True)
    updated_at = Moment(required=True, allow_none=True, metadata={"description": _PARTLY})
    demo = _nullable(fields.Boolean, metadata={"description": _PARTLY})
    ports = fields.List(fields.Nested(PortSchema), required=True)


class StationSchema(StationFactsSchema):
    """A station, whole (guide 6.1.3). `status`, `tariff` and `opening_hours` as `include` asks.

    All members are there unless `fields` names some. While the database is away (`Portside-Degraded: database`) one
    that was not shown lately is told as far as the search knows it: `name` is its id; texts, organization and
    `updated_at` are missing.
    """

    distance_m = _nullable(fields.Float)
    utc_offset = fields.String(required=True)
    price_in_words = fields.String(metadata={"description": "In the language of Accept-Language: en, es, fr or de"})
    availability = fields.Nested(AvailabilitySchema)
    maintenance = fields.List(fields.Nested(GoingOnSchema))


def _optional(field: Any) -> Any:
    """The same field where it need not be there."""
    made = copy(field)
    made.required = False
    return made


StationSchema._declared_fields.update(
    {name: _optional(field) for name, field in StationSchema._declared_fields.items() if name != "station_id"}
)


class StationListSchema(PageSchema):
    """A page of stations."""

    data = fields.List(fields.Nested(StationSchema), required=True)


class NumberedStatusSchema(Schema):
    """A port's status, with its number."""

    port_number = fields.Integer(required=True)
    status = fields.Nested(PortStatusSchema, required=True)


class StationStatusSchema(Schema):
    """The statuses of one station's ports (guide 6.2.3)."""

    station_id = fields.String(required=True)
    availability = fields.Nested(AvailabilitySchema, required=True)
    maintenance = fields.List(fields.Nested(GoingOnSchema), required=True)
    ports = fields.List(fields.Nested(NumberedStatusSchema), required=True)


class StatusListSchema(PageSchema):
    """Statuses of many stations; the ids that do not exist are named."""

    data = fields.List(fields.Nested(StationStatusSchema), required=True)
    not_found = fields.List(fields.String(), required=True)
