"""Routes of statuses over time: the intake of reports, their log, and how reliably a station works."""

from fractions import Fraction
from typing import Any

import orjson
from flask import Response

from accounts.domain.plans import Family
from accounts.guards import client_may, operator_only
from finder.catalogue import StationCatalogue
from finder.domain.reliability import Reliability
from finder.domain.status import Status
from finder.live_status import LiveStatus
from finder.query_schemas import StatusLogQuerySchema
from finder.said import Said
from finder.seen_stations import listed_for
from finder.status_history import StationReliability, StatusHistory
from finder.status_schemas import OutcomeListSchema, ReliabilitySchema, ReportBatchSchema, StatusLogSchema
from finder.viewers import viewer
from kernel.api import NEXT_PAGE, Resource, link_to_next
from kernel.caching import FOR_MINUTES, FOR_SECONDS
from kernel.idempotency import idempotent
from kernel.paging import envelope
from kernel.services import service

statuses = Resource("statuses", __name__, description="Report what ports are, and see what they were")

_REPORTS = {
    "reports": [
        {
            "station_id": "1:41613",
            "port_number": 1,
            "technical_status": "SuspendedEV",
            "reported_at": "2026-02-13T14:08:36Z",
        },
        {
            "station_id": "1:41613",
            "port_number": 2,
            "technical_status": "Faulted",
            "error_code": "GroundFailure",
            "reported_at": "2026-02-13T14:08:36Z",
            "sequence": 7,
        },
    ]
}


@statuses.route("/v1/status-reports", methods=["POST"])
@operator_only
@idempotent
@statuses.body(ReportBatchSchema, example=_REPORTS)
@statuses.response(200, OutcomeListSchema)
def report_statuses(batch: dict[str, Any]) -> Response:
    """Take reports of what ports are

    In the words of OCPP 1.6, OCPP 2.0.1, OCPI 2.2.1, the guide or a back office; case, spaces, hyphens and underscores
    do not matter, and no word means two things, so the vocabulary need not be named. Any other word counts as
    `unknown` and is kept. Newest by (reported_at, sequence) wins, whatever the order of arrival; of two reports of one
    moment the more cautious one. A time more than 120 s ahead of ours counts as the time of arrival, and the outcome
    says `clamped`. Durable when answered.
    """
    said = [Said(**report) for report in batch["reports"]]
    verdicts = service(LiveStatus).take(said)
    rows = [
        {
            "station_id": report.station_id,
            "port_number": report.port_number,
            "outcome": verdict.outcome,
            "clamped": verdict.clamped,
        }
        for report, verdict in zip(said, verdicts, strict=True)
    ]
    return Response(orjson.dumps(envelope(rows, None, len(rows))), mimetype="application/json")


@statuses.route("/v1/stations/<station_id>/status-log", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@statuses.query(StatusLogQuerySchema)
@statuses.response(200, StatusLogSchema, headers=NEXT_PAGE)
def get_status_log(asked: dict[str, Any], station_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The reports of a station as received, newest first

    Kept for 14 days, of demo stations for one day.
    """
    pk = listed_for(viewer(), station_id, service(StationCatalogue)).pk
    rows, cursor = service(StatusHistory).log_of(
        pk, port_number=asked["port"], limit=asked["limit"], cursor=asked["cursor"]
    )
    return envelope(rows, cursor, None), {"Cache-Control": FOR_SECONDS, **link_to_next(cursor)}


@statuses.route("/v1/stations/<station_id>/reliability", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@statuses.response(200, ReliabilitySchema)
def get_reliability(station_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """How reliably a station works

    Shares of the observed time of the last 30 and 90 days, per port and in all, by the rule of the UK Public Charge
    Point Regulations 2023: available, in use and reserved is working, out of service is failing, what is unknown is
    left out. A port that is silent for longer than its network's `unreachable_after_s` counts as unreachable.
    """
    found = service(StatusHistory).reliability_of(listed_for(viewer(), station_id, service(StationCatalogue)))
    body = {"station_id": station_id, "periods": [_period(one) for one in found]}
    return body, {"Cache-Control": FOR_MINUTES}


def _period(of: StationReliability) -> dict[str, Any]:
    return {
        "days": of.days,
        "start": of.start,
        "end": of.end,
        "station": _figures(of.station),
        "ports": [{"port_number": number, **_figures(one)} for number, one in of.ports],
    }


def _figures(of: Reliability) -> dict[str, Any]:
    shares = of.shares or {}
    return {
        "working": _share(of.working),
        "available": _share(shares.get(Status.AVAILABLE)),
        "in_use": _share(shares.get(Status.IN_USE)),
        "out_of_service": _share(shares.get(Status.OUT_OF_SERVICE)),
        "unreachable": _share(shares.get(Status.UNREACHABLE)),
        "hours_observed": round(of.observed.total_seconds() / 3600, 2),
        "reports": of.reports,
    }


def _share(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share), 6)
