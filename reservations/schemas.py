"""Shapes of quotes, reservations and conflicts about them."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from kernel.api import ProblemSchema
from kernel.fields import DecimalText, Moment, Text, Whole, WholeParameter
from kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from reservations.domain.alternatives import MOST, Kind
from reservations.domain.lifecycle import State
from reservations.domain.limits import BOUNDS
from reservations.domain.policy import Policy
from reservations.domain.trouble import Reason
from reservations.policy_schemas import PolicySchema

_POLICY = Policy()
_INT32 = 2**31 - 1
_MAY_BE_NULL: dict[str, Any] = {"required": True, "allow_none": True}


class QuoteWishSchema(Schema):
    """What is to be priced (guide 7.4.2)."""

    station_id = Text(longest=60, required=True)
    port_number = Whole(
        least=1,
        most=32_767,
        load_default=None,
        metadata={"description": "Left out: the first free port that can be reserved"},
    )
    start = Moment(
        required=True,
        metadata={"description": "A whole second, not in the past, as far ahead as the station's policy allows"},
    )
    duration_min = Whole(  # what policy refuses has a code of its own
        least=-_INT32,
        most=_INT32,
        required=True,
        metadata={
            "minimum": BOUNDS["shortest_min"][0],
            "maximum": BOUNDS["longest_min"][1],
            "description": f"What the station's policy allows; usually {_POLICY.shortest_min} to {_POLICY.longest_min}",
        },
    )
    card = Text(longest=40, load_default=None, metadata={"description": "Serial number of one of the driver's cards"})


class HoldWishSchema(QuoteWishSchema):
    """What is to be held (guide 7.5.2)."""

    card = Text(longest=40, required=True, metadata={"description": "Serial number of one of the driver's cards"})
    quote_id = Text(
        longest=60,
        load_default=None,
        metadata={"description": "A quote for the same station, port, start and duration, whose price is honoured"},
    )


class ChangeSchema(Schema):
    """What a reservation shall be instead; what is left out stays as it is."""

    start = Moment(metadata={"description": "As of a hold"})
    duration_min = Whole(least=-_INT32, most=_INT32, metadata={"minimum": 1, "maximum": BOUNDS["longest_min"][1]})
    port_number = Whole(least=1, most=32_767)
    quote_id = Text(
        longest=60, metadata={"description": "A quote for the station, port, start and duration that this comes to"}
    )

    @validates_schema
    def check_something(self, change: dict[str, Any], **_: Any) -> None:
        if not change.keys() & {"start", "duration_min", "port_number"}:
            raise ValidationError("Say at least one of start, duration_min and port_number.")


class ReservationPriceLineSchema(Schema):
    """One line of a price, before tax; `amount` and `tax` are in whole coins."""

    kind = fields.String(required=True)
    quantity = DecimalText(required=True)
    unit = fields.String(required=True, metadata={"description": "`kWh`, `h` or `session`"})
    unit_price = DecimalText(required=True)
    amount = DecimalText(required=True)
    tax = DecimalText(required=True)
    vat = DecimalText(**_MAY_BE_NULL, metadata={"description": "In percent"})


class ReservationPriceSchema(Schema):
    """A price as it was promised. Unknown: no lines, null amounts and a `reason`; free: `"0.00"`."""

    lines = fields.List(fields.Nested(ReservationPriceLineSchema), required=True)
    subtotal = DecimalText(**_MAY_BE_NULL)
    tax = DecimalText(**_MAY_BE_NULL)
    total = DecimalText(**_MAY_BE_NULL)
    currency = fields.String(**_MAY_BE_NULL, metadata={"description": "ISO 4217"})
    assumptions = fields.List(fields.String(), required=True)
    reason = fields.String(**_MAY_BE_NULL)


class AlternativePriceSchema(Schema):
    """What an alternative costs as of now; unknown is null with a `reason`."""

    total = DecimalText(**_MAY_BE_NULL)
    currency = fields.String(**_MAY_BE_NULL, metadata={"description": "ISO 4217"})
    reason = fields.String(**_MAY_BE_NULL)


class AlternativeSchema(Schema):
    """What could be reserved instead when the answer was made. Nothing is held: send it as your next wish."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    station_id = fields.String(required=True)
    port_number = fields.Integer(required=True)
    start = Moment(required=True)
    duration_min = fields.Integer(required=True)
    distance_m = fields.Float(required=True, metadata={"description": "From the station asked for"})
    price = fields.Nested(AlternativePriceSchema, required=True)


