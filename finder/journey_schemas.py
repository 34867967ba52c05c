"""Shapes of the search along a route."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from finder.along_route import Journey
from finder.answers import PARTS
from finder.corridor import WIDEST_M, Corridor
from finder.domain.polyline import PRECISIONS, decoded
from finder.great_circle import MILLIMETRES
from finder.query_schemas import WhereQuerySchema
from finder.route import MOST_LATITUDE, MOST_VERTICES, Route, TooLong, route_through
from finder.schemas import PageSchema, StationSchema
from kernel.fields import Flag, Moment, Number, Whole, absent

MOST_BYTES = 2 * 1024 * 1024  # 20,000 vertices with 15 decimals, each with a timestamp
_MINUTES_OF_A_DAY = 1440
_SLOWEST_KMH, _FASTEST_KMH = 1, 500
_LINE = {"type", "coordinates", "bbox"}
_CALENDAR = validate.Range(
    datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC), error="Between the years 1970 and 2200."
)
_WITHOUT_TIMETABLE = "null where neither speed_kmh nor timestamps are given"
_WHERE = ("lat", "lon", "radius", "unit", "bbox", "polygon", "station_id")


class RouteField(fields.Field[Any]):
    """A GeoJSON LineString, or an encoded polyline as text. Loads places as (lat, lon), or the text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return value
        if not isinstance(value, dict) or value.get("type") != "LineString":
            raise ValidationError("A GeoJSON LineString, or an encoded polyline as text.")
        unknown = {name: ["Unknown field."] for name in value if name not in _LINE}
        if unknown:
            raise ValidationError(unknown)
        places = value.get("coordinates")
        if not isinstance(places, list):
            raise ValidationError({"coordinates": ["A list of positions [lon, lat]."]})
        _check_count(len(places), "coordinates")
        return [_position(place, number) for number, place in enumerate(places)]


def _position(place: Any, number: int) -> tuple[float, float]:
    """A GeoJSON position as (lat, lon); a height is left out."""
    well = isinstance(place, list) and 2 <= len(place) <= 3 and all(type(one) in (int, float) for one in place)
    if not well:
        raise ValidationError({"coordinates": {number: ["A position [lon, lat]."]}})
    lon, lat = float(place[0]), float(place[1])
    if not (-180 <= lon <= 180 and abs(lat) <= MOST_LATITUDE):
        raise ValidationError({"coordinates": {number: [_BOUNDS]}})
    return lat, lon


_BOUNDS = f"A longitude between -180 and 180, then a latitude between -{MOST_LATITUDE:g} and {MOST_LATITUDE:g}."


def _check_count(count: int, where: str | None = None) -> None:
    if 2 <= count <= MOST_VERTICES:
        return
    fault = f"2 to {MOST_VERTICES:,} places, not {count:,}."
    raise ValidationError({where: [fault]} if where else fault, "route")


