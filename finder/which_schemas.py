"""Shapes of the query parameters that say which stations: whose, what equipment, and what they are now or then."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from finder.domain.availability import Wish
from finder.domain.connectors import STANDARDS, standard
from finder.domain.station import Access, Level, Mode
from finder.domain.status import Status
from kernel.fields import Flag, Moment, Number, Text, WholeParameter, absent
from kernel.window import Window

_MOST_VALUES = 50
_LISTS = {
    "network": "networks",
    "organization": "organizations",
    "manufacturer": "manufacturers",
    "model": "models",
    "serial_number": "serial_numbers",
    "connector": "connectors",
    "level": "levels",
    "mode": "modes",
    "voltage_v": "voltages_v",
    "current_a": "currents_a",
    "access": "access",
    "demo_serial_number": "demonstrations",
}
_AS_GIVEN = ("name", "min_power_kw", "max_power_kw", "reservable", "open_at")
_SAME_PORT = "Of one port that has all of the equipment asked for"


class ConnectorField(fields.String):
    """A connector standard, by any of its usual names."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        named = standard(str(value))
        if named is None:
            raise ValidationError(f"Not a connector; known are {', '.join(STANDARDS)}.")
        return named


def _some(field: fields.Field[Any], description: str | None = None) -> fields.List[Any]:
    """Any of several values."""
    metadata = {"description": description} if description else None
    return fields.List(field, load_default=list, validate=validate.Length(max=_MOST_VALUES), metadata=metadata)


def _one_of(*words: str) -> fields.String:
    return fields.String(validate=validate.OneOf(words))


class WhichQuerySchema(Schema):
    """Filters: one of its values within each that is repeated, and all filters together (guide 6.1.2)."""

    name = Text(metadata={"description": "Organization or station name; * and ? are wildcards"})
    network = _some(WholeParameter(least=0, most=2_147_483_647))
    organization = _some(Text(), "Id or name")
    manufacturer = _some(Text())
    model = _some(Text())
    serial_number = _some(Text(longest=100))
    connector = _some(ConnectorField(), _SAME_PORT)
    connector_match = fields.String(
        validate=validate.OneOf(["any", "all"]), metadata={"description": "With `connector`; default any"}
    )
    level = _some(_one_of(*Level), _SAME_PORT)
    mode = _some(_one_of(*Mode), _SAME_PORT)
    voltage_v = _some(Number(least=0, most=100_000), f"Nominal. {_SAME_PORT}")
    current_a = _some(Number(least=0, most=100_000), _SAME_PORT)
    min_power_kw = Number(least=0, most=10_000, metadata={"description": f"Inclusive. {_SAME_PORT}"})
    max_power_kw = Number(least=0, most=10_000, metadata={"description": f"Inclusive. {_SAME_PORT}"})
    reservable = Flag()
    demo_serial_number = _some(
        Text(longest=100), "Demonstration units with these serial numbers, and nothing else; elsewhere they are hidden"
    )
    access = _some(_one_of(*Access))
    open_at = Moment(metadata={"description": "Known to be open at this moment; unknown opening hours do not fit"})
    available = Flag(metadata={"description": "Whether one can charge there now, with the equipment asked for"})
    status = _some(_one_of(*Status), f"One of these now; silence counts as UNREACHABLE. {_SAME_PORT}")
    max_age_s = WholeParameter(
        least=0, most=31_536_000, load_default=absent, metadata={"description": f"Heard of since. {_SAME_PORT}"}
    )
    free_from = Moment(
        load_default=absent,
        metadata={"description": "With `free_until`: some port can be reserved for exactly that time (guide 7.2)"},
    )
    free_until = Moment(load_default=absent, metadata={"description": "Whole minutes after `free_from`"})

    @validates_schema
    def can_be_fulfilled(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse what no port can be, and what says nothing."""
        if given.get("min_power_kw", 0) > given.get("max_power_kw", 10_000):
            raise ValidationError("Must not be less than min_power_kw.", "max_power_kw")
        if "connector_match" in given and not given["connector"]:
            raise ValidationError("connector_match needs connector.", "connector_match")

    @validates_schema
    def one_window(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse half a window, a reversed one, and one that no reservation can fill: they last whole minutes."""
        start, end = given.get("free_from"), given.get("free_until")
        if (start is None) != (end is None):
            raise ValidationError("free_from and free_until go together.", "free_from" if end else "free_until")
        if start is None or end is None:
            return
        if end <= start:
            raise ValidationError("Must be after free_from.", "free_until")
        if start.microsecond:
            raise ValidationError("Must be a whole second.", "free_from")
        if (end - start) % timedelta(minutes=1):
            raise ValidationError("Must be whole minutes after free_from.", "free_until")


def which_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a question asks of stations and ports; nothing of what its schema leaves out."""
    start, end = given.get("free_from"), given.get("free_until")
    statuses = tuple(sorted(map(Status, set(given.get("status", ())))))
    return {
        **{name: given.get(name) for name in _AS_GIVEN},
        **{asked: tuple(given.get(name, ())) for name, asked in _LISTS.items()},
        "all_connectors": given.get("connector_match") == "all",
        "wish": Wish(given.get("available"), statuses, given.get("max_age_s")),
        "free_in": None if start is None or end is None else Window(start, end),
    }
