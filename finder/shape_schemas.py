"""Shapes of the query parameters that say what of a station is answered."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from finder.answers import FIELDS, PART_OF, PARTS
from kernel.fields import absent


class WordsField(fields.String):
    """Some of a list of words, separated by commas."""

    def __init__(self, words: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        given = tuple(part.strip() for part in str(value).split(","))
        if not given or not set(given) <= set(self.words):
            raise ValidationError(f"Some of: {', '.join(self.words)}, separated by commas.")
        return given


class StationQuerySchema(Schema):
    """What of a station to answer."""

    include = WordsField(
        PARTS,
        load_default=PARTS,
        metadata={"description": "Some of these words, separated by commas", "default": ",".join(PARTS)},
    )
    members = WordsField(
        FIELDS,
        data_key="fields",
        load_default=absent,
        metadata={
            "description": "Members of a station, separated by commas; no others but the id are told. Default: all",
            "example": "name,location,availability",
        },
    )

    @validates_schema(pass_original=True)
    def fields_are_included(self, given: Mapping[str, Any], original: Mapping[str, Any], **_: Any) -> None:
        """Refuse members of a part that is left out."""
        for name in given["members"] or ():
            part = PART_OF.get(name)
            if part and "include" in original and part not in given["include"]:
                raise ValidationError(f"{name} needs include={part}.", "fields")
