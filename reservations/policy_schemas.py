"""Shapes of policies: what a station says itself, and what applies."""

from typing import Any

from marshmallow import Schema, fields

from kernel.fields import Whole
from reservations.domain.limits import BOUNDS, policy_values
from reservations.domain.policy import Policy

_MEANINGS = {
    "hold_min": "How long a hold lasts",
    "quote_min": "How long a quote's price is promised",
    "shortest_min": "The shortest reservation",
    "longest_min": "The longest reservation",
    "furthest_days": "How many days ahead it may start",
    "earliest_start_min": "How many minutes ahead it must at least be made",
    "step_min": "The duration is a multiple of this",
    "cancellation_interval_min": "Cancelling and modifying are possible until so many minutes before the start",
    "no_show_grace_min": "Who has not come so many minutes after the start is a no-show",
    "early_start_min": "Charging may begin so many minutes before the start",
    "late_stop_min": "Charging may go on so many minutes after the end",
    "holds_per_driver": "Live holds of a driver, at all stations together",
    "holds_per_card": "Live holds on a card, at all stations together",
    "holds_per_client": "Live holds of all drivers of an app, at all stations together",
    "reservations_per_driver": "Confirmed reservations that a driver has ahead, at all stations together",
    "extensions": "How often a hold may be extended",
    "extensions_min": "How many minutes longer it may last by that in all",
    "in_service_within_min": "A start within so many minutes needs a port that is not out of order",
}
_USUAL = policy_values(Policy())


def _meaning(name: str) -> dict[str, Any]:
    return {"description": _MEANINGS[name]}


PolicySchema = Schema.from_dict(
    {name: fields.Integer(required=True, metadata=_meaning(name)) for name in BOUNDS}, name="PolicySchema"
)
PolicySchema.__doc__ = "The rules of reserving that apply, all counts and minutes."

OwnPolicySchema = Schema.from_dict(
    {
        name: Whole(
            least=least,
            most=most,
            load_default=None,
            allow_none=True,
            metadata={"description": f"{_MEANINGS[name]}; as everywhere: {_USUAL[name]}"},
        )
        for name, (least, most) in BOUNDS.items()
    },
    name="OwnPolicySchema",
)
OwnPolicySchema.__doc__ = "What a station says itself; what is left out or null is as everywhere."


class StationPolicySchema(Schema):
    """A station's policy: what it says itself, and what applies."""

    station_id = fields.String(required=True)
    own = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Only what the station says itself"},
    )
    policy = fields.Nested(PolicySchema, required=True)
