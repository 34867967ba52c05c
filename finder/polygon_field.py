"""The shape of a polygon in a query: compact GeoJSON, or one ring as an encoded polyline."""

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import ValidationError, fields

from finder.domain.polyline import decoded
from finder.polygon import Polygon, Ring

MOST_VERTICES = 500
_FEWEST = 4  # of a ring, whose last place is its first
_KINDS = "A GeoJSON Polygon or MultiPolygon, or a ring as an encoded polyline of precision 5."


class PolygonField(fields.String):
    """Loads as polygons; of several a place may be in any."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = str(value)
        polygons = _of_geojson(text) if text.lstrip().startswith("{") else (Polygon((_of_polyline(text),)),)
        count = sum(len(ring) - 1 for polygon in polygons for ring in polygon.rings)
        if count > MOST_VERTICES:
            raise ValidationError(f"At most {MOST_VERTICES} corners, not {count:,}.")
        return polygons


def _of_polyline(text: str) -> Ring:
    """A ring; its first place need not come again at its end."""
    try:
        places = decoded(text)
    except ValueError as error:
        raise ValidationError(f"{error} {_KINDS}") from error
    return _ring([*places, *places[:1]] if places[:1] != places[-1:] else places)


def _of_geojson(text: str) -> tuple[Polygon, ...]:
    try:
        shape = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValidationError("Not valid JSON.") from error
    kind, coordinates = shape.get("type"), shape.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon") or set(shape) - {"type", "coordinates", "bbox"}:
        raise ValidationError(_KINDS)
    parts = _filled(coordinates if kind == "MultiPolygon" else [coordinates])
    return tuple(
        Polygon(tuple(_ring([_position(one) for one in _filled(ring)]) for ring in _filled(part))) for part in parts
    )


def _filled(found: Any) -> list[Any]:
    if not isinstance(found, list) or not found:
        raise ValidationError(f"Coordinates are missing. {_KINDS}")
    return found


def _position(place: Any) -> tuple[float, float]:
    if not isinstance(place, list) or not 2 <= len(place) <= 3 or any(type(one) not in (int, float) for one in place):
        raise ValidationError("A position is [lon, lat].")
    return float(place[1]), float(place[0])


def _ring(places: list[tuple[float, float]]) -> Ring:
    if len(places) < _FEWEST or places[0] != places[-1]:
        raise ValidationError("A ring has at least three corners, and its last place is its first.")
    if not all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in places):
        raise ValidationError("A longitude is between -180 and 180, a latitude between -90 and 90.")
    return tuple(places)
