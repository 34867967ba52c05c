"""Shapes of status reports, their outcomes, the log and the reliability of a station."""

from marshmallow import Schema, fields, validate

from finder.intake import Outcome
from finder.schemas import PageSchema
from kernel.fields import Moment, Text, Whole


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

    station_id = Text(required=True, longest=60)
    port_number = Whole(least=1, most=32_767, required=True)
    technical_status = Text(required=True, longest=60)
    reported_at = Moment(required=True)
    sequence = Whole(least=0, most=2**53 - 1, load_default=0)
    error_code = Text(longest=60, load_default=None, allow_none=True)


class ReportBatchSchema(Schema):
    """Up to 1000 reports."""

    reports = fields.List(fields.Nested(ReportSchema), required=True, validate=validate.Length(1, 1000))


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
