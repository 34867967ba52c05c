"""Shapes of the live stream's query."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from feeds.domain.interest import Interest
from kernel.box_field import BoxField
from kernel.fields import Text, WholeParameter

MOST_STATIONS = 200
LATEST = 2**63 - 1
_STATION_ID = validate.Regexp(r"^[0-9]{1,9}:[A-Za-z0-9_.-]{1,40}$", error="A station id is network:identifier.")
_WAYS = ("station_id", "bbox", "network")


class StreamQuerySchema(Schema):
    """What to hear of: some stations, a box, or a network; and the last event that was heard."""

    station_id = fields.List(Text(longest=50, validate=[_STATION_ID]), validate=validate.Length(1, MOST_STATIONS))
    bbox = BoxField(metadata={"description": "west,south,east,north; may cross the antimeridian"})
    network = WholeParameter(least=0, most=2_147_483_647)
    last_event_id = WholeParameter(
        least=0,
        most=LATEST,
        metadata={"description": "Where to go on, for a new connection; the header Last-Event-ID comes before it"},
    )

    @validates_schema
    def one_interest(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse what contradicts itself, and everything at once."""
        ways = [way for way in _WAYS if way in given]
        if len(ways) > 1:
            raise ValidationError(f"Give one of station_id, bbox and network, not {' and '.join(ways)}.", ways[1])
        if not ways:
            raise ValidationError("Give station_id, bbox or network.", "station_id")

    @post_load
    def as_interest(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The interest apart from where to go on."""
        interest = Interest(
            station_ids=frozenset(given.get("station_id", ())), box=given.get("bbox"), network_id=given.get("network")
        )
        return {"interest": interest, "last_event_id": given.get("last_event_id")}
