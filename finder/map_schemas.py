"""Shapes of the map: which part of it, and what stands there."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from finder.grid import MOST_CELLS, MOST_ZOOM, cells_in
from finder.query_schemas import WhereQuerySchema
from finder.schemas import AvailabilitySchema
from kernel.box_field import BoxField
from kernel.fields import WholeParameter

_REMEMBERED = 2_000
_ELSEWHERE = ("lat", "lon", "radius", "unit", "polygon", "station_id", "limit", "cursor")
_ZOOM_TOLD = "Of Web Mercator tiles of 256 pixels; a cell is a quarter of a tile wide"


class ClusterQuerySchema(WhereQuerySchema):
    """A part of the map at a zoom, and the filters of the search."""

    class Meta:
        exclude = _ELSEWHERE

    bbox = BoxField(
        required=True,
        metadata={"description": "west,south,east,north; may cross the antimeridian", "example": "-123,36,-121,38"},
    )
    zoom = WholeParameter(required=True, least=0, most=MOST_ZOOM, metadata={"description": _ZOOM_TOLD, "example": "8"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._read: dict[frozenset[Any], Any] = {}

    def load(self, data: Any, **kwargs: Any) -> Any:
        """As every schema; a question that is asked again and again, as maps do, is read once."""
        key = frozenset((name, tuple(value) if isinstance(value, list) else value) for name, value in data.items())
        if key not in self._read:
            read = super().load(data, **kwargs)
            if len(self._read) >= _REMEMBERED:
                self._read = {}
            self._read[key] = read
        return dict(self._read[key])

    @validates_schema
    def no_more_than_a_screen(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse what no screen could show."""
        cells = cells_in(given["bbox"], given["zoom"])
        if cells > MOST_CELLS:
            raise ValidationError(f"The box has {cells:,} cells at this zoom; at most {MOST_CELLS:,}.", "zoom")


class ClusterSchema(Schema):
    """Two or more stations of one cell. `lat` and `lon` are the mean of theirs, and `bbox` holds all of them."""

    lat = fields.Float(required=True)
    lon = fields.Float(required=True)
    count = fields.Integer(required=True, metadata={"description": "Stations"})
    available_count = fields.Integer(required=True, metadata={"description": "Stations with a free port"})
    availability = fields.Nested(AvailabilitySchema, required=True, metadata={"description": "Ports"})
    bbox = fields.List(fields.Float(), required=True, validate=validate.Length(equal=4))
    expansion_zoom = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "From this zoom on they are not one cluster; null where they stand too close"},
    )


class SingleStationSchema(Schema):
    """A station that is alone in its cell."""

    station_id = fields.String(required=True)
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)
    availability = fields.Nested(AvailabilitySchema, required=True)


class ClustersSchema(Schema):
    """What stands in a part of the map; the counts are those of all stations in it."""

    zoom = fields.Integer(required=True)
    bbox = fields.List(fields.Float(), required=True, validate=validate.Length(equal=4))
    count = fields.Integer(required=True, metadata={"description": "Stations: in clusters and single ones"})
    available_count = fields.Integer(required=True, metadata={"description": "Stations with a free port"})
    availability = fields.Nested(AvailabilitySchema, required=True, metadata={"description": "Ports"})
    clusters = fields.List(fields.Nested(ClusterSchema), required=True)
    stations = fields.List(fields.Nested(SingleStationSchema), required=True)
