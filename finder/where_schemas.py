"""Shapes of the query parameters that say where: near a point, in a box, at a place by its words, or by ids."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from finder.domain.geo import HALF_AROUND_M, METRES
from finder.polygon_field import MOST_VERTICES, PolygonField
from finder.question import Around, Circle
from kernel.box_field import BoxField
from kernel.fields import Number, Text
from kernel.paging import MAX_LIMIT

DEFAULT_RADIUS = 5.0
PLACES = ("address", "city", "state", "country", "postal_code")
_POLYGON = (
    "A GeoJSON Polygon or MultiPolygon as compact text, or one ring as an encoded polyline of precision 5, which is "
    f"shorter; {MOST_VERTICES} corners at most. Edges belong to it; none of them crosses the antimeridian"
)
_RADIUS = (
    f"Default {DEFAULT_RADIUS:g}. Without lat and lon it is around the most granular word of the place, which need not "
    "have a station: cities of 15,000 inhabitants or more, countries, and states of six of them are known anyway"
)
_STATION_ID = validate.Regexp(r"^[0-9]{1,9}:[A-Za-z0-9_.-]{1,40}$", error="A station id is network:identifier.")


class PlaceQuerySchema(Schema):
    """Where to look (guide 6.1.2); everywhere where nothing is said.

    With `radius` or `unit` beside a place and no point, the centre is the most granular of its words.
    """

    lat = Number(least=-90, most=90, metadata={"example": 37.2615})
    lon = Number(least=-180, most=180, metadata={"example": -121.9577})
    radius = Number(least=0, most=HALF_AROUND_M, metadata={"description": _RADIUS})
    unit = fields.String(validate=validate.OneOf(list(METRES)), metadata={"description": "Of radius; default mi"})
    bbox = BoxField(metadata={"description": "west,south,east,north; may cross the antimeridian"})
    polygon = PolygonField(metadata={"description": _POLYGON})
    station_id = fields.List(Text(longest=50, validate=[_STATION_ID]), validate=validate.Length(1, MAX_LIMIT))
    address = Text(metadata={"description": "A part of the complete address: street, city, state, code and country"})
    city = Text()
    state = Text()
    country = Text(metadata={"description": "ISO 3166-1 alpha-2, or the country's name"})
    postal_code = Text(longest=20)

    @validates_schema
    def one_place(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse what contradicts itself."""
        if ("lat" in given) != ("lon" in given):
            raise ValidationError("lat and lon go together.", "lat" if "lon" in given else "lon")
        ways = [way for way in ("lat", "bbox", "polygon", "station_id") if way in given]
        if len(ways) > 1:
            both = " and ".join(ways)
            raise ValidationError(f"Give one of lat/lon, bbox, polygon and station_id, not {both}.", ways[1])
        if "station_id" in given and any(place in given for place in PLACES):
            raise ValidationError("A station id says where already.", "station_id")
        for name in ("radius", "unit"):
            if name in given and "lat" not in given and not is_around(given):
                raise ValidationError(f"{name} needs lat and lon, or a place without a bbox or a polygon.", name)
        if _radius_m(given) > HALF_AROUND_M:
            raise ValidationError("The radius is more than half around the earth.", "radius")


def where_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a question asks about places."""
    circle = Circle(given["lat"], given["lon"], _radius_m(given)) if "lat" in given else None
    texts = {name: given.get(name) for name in PLACES}
    where = {
        "circle": circle,
        "box": given.get("bbox"),
        "polygons": given.get("polygon", ()),
        "station_ids": tuple(given.get("station_id", ())),
    }
    return where | ({"around": Around(radius_m=_radius_m(given), **texts)} if is_around(given) else texts)


def is_around(given: Mapping[str, Any]) -> bool:
    """Whether a place is where to look around, and not what stations have to be at: a radius stands beside it."""
    is_placed = any(name in given for name in PLACES) and not {"lat", "bbox", "polygon"} & given.keys()
    return is_placed and ("radius" in given or "unit" in given)


def _radius_m(given: Mapping[str, Any]) -> float:
    radius_m: float = given.get("radius", DEFAULT_RADIUS) * METRES[given.get("unit", "mi")]
    return radius_m
