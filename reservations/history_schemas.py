"""Shapes of a reservation's history."""

from typing import Any

from marshmallow import Schema, fields

from kernel.fields import Moment
from reservations.domain.history import Cause
from reservations.domain.lifecycle import State

_MAY_BE_NULL: dict[str, Any] = {"required": True, "allow_none": True}


class MoveSchema(Schema):
    """One move of a reservation."""

    what = fields.String(
        required=True,
        metadata={
            "description": "What was done: `held`, `confirmed`, `relocated` and so on, as in the event's topic"
            " `reservation.<what>`",
            "example": "confirmed",
        },
    )
    at = Moment(required=True)
    cause = fields.Enum(Cause, by_value=True, required=True, metadata={"description": "Who or what moved it"})
    from_state = fields.Enum(State, by_value=True, **_MAY_BE_NULL)
    to_state = fields.Enum(State, by_value=True, required=True)
    changed = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(),
        required=True,
        metadata={
            "description": "What changed besides the state: name → `from` and `to`",
            "example": {"port_number": {"from": 1, "to": 2}},
        },
    )


class HistorySchema(Schema):
    """All moves of a reservation, oldest first."""

    data = fields.List(fields.Nested(MoveSchema), required=True)
    has_more = fields.Boolean(required=True)
    next_cursor = fields.String(**_MAY_BE_NULL)
    total = fields.Integer(**_MAY_BE_NULL)