class AlongRouteSchema(WhereQuerySchema):
    """A route, how far from it a station may be, the filters of the search, and when the route is driven."""

    class Meta:
        exclude = _WHERE

    route = RouteField(
        required=True,
        metadata={
            "description": f"A GeoJSON LineString, or an encoded polyline; 2 to {MOST_VERTICES:,} places. Between two "
            "of them it goes straight in degrees (RFC 7946), the shorter way around the earth",
            "type": ["object", "string"],
        },
    )
    precision = fields.Integer(
        strict=True,
        validate=validate.OneOf(PRECISIONS),
        metadata={"description": "Decimals of the encoded polyline; default 5"},
    )
    corridor_m = Number(
        required=True, least=0, most=WIDEST_M, metadata={"description": "On each side of the route, inclusive"}
    )
    departure_at = Moment(
        load_default=absent, validate=_CALENDAR, metadata={"description": "With `speed_kmh`; default: now"}
    )
    speed_kmh = Number(
        least=_SLOWEST_KMH, most=_FASTEST_KMH, load_default=absent, metadata={"description": "All along the route"}
    )
    timestamps = fields.List(
        Moment(validate=_CALENDAR),
        load_default=list,
        validate=validate.Length(max=MOST_VERTICES),
        metadata={"description": "When each place of the route is reached, instead of a speed"},
    )
    open_on_arrival = Flag(
        load_default=absent,
        metadata={
            "description": "true leaves out stations that are known to be closed on arrival, false all the others"
        },
    )
    free_min = Whole(
        least=1,
        most=_MINUTES_OF_A_DAY,
        load_default=absent,
        metadata={"description": "Some port can be reserved for so many minutes from the minute of arrival on"},
    )
    network = fields.List(Whole(least=0, most=2_147_483_647), load_default=list)
    include = fields.List(fields.String(validate=validate.OneOf(PARTS)), load_default=lambda: list(PARTS))

    @validates_schema
    def one_timetable(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse two timetables, half of one, and what nobody can know without one."""
        if given["speed_kmh"] is not None and given["timestamps"]:
            raise ValidationError("Give speed_kmh or timestamps, not both.", "timestamps")
        if given["departure_at"] is not None and given["speed_kmh"] is None:
            raise ValidationError("departure_at needs speed_kmh.", "departure_at")
        for name in ("open_on_arrival", "free_min"):
            if given[name] is not None and given["speed_kmh"] is None and not given["timestamps"]:
                raise ValidationError(f"{name} needs speed_kmh or timestamps.", name)
        if given["free_min"] is not None and given["free_from"] is not None:
            raise ValidationError("Give free_min or free_from, not both.", "free_min")

    @validates_schema
    def in_order(self, given: Mapping[str, Any], **_: Any) -> None:
        """Nobody arrives before having left."""
        times = given["timestamps"]
        for number in range(1, len(times)):
            if times[number] < times[number - 1]:
                raise ValidationError({number: ["Must not be before the one before it."]}, "timestamps")

    @post_load
    def as_question(self, given: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The journey apart from what shapes its answer."""
        route = _route(given["route"], given.get("precision"))
        if given["timestamps"] and len(given["timestamps"]) != len(route.vertex):
            raise ValidationError(f"One for each of the {len(route.vertex)} places of the route.", "timestamps")
        asked: dict[str, Any] = super().as_question(given, **more)
        corridor = Corridor(route, round(given["corridor_m"], MILLIMETRES))
        journey = Journey(
            question=replace(asked.pop("question"), corridor=corridor),
            departure_at=given["departure_at"],
            speed_kmh=given["speed_kmh"],
            timestamps=tuple(given["timestamps"]),
            open_on_arrival=given["open_on_arrival"],
            free_min=given["free_min"],
        )
        return {**asked, "journey": journey}


def _route(given: str | list[tuple[float, float]], precision: int | None) -> Route:
    if isinstance(given, list) and precision is not None:
        raise ValidationError("Only an encoded polyline has a precision.", "precision")
    try:
        return route_through(_polyline(given, precision or PRECISIONS[0]) if isinstance(given, str) else given)
    except TooLong as error:
        raise ValidationError(str(error), "route") from error


def _polyline(text: str, precision: int) -> list[tuple[float, float]]:
    try:
        places = decoded(text, precision)
    except ValueError as error:
        raise ValidationError(str(error), "route") from error
    _check_count(len(places))
    for number, (lat, lon) in enumerate(places):
        if not (-180 <= lon <= 180 and abs(lat) <= MOST_LATITUDE):
            raise ValidationError(f"Place {number} is not on the map, or not of this precision. {_BOUNDS}", "route")
    return places


class AlongRouteStationSchema(StationSchema):
    """A station beside a route: `distance_m` is how far off it is."""

    offset_along_route_m = fields.Float(
        required=True, metadata={"description": "Where the route is nearest, in metres from its start"}
    )
    detour_m = fields.Float(
        required=True,
        metadata={"description": "There and back as the crow flies: twice `distance_m`; roads are longer"},
    )
    arrival_at = Moment(required=True, allow_none=True, metadata={"description": _WITHOUT_TIMETABLE})
    open_on_arrival = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "null where the hours are not known, or no timetable"}
    )


class AlongRouteListSchema(PageSchema):
    """A page of stations in travel order."""

    data = fields.List(fields.Nested(AlongRouteStationSchema), required=True)
