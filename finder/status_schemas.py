"""Shapes of status reports, their outcomes, the log and the reliability of a station."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from finder.said import Outcome
from finder.schemas import PageSchema
from kernel.fields import Moment, Text, Whole

LONGEST_WORD, LONGEST_CARD = 60, 40
MOST_PORT = 32_767
MOST_SEQUENCE = 2**53 - 1
_PLAIN_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.([0-9]{3}|[0-9]{6}))?(Z|\+00:00)")
_MEMBERS = frozenset(("station_id", "port_number", "technical_status", "reported_at", "sequence", "error_code", "card"))


class LoggedReportSchema(Schema):
    """A report as it was received."""

    port_number = fields.Integer(required=True)
    technical_status = fields.String(required=True)
    raw_status = fields.String(required=True, metadata={"description": "The reporter's own word"})
    error_code = fields.String(required=True, allow_none=True)
    reported_at = Moment(required=True, metadata={"description": "The reporter's time, as it was said"})
    received_at = Moment(required=True)
    sequence = fields.Integer(required=True)
    clamped = fields.Boolean(
        required=True, metadata={"description": "Its clock ran ahead: the report counts for received_at"}
    )


class StatusLogSchema(PageSchema):
    """The newest reports of a station, newest first."""

    data = fields.List(fields.Nested(LoggedReportSchema), required=True)


class ReportSchema(Schema):
    """One report of what a port is; `technical_status` in the words of OCPP, OCPI or a back office."""

    station_id = Text(required=True, longest=LONGEST_WORD)
    port_number = Whole(least=1, most=MOST_PORT, required=True)
    technical_status = Text(required=True, longest=LONGEST_WORD)
    reported_at = Moment(required=True)
    sequence = Whole(least=0, most=MOST_SEQUENCE, load_default=0)
    error_code = Text(longest=LONGEST_WORD, load_default=None, allow_none=True)
    card = Text(
        longest=LONGEST_CARD,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Serial number of the card that the charger read, if it knows: tells whose reservation"
            " begins. Not kept and not told on"
        },
    )


class ReportsField(fields.List[Any]):
    """Reports; those in plain form are read without the schema, which takes most of an intake's time otherwise."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            read = [as_plain_report(one) for one in value]
            if None not in read:
                return read
        return super()._deserialize(value, attr, data, **kwargs)


def as_plain_report(given: Any) -> dict[str, Any] | None:
    """What the schema makes of a report, where it is evidently right; None where the schema has to judge."""
    if type(given) is not dict or not given.keys() <= _MEMBERS or not _has_plain_values(given):
        return None
    try:
        reported_at = datetime.fromisoformat(given["reported_at"])
    except ValueError:
        return None
    return {"sequence": 0, "error_code": None, "card": None, **given, "reported_at": reported_at}


def _has_plain_values(given: Mapping[str, Any]) -> bool:
    port_number, sequence, said_at = given.get("port_number"), given.get("sequence", 0), given.get("reported_at")
    return (
        _is_plain(given.get("station_id"))
        and _is_plain(given.get("technical_status"))
        and (given.get("error_code") is None or _is_plain(given["error_code"]))
        and (given.get("card") is None or (_is_plain(given["card"]) and len(given["card"]) <= LONGEST_CARD))
        and (type(port_number) is int and 1 <= port_number <= MOST_PORT)
        and (type(sequence) is int and 0 <= sequence <= MOST_SEQUENCE)
        and (type(said_at) is str and _PLAIN_MOMENT.fullmatch(said_at) is not None)
    )


def _is_plain(text: Any) -> bool:
    return type(text) is str and 1 <= len(text) <= LONGEST_WORD and text.isascii() and text.isprintable()


class ReportBatchSchema(Schema):
    """Up to 1000 reports."""

    reports = ReportsField(fields.Nested(ReportSchema), required=True, validate=validate.Length(1, 1000))


class OutcomeSchema(Schema):
    """What became of one report."""

    station_id = fields.String(required=True)
    port_number = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf([outcome.value for outcome in Outcome]))
    clamped = fields.Boolean(
        required=True, metadata={"description": "Its clock ran more than 120 s ahead: it counts for the time it came"}
    )


class OutcomeListSchema(PageSchema):
    """An outcome per report, in their order."""

    data = fields.List(fields.Nested(OutcomeSchema), required=True)


_SHARE = {"description": "A share of the observed time; null where nothing was observed"}


class ReliabilityFiguresSchema(Schema):
    """Shares of the observed time; the four of them add up to 1."""

    working = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Available and in use, as a share of the time when that, or out of service, was known"
        },
    )
    available = fields.Float(required=True, allow_none=True, metadata=_SHARE)
    in_use = fields.Float(required=True, allow_none=True, metadata=_SHARE)
    out_of_service = fields.Float(required=True, allow_none=True, metadata=_SHARE)
    unreachable = fields.Float(required=True, allow_none=True, metadata=_SHARE)
    hours_observed = fields.Float(required=True, metadata={"description": "In all, over all ports of a station"})
    reports = fields.Integer(required=True, metadata={"description": "How many different reports that rests on"})


class PortReliabilitySchema(ReliabilityFiguresSchema):
    """The same of one port."""

    port_number = fields.Integer(required=True)


class ReliabilityPeriodSchema(Schema):
    """The last so many days."""

    days = fields.Integer(required=True)
    start = Moment(required=True)
    end = Moment(required=True)
    station = fields.Nested(ReliabilityFiguresSchema, required=True)
    ports = fields.List(fields.Nested(PortReliabilitySchema), required=True)


class ReliabilitySchema(Schema):
    """How reliably a station works."""

    station_id = fields.String(required=True)
    periods = fields.List(fields.Nested(ReliabilityPeriodSchema), required=True)
