"""Field types of the API: text without traps, moments in UTC, exact decimals as strings."""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError, fields, validate

from kernel.money import as_text

_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", re.I
)


def _written_as(value: Any, form: re.Pattern[str], data: Mapping[str, Any] | None) -> bool:
    """Whether a value is text of this form outside of a body; in a JSON body a number is not written as text."""
    return isinstance(value, str) and not isinstance(data, dict) and form.fullmatch(value) is not None


class Text(fields.String):
    """A string with no NUL, other control character or lone surrogate in it, of at most `longest` characters."""

    def __init__(self, *, longest: int = 200, shortest: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.insert(0, validate.Length(min=shortest, max=longest))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not text.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
            raise ValidationError("Control characters and lone surrogates are not allowed.")
        return text


class Number(fields.Float):
    """A finite number between `least` and `most`, inclusive; in a body it must be a JSON number."""

    def __init__(self, *, least: float, most: float, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if type(value) not in (int, float) and not _written_as(value, _NUMBER, data):
            raise ValidationError("Not a valid number.")
        number: float = super()._deserialize(value, attr, data, **kwargs)
        if not math.isfinite(number):
            raise ValidationError("Not a finite number.")
        return number


class Whole(fields.Integer):
    """A whole JSON number between `least` and `most`, inclusive."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Not a valid integer.")
        return value


class WholeParameter(Whole):
    """A whole number between `least` and `most`, inclusive, as digits in a query; in a body a JSON number."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if isinstance(data, dict):
            return super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(value, str) or not _WHOLE.fullmatch(value):
            raise ValidationError("Not a valid integer.")
        return super()._deserialize(int(value), attr, data, **kwargs)


class Flag(fields.Boolean):
    """`true` or `false`, and nothing that only looks like it."""

    truthy = {"true", True}  # noqa: RUF012 - marshmallow's way of setting it
    falsy = {"false", False}  # noqa: RUF012


class Moment(fields.AwareDateTime):
    """An instant: RFC 3339 with an offset on the way in, UTC with `Z` on the way out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if isinstance(value, str) and not isinstance(data, dict):
            value = value.replace(" ", "+")  # what a + in a query turns into where it was not encoded
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise ValidationError("Not a valid RFC 3339 date-time with an offset.")
        try:
            moment: datetime = super()._deserialize(value.upper(), attr, data, **kwargs)
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("Out of range.") from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else moment_text(value)


class DecimalText(fields.Decimal):
    """An exact decimal number, as a string in JSON."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(as_string=True, allow_nan=False, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return as_text(value) if isinstance(value, Decimal) else value


def absent() -> None:
    """As `load_default`: a parameter that may be left out, which is not the same as one that may be null."""


@lru_cache(maxsize=32_768)  # a port's times are told many times before they change
def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`; whole seconds where there is no fraction."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat()[: -len("+00:00")] + "Z"
