"""A box on the map as a query parameter."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from kernel.box import Box
from kernel.fields import Number

_LONGITUDE, _LATITUDE = Number(least=-180, most=180), Number(least=-90, most=90)


class BoxField(fields.String):
    """`west,south,east,north` in degrees; west may be greater than east, across the antimeridian."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        parts = str(value).split(",")
        if len(parts) != 4:
            raise ValidationError("Four numbers: west,south,east,north.")
        west, east = (_LONGITUDE.deserialize(part.strip()) for part in (parts[0], parts[2]))
        south, north = (_LATITUDE.deserialize(part.strip()) for part in (parts[1], parts[3]))
        if south > north:
            raise ValidationError("south is above north; the order is west,south,east,north.")
        return Box(west, south, east, north)