class _TermsSchema(Schema):
    """What a quote and a reservation have in common."""

    station_id = fields.String(required=True)
    port_number = fields.Integer(required=True)
    start = Moment(required=True)
    end = Moment(required=True)
    duration_min = fields.Integer(required=True)
    price = fields.Nested(ReservationPriceSchema, required=True)
    cancellation_interval_min = fields.Integer(
        required=True, metadata={"description": "Minutes before `start` up to which cancelling is possible"}
    )
    cancel_until = Moment(required=True)
    created_at = Moment(required=True)
    policy = fields.Nested(
        PolicySchema, required=True, metadata={"description": "As promised; it stays when the station's policy changes"}
    )


class QuoteSchema(_TermsSchema):
    """A price without a hold (guide 7.4.3)."""

    quote_id = fields.String(required=True)
    hold_min = fields.Integer(required=True, metadata={"description": "How long a hold lasts"})
    expires_at = Moment(required=True, metadata={"description": "The price is promised until then"})


class ReservationConflictSchema(ProblemSchema):
    """Why a wish cannot be had, with what can be had instead where it is about a port or a time."""

    alternatives = fields.List(
        fields.Nested(AlternativeSchema),
        validate=validate.Length(max=MOST),
        metadata={
            "description": "Least trouble first; left out where the conflict is about something else or none could be "
            "looked for, empty where none was found"
        },
    )
    quote = fields.Nested(QuoteSchema, metadata={"description": "A new one, where the one that was given has run out"})


class TroubleSchema(Schema):
    """What stands between the driver and the port, as far as we were told."""

    reason = fields.Enum(Reason, by_value=True, required=True)
    since = Moment(required=True)


class ReservationSchema(_TermsSchema):
    """A reservation (guide 7.5.3, 7.6.3)."""

    handle = fields.String(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    card = fields.String(required=True)
    hold_expires_at = Moment(required=True, metadata={"description": "Confirm before this moment"})
    extensions = fields.Integer(required=True, metadata={"description": "How often the hold was extended"})
    confirmed_at = Moment(**_MAY_BE_NULL)
    trouble = fields.Nested(
        TroubleSchema,
        **_MAY_BE_NULL,
        metadata={"description": "Told while the port is out of order or taken and no other could be given instead"},
    )
    updated_at = Moment(required=True)


class ReservationQuerySchema(Schema):
    """Which of the driver's reservations (guide 7.7.2)."""

    start = Moment(load_default=None, metadata={"description": "Those that end after this moment"})
    end = Moment(load_default=None, metadata={"description": "Those that start before this moment"})
    card = Text(longest=40, load_default=None)
    state = fields.List(fields.Enum(State, by_value=True), load_default=(), metadata={"description": "Repeatable"})
    limit = WholeParameter(least=1, most=MAX_LIMIT, load_default=DEFAULT_LIMIT)
    cursor = Text(longest=500, load_default=None)

    @validates_schema
    def check_span(self, query: dict[str, Any], **_: Any) -> None:
        if query["start"] and query["end"] and query["end"] <= query["start"]:
            raise ValidationError("Must be after start.", "end")


class ReservationListSchema(Schema):
    """A page of the driver's reservations, by start."""

    data = fields.List(fields.Nested(ReservationSchema), required=True)
    has_more = fields.Boolean(required=True)
    next_cursor = fields.String(**_MAY_BE_NULL)
    total = fields.Integer(**_MAY_BE_NULL)
