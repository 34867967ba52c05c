"""Shapes of the finder's query parameters."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from finder.domain.availability import Wish
from finder.domain.connectors import STANDARDS, standard
from finder.domain.geo import HALF_AROUND_M, METRES, Box
from finder.domain.ranking import Sort
from finder.domain.station import Level
from finder.domain.status import Status
from finder.domain.usage import Question as Charge
from finder.polygon_field import MOST_VERTICES, PolygonField
from finder.question import Circle, Question
from finder.shape_schemas import StationQuerySchema
from kernel.fields import Flag, Moment, Number, Text, WholeParameter, absent
from kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from kernel.window import Window

DEFAULT_RADIUS = 5.0
_CHARGE = ("charge_start", "duration_min", "energy_kwh", "vehicle_power_kw")
_PLACES = ("address", "city", "state", "country", "postal_code")
_AS_GIVEN = (*_PLACES, "name", "min_power_kw", "reservable")
_STATION_ID = validate.Regexp(r"^[0-9]{1,9}:[A-Za-z0-9_.-]{1,40}$", error="A station id is network:identifier.")
_LONGITUDE, _LATITUDE = Number(least=-180, most=180), Number(least=-90, most=90)
_POLYGON = (
    "A GeoJSON Polygon or MultiPolygon as compact text, or one ring as an encoded polyline of precision 5, which is "
    f"shorter; {MOST_VERTICES} corners at most. Edges belong to it; none of them crosses the antimeridian"
)
_STANDS_ALONE = {"station_id", "key"}


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


class ConnectorField(fields.String):
    """A connector standard, by any of its usual names."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        named = standard(str(value))
        if named is None:
            raise ValidationError(f"Not a connector; known are {', '.join(STANDARDS)}.")
        return named


class PageQuerySchema(Schema):
    """Which page of a list."""

    limit = WholeParameter(least=1, most=MAX_LIMIT, load_default=DEFAULT_LIMIT)
    cursor = Text(longest=500, load_default=absent)


