"""Shapes of announced maintenance windows."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from finder.domain.maintenance import LONGEST_MESSAGE, Effect, Scope, State
from finder.maintenance_store import Filter
from finder.query_schemas import PageQuerySchema
from finder.schemas import PageSchema
from kernel.fields import Moment, Text, Whole, WholeParameter, absent

MOST_STATIONS = 1000
_STATION_ID = validate.Regexp(r"^[0-9]{1,9}:[A-Za-z0-9_.-]{1,40}$", error="A station id is network:identifier.")
_NETWORK = {"least": 0, "most": 2_147_483_647}
_EFFECTS = (
    "`status_delayed`: what ports said before the start is told as STALE, with `stale_reason` `maintenance`; "
    "`writes_paused`: quotes, holds, confirmations, changes, tariffs and policies are refused, releasing and "
    "cancelling are not; `reservations_closed`: nothing new can be reserved inside the window"
)


class NewScopeSchema(Schema):
    """Whom it concerns: exactly one of these."""

    network_id = Whole(**_NETWORK)
    organization_id = Text(longest=60)
    station_ids = fields.List(Text(longest=50, validate=[_STATION_ID]), validate=validate.Length(1, MOST_STATIONS))

    @validates_schema
    def one_kind(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse none, and more than one."""
        if len(given) != 1:
            raise ValidationError("Exactly one of network_id, organization_id and station_ids.")
        if len(set(given.get("station_ids", ()))) < len(given.get("station_ids", ())):
            raise ValidationError("A station is named twice.", "station_ids")

    @post_load
    def as_scope(self, given: dict[str, Any], **_: Any) -> Scope:
        named = tuple(given.pop("station_ids", ()))
        return Scope(**given, station_ids=named)


class NewMaintenanceSchema(Schema):
    """A window to be announced."""

    scope = fields.Nested(NewScopeSchema, required=True)
    start = Moment(load_default=None, allow_none=True, metadata={"description": "Left out or null: now"})
    end = Moment(required=True)
    message = Text(
        required=True,
        longest=LONGEST_MESSAGE,
        validate=[validate.Regexp(r".*\S", error="Say something.")],
        metadata={"description": "Plain text, for drivers to read"},
    )
    effects = fields.List(
        fields.Enum(Effect, by_value=fields.String),
        required=True,
        validate=validate.Length(1, len(Effect)),
        metadata={"description": _EFFECTS},
    )

    @validates_schema
    def each_once(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse an effect that is named twice."""
        if len(set(given["effects"])) < len(given["effects"]):
            raise ValidationError("An effect is named twice.", "effects")

    @post_load
    def as_wish(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**given, "effects": frozenset(given["effects"])}


class ScopeSchema(Schema):
    """Whom it concerns: everything, a network, an organization, or some stations."""

    everything = fields.Boolean(required=True)
    network_id = fields.Integer(required=True, allow_none=True)
    organization_id = fields.String(required=True, allow_none=True)
    station_ids = fields.List(fields.String(), required=True)


class MaintenanceSchema(Schema):
    """An announced maintenance window."""

    maintenance_id = fields.String(required=True)
    scope = fields.Nested(ScopeSchema, required=True)
    start = Moment(required=True)
    end = Moment(required=True)
    message = fields.String(required=True)
    effects = fields.List(fields.Enum(Effect, by_value=fields.String), required=True)
    state = fields.String(required=True, validate=validate.OneOf(["ANNOUNCED", "ACTIVE", "ENDED"]))
    announced_at = Moment(required=True)


class MaintenanceListSchema(PageSchema):
    """A page of announced windows, by start."""

    data = fields.List(fields.Nested(MaintenanceSchema), required=True)


class MaintenanceQuerySchema(PageQuerySchema):
    """Which windows; those that are active or to come where neither `state` nor `active_at` is given."""

    station_id = Text(longest=50, validate=[_STATION_ID], load_default=absent)
    network = WholeParameter(**_NETWORK, load_default=absent)
    active_at = Moment(load_default=absent, metadata={"description": "Windows that this moment lies in"})
    state = fields.List(
        fields.Enum(State, by_value=fields.String), metadata={"description": "Default: ANNOUNCED and ACTIVE"}
    )

    @validates_schema
    def no_cancelled(self, given: Mapping[str, Any], **_: Any) -> None:
        """Nothing is told of what was cancelled."""
        if State.CANCELLED in given.get("state", ()):
            raise ValidationError("Cancelled windows are gone.", "state")

    @post_load
    def as_filter(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The filter apart from the page."""
        usual = () if given["active_at"] else (State.ANNOUNCED, State.ACTIVE)
        wanted = Filter(
            states=frozenset(given.get("state") or usual),
            station_id=given["station_id"],
            network_id=given["network"],
            active_at=given["active_at"],
        )
        return {"wanted": wanted, "limit": given["limit"], "cursor": given["cursor"]}
