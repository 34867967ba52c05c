"""Shapes of the finder's queries: where, which, for what charge, and what shape the answer has."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from finder.charge_schemas import CHARGE, PriceQuerySchema, charge_of
from finder.domain.ranking import Sort
from finder.question import Question
from finder.shape_schemas import StationQuerySchema
from finder.where_schemas import PlaceQuerySchema, is_around, where_of
from finder.which_schemas import WhichQuerySchema, which_of
from kernel.fields import Text, WholeParameter, absent
from kernel.paging import DEFAULT_LIMIT, MAX_LIMIT

_STANDS_ALONE = {"station_id", "key"}


class PageQuerySchema(Schema):
    """Which page of a list."""

    limit = WholeParameter(least=1, most=MAX_LIMIT, load_default=DEFAULT_LIMIT)
    cursor = Text(longest=500, load_default=absent)


class WhereQuerySchema(PageQuerySchema, PlaceQuerySchema, WhichQuerySchema):
    """Where and which, a page of it; loads as `question` and what shapes the answer."""

    @post_load
    def as_question(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The question apart from what shapes its answer."""
        question = Question(
            charge=charge_of(given), sort=given.get("sort", Sort.DISTANCE), **where_of(given), **which_of(given)
        )
        named = ("limit", "cursor", "since", "include", "members", "zoom")
        shape = {name: given[name] for name in named if name in given}
        return shape | {"question": question}


class SearchQuerySchema(WhereQuerySchema, StationQuerySchema, PriceQuerySchema):
    """A search, the charge that is meant to be made, and the shape of the answer."""

    sort = fields.Enum(
        Sort,
        by_value=fields.String,
        metadata={"description": "Default distance; to name it needs a point or a place and a radius"},
    )

    @validates_schema
    def can_be_sorted(self, given: Mapping[str, Any], **_: Any) -> None:
        """Prices cannot be compared without a charge, nor distances without a point."""
        sort = given.get("sort")
        if sort is Sort.PRICE and not any(given[name] is not None for name in CHARGE):
            raise ValidationError(f"sort=price needs one of {', '.join(CHARGE)}.", "sort")
        if sort is Sort.DISTANCE and "lat" not in given and not is_around(given):
            raise ValidationError("sort=distance needs lat and lon, or a place and a radius.", "sort")


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