class WhereQuerySchema(PageQuerySchema):
    """Where and which (guide 6.1.2): near a point, in a box, by text or by ids; filters: OR within, AND between."""

    lat = Number(least=-90, most=90, metadata={"example": 37.2615})
    lon = Number(least=-180, most=180, metadata={"example": -121.9577})
    radius = Number(least=0, most=HALF_AROUND_M, metadata={"description": f"Default {DEFAULT_RADIUS:g}"})
    unit = fields.String(validate=validate.OneOf(list(METRES)), metadata={"description": "Of radius; default mi"})
    bbox = BoxField(metadata={"description": "west,south,east,north; may cross the antimeridian"})
    polygon = PolygonField(metadata={"description": _POLYGON})
    station_id = fields.List(Text(longest=50, validate=[_STATION_ID]), validate=validate.Length(1, MAX_LIMIT))
    address = Text()
    city = Text()
    state = Text()
    country = Text()
    postal_code = Text(longest=20)
    name = Text(metadata={"description": "Organization or station name; * and ? are wildcards"})
    network = fields.List(WholeParameter(least=0, most=2_147_483_647), load_default=list)
    connector = fields.List(ConnectorField(), load_default=list)
    connector_match = fields.String(validate=validate.OneOf(["any", "all"]), load_default="any")
    level = fields.List(fields.String(validate=validate.OneOf([level.value for level in Level])), load_default=list)
    min_power_kw = Number(least=0, most=10_000, metadata={"description": "Inclusive"})
    reservable = Flag()
    available = Flag(metadata={"description": "Whether one can charge there now"})
    status = fields.List(
        fields.String(validate=validate.OneOf([status.value for status in Status])),
        load_default=list,
        metadata={"description": "Stations with a port that is one of these now; silence counts as UNREACHABLE"},
    )
    max_age_s = WholeParameter(
        least=0,
        most=31_536_000,
        load_default=absent,
        metadata={"description": "Stations with a port heard of so many seconds ago at most"},
    )
    free_from = Moment(
        load_default=absent,
        metadata={"description": "With `free_until`: some port can be reserved for exactly that time (guide 7.2)"},
    )
    free_until = Moment(load_default=absent, metadata={"description": "Whole minutes after `free_from`"})

    @validates_schema
    def one_place(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse what contradicts itself."""
        if ("lat" in given) != ("lon" in given):
            raise ValidationError("lat and lon go together.", "lat" if "lon" in given else "lon")
        ways = [way for way in ("lat", "bbox", "polygon", "station_id") if way in given]
        if len(ways) > 1:
            raise ValidationError(
                f"Give one of lat/lon, bbox, polygon and station_id, not {' and '.join(ways)}.", ways[1]
            )
        if "station_id" in given and any(place in given for place in _PLACES):
            raise ValidationError("A station id says where already.", "station_id")
        for name in ("radius", "unit"):
            if name in given and "lat" not in given:
                raise ValidationError(f"{name} needs lat and lon.", name)
        if given.get("radius", DEFAULT_RADIUS) * METRES[given.get("unit", "mi")] > HALF_AROUND_M:
            raise ValidationError("The radius is more than half around the earth.", "radius")

    @validates_schema
    def one_window(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse half a window, a reversed one, and one that no reservation can fill: they last whole minutes."""
        start, end = given["free_from"], given["free_until"]
        if (start is None) != (end is None):
            raise ValidationError("free_from and free_until go together.", "free_from" if end else "free_until")
        if start is None:
            return
        if end <= start:
            raise ValidationError("Must be after free_from.", "free_until")
        if start.microsecond:
            raise ValidationError("Must be a whole second.", "free_from")
        if (end - start) % timedelta(minutes=1):
            raise ValidationError("Must be whole minutes after free_from.", "free_until")

    @post_load
    def as_question(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The question apart from what shapes its answer."""
        circle = None
        if "lat" in given:
            radius_m = given.get("radius", DEFAULT_RADIUS) * METRES[given.get("unit", "mi")]
            circle = Circle(given["lat"], given["lon"], radius_m)
        question = Question(
            circle=circle,
            box=given.get("bbox"),
            polygons=given.get("polygon", ()),
            station_ids=tuple(given.get("station_id", ())),
            networks=tuple(given["network"]),
            connectors=tuple(given["connector"]),
            all_connectors=given["connector_match"] == "all",
            levels=tuple(given["level"]),
            wish=Wish(given.get("available"), tuple(sorted(map(Status, set(given["status"])))), given["max_age_s"]),
            free_in=_free_in(given["free_from"], given["free_until"]),
            charge=_charge(given),
            sort=given.get("sort", Sort.DISTANCE),
            **{name: given.get(name) for name in _AS_GIVEN},
        )
        named = ("limit", "cursor", "since", "include", "members", "zoom")
        shape = {name: given[name] for name in named if name in given}
        return shape | {"question": question}


def _free_in(start: datetime | None, end: datetime | None) -> Window | None:
    return None if start is None or end is None else Window(start, end)


def _charge(given: Mapping[str, Any]) -> Charge | None:
    """The charge that is asked about; none where nothing is said of it."""
    said = {name: given.get(name) for name in _CHARGE}
    if not any(value is not None for value in said.values()):
        return None
    numbers = {name: None if said[name] is None else Decimal(str(said[name])) for name in _CHARGE[1:]}
    return Charge(start=said["charge_start"], **numbers)


class SearchQuerySchema(WhereQuerySchema, StationQuerySchema):
    """A search, the charge that is meant to be made, and the shape of the answer."""

    charge_start = Moment(load_default=absent, metadata={"description": "Default: now"})
    duration_min = Number(least=1, most=44_640, load_default=absent)
    energy_kwh = Number(least=0.001, most=10_000, load_default=absent)
    vehicle_power_kw = Number(least=0.1, most=10_000, load_default=absent)
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.DISTANCE)

    @validates_schema
    def charge_for_price(self, given: Mapping[str, Any], **_: Any) -> None:
        """Prices cannot be compared without a charge."""
        if given["sort"] is Sort.PRICE and not any(given[name] is not None for name in _CHARGE):
            raise ValidationError(f"sort=price needs one of {', '.join(_CHARGE)}.", "sort")


class StatusQuerySchema(WhereQuerySchema):
    """Stations by id, or the same places and filters as the search."""

    @validates_schema(pass_original=True)
    def ids_stand_alone(self, given: Mapping[str, Any], original: Mapping[str, Any], **_: Any) -> None:
        """Ids are answered whole and in their order, so there is nothing to filter and no page."""
        beside = sorted(set(original) - _STANDS_ALONE)
        if "station_id" in given and beside:
            raise ValidationError("Give station ids, or a place and filters, not both.", beside[0])


class StatusLogQuerySchema(PageQuerySchema):
    """Which part of a status log."""

    port = WholeParameter(least=1, most=32_767, load_default=absent)


class EstimateQuerySchema(Schema):
    """A charge that somebody means to make (guide 6.1.2 Pricing); what is left out is assumed and said."""

    start = Moment(load_default=absent)
    duration_min = Number(least=1, most=44_640, load_default=absent)
    energy_kwh = Number(least=0.001, most=10_000, load_default=absent)
    vehicle_power_kw = Number(least=0.1, most=10_000, load_default=absent)
    idle_min = Number(least=0, most=44_640, load_default=absent)
    port = WholeParameter(least=1, most=32_767, load_default=absent)
