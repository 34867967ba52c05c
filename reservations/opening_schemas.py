"""Shapes of openings."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from kernel.fields import Moment, Text, WholeParameter
from kernel.paging import MAX_LIMIT
from reservations.domain.limits import BOUNDS

MOST_STATIONS = MAX_LIMIT
LONGEST_SPAN_DAYS = 31
_MAY_BE_NULL: dict[str, Any] = {"required": True, "allow_none": True}


class OpeningsQuerySchema(Schema):
    """Which stations, and between which moments (guide 7.3.2)."""

    station_id = fields.List(
        Text(longest=60),
        required=True,
        validate=validate.Length(1, MOST_STATIONS),
        metadata={"description": "Repeatable", "example": ["1:41613"]},
    )
    start = Moment(required=True)
    end = Moment(required=True, metadata={"description": f"At most {LONGEST_SPAN_DAYS} days after `start`"})
    port = fields.List(
        WholeParameter(least=1, most=32_767),
        load_default=(),
        metadata={"description": "Only ports of this number; repeatable"},
    )
    min_duration_min = WholeParameter(
        least=1,
        most=BOUNDS["longest_min"][1],
        load_default=1,
        metadata={"description": "Only openings in which a port can be reserved for so long or longer"},
    )
    limit = WholeParameter(
        least=1, most=MAX_LIMIT, load_default=MAX_LIMIT, metadata={"description": "Stations on a page"}
    )
    cursor = Text(longest=500, load_default=None)

    @validates_schema
    def check_span(self, query: dict[str, Any], **_: Any) -> None:
        if query["end"] <= query["start"]:
            raise ValidationError("Must be after start.", "end")
        if (query["end"] - query["start"]).total_seconds() > LONGEST_SPAN_DAYS * 86_400:
            raise ValidationError(f"Must be at most {LONGEST_SPAN_DAYS} days after start.", "end")


class OpeningSchema(Schema):
    """A window in which a port can be reserved."""

    port_number = fields.Integer(required=True)
    start = Moment(required=True)
    end = Moment(required=True)


class StationOpeningsSchema(Schema):
    """A station's openings, by port and time."""

    station_id = fields.String(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA name"})
    reservable = fields.Boolean(required=True)
    shortest_min = fields.Integer(required=True, metadata={"description": "A reservation lasts so long at least"})
    longest_min = fields.Integer(required=True, metadata={"description": "And so long at most, within one opening"})
    step_min = fields.Integer(required=True, metadata={"description": "In steps of so many minutes"})
    openings = fields.List(fields.Nested(OpeningSchema), required=True)


class OpeningsListSchema(Schema):
    """Openings of the stations asked for, in the order asked."""

    data = fields.List(fields.Nested(StationOpeningsSchema), required=True)
    not_found = fields.List(fields.String(), required=True, metadata={"description": "Ids that no station has"})
    has_more = fields.Boolean(required=True)
    next_cursor = fields.String(**_MAY_BE_NULL)
    total = fields.Integer(**_MAY_BE_NULL)
