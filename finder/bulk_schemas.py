"""Shapes of snapshots and changes."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from finder.query_schemas import WhereQuerySchema
from finder.schemas import PageSchema, StationFactsSchema
from finder.where_schemas import is_around
from kernel.fields import Moment, Text, absent

_VERSION = {"description": "Grows with every change of the station; equal for equal states"}
_NOT_OF_THE_STATION = ("available", "status", "max_age_s", "free_from", "free_until", "demo_serial_number")


class PointSchema(Schema):
    """A GeoJSON Point: longitude, then latitude."""

    type = fields.String(required=True, validate=validate.Equal("Point"))
    coordinates = fields.List(fields.Float(), required=True, validate=validate.Length(2, 2))


class FeatureSchema(Schema):
    """A station as a GeoJSON Feature."""

    type = fields.String(required=True, validate=validate.Equal("Feature"))
    id = fields.String(required=True)
    version = fields.Integer(required=True, metadata=_VERSION)
    geometry = fields.Nested(PointSchema, required=True)
    properties = fields.Nested(StationFactsSchema, required=True)


class StationCollectionSchema(Schema):
    """All stations as a GeoJSON FeatureCollection (RFC 7946), with foreign members."""

    type = fields.String(required=True, validate=validate.Equal("FeatureCollection"))
    features = fields.List(fields.Nested(FeatureSchema), required=True)
    generated_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "The newest change in it: since then the catalogue is as told here"},
    )
    changes_cursor = fields.String(required=True, metadata={"description": "Where GET /v1/changes goes on from"})
    content_hash = fields.String(required=True, metadata={"description": "As in GET /v1/changes"})
    total = fields.Integer(required=True)


class StationChangeSchema(Schema):
    """A station that was added or changed, whole; or, with `removed_at` and `reason`, one that is gone."""

    station_id = fields.String(required=True)
    version = fields.Integer(required=True, metadata=_VERSION)
    station = fields.Nested(StationFactsSchema)
    removed_at = Moment()
    reason = fields.String(
        validate=validate.OneOf(["removed", "no_longer_matches"]),
        metadata={"description": "no_longer_matches: it is there, and outside of what is asked; perhaps it ever was"},
    )


class StationChangeListSchema(PageSchema):
    """Stations in the order of their latest changes; `next_cursor` is there on the last page too, for the next time."""

    data = fields.List(fields.Nested(StationChangeSchema), required=True)


class ChangesQuerySchema(WhereQuerySchema):
    """Changes since when, of which stations."""

    class Meta:
        """A page begins where `since` says; statuses and free windows change without the station."""

        exclude = ("cursor", *_NOT_OF_THE_STATION)

    since = Text(
        longest=500,
        load_default=absent,
        metadata={"description": "A cursor of a snapshot or of this call; left out: from now on"},
    )

    @pre_load
    def only_what_stations_are(self, given: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        """Say of what other calls filter by where it belongs."""
        for name in _NOT_OF_THE_STATION:
            if name in given:
                raise ValidationError("Not a matter of the station itself: see /v1/status and /v1/stream.", name)
        return given

    @validates_schema
    def only_where_stations_are(self, given: Mapping[str, Any], **_: Any) -> None:
        """The middle of a place changes without the station."""
        if is_around(given):
            raise ValidationError("A radius needs lat and lon here.", "radius" if "radius" in given else "unit")
